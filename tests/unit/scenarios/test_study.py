"""A study file: its arms are checked markets that share who watches and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from entities.errors import InputError
from scenarios.loader import MARKETS, load
from scenarios.study import load_study, names

ONE = "arms: {as it is: {}, floor: {market.floors.cpm: 12}}"


def written(folder: Path, *lines: str, base: str = "smoke") -> str:
    file = folder / "own.yml"
    file.write_text("\n".join(["name: own", f"base: {base}", *lines]), encoding="utf-8")
    return str(file)


def test_arms_are_the_base_with_their_terms_and_those_of_all(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, "set: {market.days: 1}", ONE))
    markets = {arm.name: arm.loaded.scenario.market for arm in study.arms}
    assert [*markets] == ["as it is", "floor"]
    assert {market.days for market in markets.values()} == {1}
    base, floor = (market.floors.cpm for market in markets.values())
    assert (floor, base) == (12, load("smoke").scenario.market.floors.cpm)
    assert study.first_seed == 7
    assert study.study.held_against == "as it is"


def test_every_combination_of_a_grid_is_an_arm(tmp_path: Path) -> None:
    grid = "grid: {market.floors.cpm: [4, 8], 'line_item[TV drama].pacing': {even: even, P: {kind: pid, k_p: 0.3}}}"
    study = load_study(written(tmp_path, grid))
    assert [arm.name for arm in study.arms] == ["4, even", "4, P", "8, even", "8, P"]


def test_a_base_of_ones_own_lies_beside_the_study(tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("extends: smoke\nname: mine\nseed: 11\n", encoding="utf-8")
    assert load_study(written(tmp_path, ONE, base="mine.yml")).first_seed == 11


@pytest.mark.parametrize("name", names())
def test_ours_load(name: str) -> None:
    assert load_study(name).study.name == name


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["arms: {one: {}, two: {seed: 3}}"], "own.yml:3: arms.two.seed: arms share their seed"),
        (["arms: {one: {}, two: {market.days: 3}}"], "arms share their market.days"),
        (["arms: {one: {}, two: {market.population.viewers: 3}}"], "arms share their market.population"),
        (["arms: {one: {}, two: {market: {days: 3}}}"], "arms share their market.days"),
        (
            ["arms: {one: {}, two: {market.floors.cpm: 5.00}}", "set: {market.floors.cpm: 5}"],
            "two arms must differ",
        ),
        ([ONE, "precision: abc"], '"abc" is not a precision; must be above 0, such as 0.5% or 0.005'),
        ([ONE, "precision: 0%"], '"0%" is not a precision'),
        (["arms: {one: {}, two: {}}"], "'two' is the market of 'one'; two arms must differ"),
        (
            ["arms: {one: {}, two: {'line_item[TV drama].pacing': traffic_shaped}}"],
            "'two' is the market of 'one'; two arms must differ",
        ),
        (
            [
                "arms:",
                "  one: {'line_item[TV drama].pacing': pid}",
                "  two: {'line_item[TV drama].pacing.kind': pid}",
            ],
            "'two' is the market of 'one'; two arms must differ",
        ),
        (["arms: {one: {}}"], "compares two arms or more"),
        (
            ["arms: {one: {}, two: {market.floors.cpmm: 1}}"],
            "arm 'two' market.floors.cpmm: no such parameter",
        ),
        (["arms: {one: {}, two: {market.floors.cpm: -1}}"], "market.floors.cpm: -1 is not allowed"),
        (["arms: {one: {}, two: {seed=3: 1}}"], "is not a path"),
        ([], "give a study either arms or a grid"),
        ([ONE, "grid: {market.floors.cpm: [4, 8]}"], "give a study either arms or a grid"),
        (["grid: {market.floors.cpm: []}"], "has no values"),
        (["grid: {market.floors.cpm: [4, 4]}"], "two arms are called '4'"),
        ([f"grid: {{market.floors.cpm: {list(range(1, 1002))}}}"], "makes 1,001 arms"),
        ([ONE, "baseline: floors"], "no arm 'floors'; did you mean floor?"),
        ([ONE, "replication: 3"], "did you mean replications?"),
        ([ONE, "replications: 0"], "must be at least 1"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(InputError) as refused:
        load_study(written(tmp_path, *lines))
    assert message in str(refused.value)
    assert "own.yml" in str(refused.value)


def test_a_base_or_a_study_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"own.yml:2: base: no scenario 'smok'; did you mean smoke\?"):
        load_study(written(tmp_path, ONE, base="smok"))
    with pytest.raises(InputError, match=r"smoke: is a scenario; a study names one as its `base`"):
        load_study("smoke")
    with pytest.raises(InputError, match=r"smoke.yml: is a scenario; a study names one as its `base`"):
        load_study(str(MARKETS / "smoke.yml"))
    with pytest.raises(InputError, match=r"no study 'policy'; did you mean policies\?"):
        load_study("policy")
