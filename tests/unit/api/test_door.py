"""`import paceline`: its names, its types, and what a program can do with a run and a scenario."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import paceline
from paceline import Bidders, Market, Progress, Run, Scenario
from scenarios import loader
from scenarios.loader import MARKETS, names

DUEL = {
    "name": "duel",
    "market": {"days": 1, "population": {"viewers": 500}},
    "bidders": [{"name": "Bidder", "count": 2, "lifetime_budget": 5, "max_cpm": 20}],
}


@pytest.fixture(scope="module")
def run() -> Run:
    return paceline.simulate(DUEL, set={"seed": 7})


def test_all_is_what_is_there_in_order() -> None:
    assert paceline.__all__ == sorted(paceline.__all__)
    assert set(dir(paceline)) >= set(paceline.__all__)
    for name in paceline.__all__:
        assert getattr(paceline, name) is not None
    with pytest.raises(AttributeError, match="module 'paceline' has no attribute 'simulated'"):
        getattr(paceline, "simulated")  # noqa: B009 - mypy would refuse it


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(paceline.__file__).read_text(encoding="utf-8"))
    checking = next(node for node in tree.body if isinstance(node, ast.If))
    seen = [alias.name for node in checking.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(seen) == paceline.__all__


@pytest.mark.parametrize("name", paceline.__all__)
def test_every_name_is_documented_and_typed(name: str) -> None:
    found = getattr(paceline, name)
    if isinstance(found, str):
        return
    assert inspect.getdoc(found)
    public = (
        vars(found).values()
        if inspect.isclass(found) and found.__module__.startswith("paceline")
        else [found]
    )
    for function in filter(inspect.isfunction, public):
        signature = inspect.signature(function)
        assert signature.return_annotation is not inspect.Signature.empty, function
        for parameter in signature.parameters.values():
            assert parameter.name == "self" or parameter.annotation is not inspect.Parameter.empty, function


def test_a_run_is_the_same_however_its_scenario_was_given(run: Run) -> None:
    typed = Scenario(
        name="duel",
        seed=7,
        market=Market.model_validate(DUEL["market"]),
        bidders=tuple(Bidders.model_validate(bidders) for bidders in DUEL["bidders"]),
    )
    for same in (typed, paceline.load(DUEL, set={"seed": 7})):
        assert paceline.simulate(same, workers=1).digest == run.digest
    assert paceline.simulate(typed, set={"seed": 8}).digest != run.digest


@pytest.mark.parametrize("name", names(MARKETS))
def test_a_scenario_of_ours_survives_python(name: str) -> None:
    scenario = paceline.load(name)
    assert loader.built(scenario).scenario == scenario
    assert loader.built(scenario, ["seed=9"]).scenario == paceline.load(name, set={"seed": 9})


def test_a_run_is_saved_and_opened_again(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "ads.db"
    saved = run.save(path)
    played = paceline.simulate(DUEL, set={"seed": 7}, db=path, note="again", tags=["two"])
    database = paceline.open(path)
    assert [one.run_id for one in database.runs] == [played.run_id, saved.run_id]
    assert {one.digest for one in database.runs} == {run.digest}
    first = database.run(saved.run_id)
    assert first.scenario == run.scenario
    assert first.summary.drop("line_item_id").equals(run.summary.drop("line_item_id"))
    assert database.run().run_id == played.run_id
    assert paceline.simulate(DUEL, set={"seed": 7}, db=database).digest == run.digest


def test_who_watches_hears_of_every_hour() -> None:
    heard: list[Progress] = []
    paceline.simulate(DUEL, progress=heard.append)
    assert [one.hour for one in heard] == list(range(1, 25))


def test_what_is_probably_not_intended_is_a_warning_of_the_caller_s_line() -> None:
    narrow = {**DUEL, "bidders": [{"name": "Short", "creatives": [], "max_cpm": 20, "pacing": "pid"}]}
    market = {"market.floors.cpm": 30}
    with pytest.warns(UserWarning, match="Short") as caught:
        paceline.simulate(narrow, set=market)
    assert {one.filename for one in caught} == {__file__}


@pytest.mark.parametrize(
    ("scenario", "changes", "message"),
    [
        ("smokee", {}, "no scenario 'smokee'; did you mean smoke?"),
        ({"name": "duel", "markt": {}}, {}, "scenario 'duel': markt: unknown key; did you mean market?"),
        ({"seed": 1}, {}, "scenario: name: is missing"),
        (DUEL, {"market.dayz": 2}, "--set market.dayz: no such parameter; did you mean market.days?"),
        (DUEL, {"market.days": 0}, "--set: market.days: 0 is not allowed; must be at least 1"),
        (Path("mine.yml"), {}, "mine.yml: no such file"),
        (
            {"name": "empty"},
            {},
            "scenario empty: nobody bids; give it examples, profiles or campaigns with an active line item",
        ),
    ],
)
def test_bad_input_is_one_line(scenario: object, changes: dict[str, object], message: str) -> None:
    with pytest.raises(paceline.InputError) as refused:
        paceline.simulate(scenario, set=changes)  # type: ignore[arg-type]
    assert str(refused.value) == message


def test_a_run_that_cannot_be_stored_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "none" / "ads.db"
    with pytest.raises(paceline.InputError, match="there is no folder"):
        paceline.simulate(DUEL, db=path)
    with pytest.raises(paceline.InputError, match="there is no database"):
        paceline.open(path)
    with pytest.raises(paceline.InputError, match="nobody bids"):
        paceline.simulate({"name": "empty"}, db=tmp_path / "ads.db")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(paceline.InputError, match="give it a db"):
        paceline.simulate(DUEL, events=tmp_path)
    with pytest.raises(paceline.InputError, match="workers: 0 is not allowed"):
        paceline.simulate(DUEL, workers=0)
