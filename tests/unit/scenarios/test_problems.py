"""What is wrong, in one line each: the place, the value, what is allowed and the nearest name."""

import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entities.errors import InputError
from entities.messages import nearest
from scenarios.layers import resolve
from scenarios.overrides import override
from scenarios.problems import LOOKED_AT, MOST, ScenarioError, validated
from tests.unit.scenarios.small_model import Scenario


def refusal(folder: Path, text: str, *settings: str) -> list[str]:
    path = folder / "market.yml"
    path.write_text(text)
    layered = override(resolve(path, lambda name: folder / name), settings, Scenario)
    with pytest.raises(InputError) as refused:
        validated(Scenario, layered)
    return str(refused.value).replace(f"{folder}/", "").splitlines()


def test_what_is_right_is_returned(tmp_path: Path) -> None:
    path = tmp_path / "market.yml"
    path.write_text("name: x\nmarket: {pacing: pid, window: [6, 12], population: {viewers: 1e6}}\n")
    found = validated(Scenario, resolve(path, Path))
    assert (found.market.pacing.kind, found.market.population.viewers) == ("pid", 1_000_000)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("population: {viewers: -5}", "population.viewers: -5 is not allowed; must be greater than 0"),
        ("population: {viewers: 1.5}", "population.viewers: 1.5 is not allowed; must be a whole number"),
        ("population: {viewers: }", "population.viewers: nothing is not allowed; must be a whole number"),
        ("population: {viewers: [1]}", "population.viewers: a list of 1 is not allowed; must be a whole number"),
        ("population: {viewrs: 5}", "population.viewrs: unknown key; did you mean viewers?"),
        ("population: {zz: 5}", "population.zz: unknown key; known here: viewers, shape, regions"),
        ("population: 5", "population: 5 is not allowed; must be `key: value` lines (viewers, shape, regions)"),
        ("population: {shape: steep}", 'population.shape: "steep" is not allowed; must be a number or \'flat\''),
        ("population: {regions: US}", 'population.regions: "US" is not allowed; must be a list'),
        ("caps: [{count: 0, unit: day}]", "caps.0.count: 0 is not allowed; must be at least 1"),
        ("caps: [{count: 300, unit: day}]", "caps.0.count: 300 is not allowed; must be at most 255"),
        ("caps: [{count: 3}]", "caps.0.unit: is missing"),
        ("caps: [{count: 3, unit: Day}]", 'caps.0.unit: "Day" is not allowed; must be one of day, week; did you mean day?'),
        ("cap: {count: 3, unit: day, units: 1}", "cap.units: unknown key; did you mean unit?"),
        ("by_unit: {dya: 1}", 'by_unit.dya: "dya" is not allowed; must be one of day, week; did you mean day?'),
        ("pacing: {kind: pidd}", 'pacing.kind: "pidd" is not allowed; must be one of asap, pid; did you mean pid?'),
        ("pacing: pidd", 'pacing: "pidd" is not allowed; must be one of asap, pid; did you mean pid?'),
        ("pacing: {gain: 3}", "pacing: is missing its kind: one of asap, pid"),
        ("pacing: {kind: pid, gain: -1}", "pacing.gain: -1 is not allowed; must be greater than 0"),
        ("pacing: {kind: asap, gain: 1}", "pacing.gain: unknown key; known here: kind"),
        ("start: tomorrow", 'start: "tomorrow" is not allowed; must be a date, such as 2026-11-02'),
        ("window: [1]", "window: a list of 1 is not allowed; must have 2 items"),
        ("start: 2026-12-24", "end 2026-11-03 is before start 2026-12-24"),
    ],
)  # fmt: skip
def test_a_problem_is_told_in_one_line(tmp_path: Path, line: str, message: str) -> None:
    place = "market: " if message.startswith("end ") else "market."
    number = 2 if message.startswith("end ") else 3
    assert refusal(tmp_path, f"name: x\nmarket:\n  {line}\n") == [f"market.yml:{number}: {place}{message}"]


def test_the_first_problems_are_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    lines = refusal(tmp_path, "a: 1\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\nmarket: {window: [x, y]}\n")
    assert lines[0] == "market.yml:1: name: is missing"
    assert lines[1] == "market.yml:1: a: unknown key; known here: name, seed, market, inner"
    assert len(lines) == MOST + 1
    assert lines[-1] == "and 4 more"


def test_the_file_or_option_that_says_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "base.yml").write_text("name: x\nmarket:\n  window: [a, 2]\n  population: {viewers: 5}\n")
    assert refusal(tmp_path, "extends: base.yml\nseed: 1\n", "market.population.viewers=0") == [
        "--set: market.population.viewers: 0 is not allowed; must be greater than 0",
        'base.yml:3: market.window.0: "a" is not allowed; must be a whole number',
    ]
    (tmp_path / "base.yml").write_text("name: x\n")
    assert refusal(tmp_path, "extends: base.yml\n", "market.pacing.kind=pod") == [
        '--set: market.pacing.kind: "pod" is not allowed; must be one of asap, pid; did you mean pid?'
    ]


words = st.sampled_from(
    [
        "name",
        "market",
        "seed",
        "caps",
        "cap",
        "count",
        "unit",
        "pacing",
        "kind",
        "pid",
        "asap",
        "inner",
        "0",
        "gain",
    ]
)
leaves = words | st.integers(-1, 300) | st.none() | st.booleans() | st.floats(-1, 1) | st.just(2**70)
trees = st.dictionaries(
    words,
    st.recursive(leaves, lambda deeper: st.dictionaries(words, deeper, max_size=4) | st.lists(deeper, max_size=3)),
    min_size=1,
    max_size=5,
)  # fmt: skip


@given(trees)
def test_whatever_is_wrong_is_told_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any]
) -> None:
    import json

    path = tmp_path_factory.getbasetemp() / "market.yml"
    path.write_text(json.dumps(data))
    try:
        validated(Scenario, resolve(path, Path))
    except InputError as refused:
        lines = str(refused).splitlines()
        assert 1 <= len(lines) <= MOST + 1
        assert all(line.startswith((f"{path}:1: ", "and ")) for line in lines)


def test_it_comes_whole_from_another_process() -> None:
    error = ScenarioError(["seed: is missing", "name: is missing"])
    assert str(pickle.loads(pickle.dumps(error))) == str(error) == "seed: is missing\nname: is missing"


def test_what_was_meant_is_asked_of_the_first_problems_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def counted(word: str, words: Iterable[str]) -> str | None:
        asked.append(word)
        return nearest(word, words)

    monkeypatch.setattr("scenarios.problems.nearest", counted)
    keys = "".join(f"key_{number}: 1\n" for number in range(3_000))
    lines = refusal(tmp_path, f"name: x\n{keys}")
    assert lines[0] == "market.yml:2: key_0: unknown key; known here: name, seed, market, inner"
    assert lines[-1] == f"and {3_000 - MOST:,} more"
    assert len(asked) <= 2 * LOOKED_AT
