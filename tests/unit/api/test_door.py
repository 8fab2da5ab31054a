"""`import paceline`: its names, its types, and what a program can do with a run and a scenario."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import paceline
from paceline import Bidders, Market, Progress, Run, Scenario
from scenarios import loader
from scenarios.loader import MARKETS, names
from sim.pacing import PacingPolicy
from sim.pacing.pid import Pid

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
    with pytest.warns(paceline.PacelineWarning, match="Short") as caught:
        paceline.simulate(narrow, set=market)
    assert {one.filename for one in caught} == {__file__}


@pytest.mark.parametrize(
    ("scenario", "changes", "message"),
    [
        ("smokee", {}, "no scenario 'smokee'; did you mean smoke?"),
        ({"name": "duel", "markt": {}}, {}, "scenario 'duel': markt: unknown key; did you mean market?"),
        ({"seed": 1}, {}, "scenario: name: is missing"),
        (DUEL, {"market.dayz": 2}, "set market.dayz: no such parameter; did you mean market.days?"),
        (DUEL, {"market.days": 0}, "set: market.days: 0 is not allowed; must be at least 1"),
        (Path("mine.yml"), {}, "mine.yml: no such file"),
        (
            {"name": "empty"},
            {},
            "scenario empty: nobody bids; give it examples, profiles, campaigns or bidders with an active line item",
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


SELF: dict[str, object] = {"name": "self"}
SELF["market"] = SELF


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: paceline.load(3), "scenario: 3 is not allowed; must be the name of a scenario, a YAML file or a mapping"),
        (lambda: paceline.load(None), "scenario: None is not allowed; "),
        (lambda: paceline.load(SELF), "a mapping or list holds itself, or is nested too deep"),
        (lambda: paceline.load(DUEL, set={"market": SELF}), "a mapping or list holds itself"),
        (lambda: paceline.simulate(DUEL, set=["seed=7"]), "set: ['seed=7'] is not allowed; must be a mapping of dotted paths"),
        (lambda: paceline.simulate(DUEL, workers="2"), "workers: '2' is not allowed; must be a whole number from 1 to 256"),
        (lambda: paceline.simulate(DUEL, workers=1.5), "workers: 1.5 is not allowed; "),
        (lambda: paceline.simulate(DUEL, workers=0), "workers: 0 is not allowed; "),
        (lambda: paceline.simulate(DUEL, db=5), "db: 5 is not allowed; must be the file of a database, or a Database"),
        (lambda: paceline.simulate(DUEL, db="x.db", note=3), "note: 3 is not allowed; must be one line"),
        (lambda: paceline.simulate(DUEL, db="x.db", tags="abc"), "tags: 'abc' is not allowed; must be a list"),
        (lambda: paceline.simulate(DUEL, db="x.db", tags=["A b"]), "tags: ['A b'] is not allowed; must be a list"),
        (lambda: paceline.simulate(DUEL, progress=3), "progress: 3 is not allowed; must be a function"),
        (lambda: paceline.simulate(DUEL, events="events"), "events, note and tags are kept with a run"),
        (lambda: paceline.open(3), "db: 3 is not allowed; must be the file of a database"),
        (lambda: paceline.open("none.db"), "there is no database none.db; create it with: paceline init-db, or simulate into it"),
        (lambda: paceline.Scenario(name="x", market={"dayz": 1}), "Scenario: market.dayz: unknown key; did you mean days?"),
        (lambda: Market(days=0), "Market: days: 0 is not allowed; must be at least 1"),
        (lambda: Bidders(name="x", pacing="evn"), 'Bidders: pacing: "evn" is not allowed; must be one of adaptive, '),
        (lambda: paceline.load({"name": "x", "extends": "smok"}), "scenario 'x': extends: no scenario 'smok'; did you mean smoke?"),
        (lambda: paceline.load({"name": "x", "extends": "none.yml"}), "scenario 'x': extends: none.yml: no such file"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_an_input_error(
    call: Callable[[], object], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(paceline.InputError) as refused:
        call()
    assert str(refused.value).startswith(message)
    assert list(tmp_path.iterdir()) == []


def test_what_is_asked_of_a_run_is_checked_as_well(run: Run, tmp_path: Path) -> None:
    stored = run.save(tmp_path / "ads.db")
    database = paceline.open(tmp_path / "ads.db")
    for wrong, message in (
        (lambda: run.table("nope"), "name: 'nope' is not allowed; must be one of performance, "),
        (lambda: stored.table("advertisers"), "name: 'advertisers' is not allowed; "),
        (lambda: run.save(5), "database: 5 is not allowed; "),  # type: ignore[arg-type]
        (lambda: run.save(database), "is in this database already"),
        (lambda: run.save(tmp_path / "none" / "ads.db"), "there is no folder"),
        (lambda: database.run(3), "run_id: 3 is not allowed"),  # type: ignore[arg-type]
        (lambda: database.run("x"), f"there is no run 'x'; runs are {run.run_id}"),
        (lambda: paceline.open(tmp_path / "ads.db", events=tmp_path / "x"), "there is no such folder"),
        (lambda: paceline.reproduce(run), "must be a run of a database"),  # type: ignore[arg-type]
    ):
        with pytest.raises(paceline.InputError, match=re.escape(message)):
            wrong()


def test_events_are_read_from_the_folder_that_is_named(run: Run, tmp_path: Path) -> None:
    path, events = tmp_path / "ads.db", tmp_path / "events"
    run.save(path, events)
    paceline.simulate(DUEL, db=path)
    found = paceline.open(path, events=events).runs
    assert found[1].events.collect().height == run.events.collect().height
    with pytest.raises(paceline.InputError, match="no events of run"):
        _ = found[0].events


def test_a_stored_run_is_reproduced_with_its_events(run: Run, tmp_path: Path) -> None:
    run.save(tmp_path / "ads.db")
    stored = paceline.open(tmp_path / "ads.db").run()
    heard: list[Progress] = []
    again = paceline.reproduce(stored, workers=2, progress=heard.append)
    assert (again.run_id, again.digest, len(heard)) == (stored.run_id, run.digest, 24)
    assert again.events.collect().height == run.events.collect().height


def test_an_audit_is_shown_in_a_line(run: Run) -> None:
    assert re.fullmatch(rf"<Audit of {run.run_id}: all \d+ laws checked hold>", repr(run.audit()))


def test_a_policy_may_be_given_as_its_settings() -> None:
    for pid in (Pid(), Pid(k_i=0.3)):
        given = Bidders(name="Bidder", pacing=pid)  # type: ignore[arg-type]
        assert PacingPolicy.adapter().validate_python(given.pacing) == pid


def test_a_mapping_extends_one_of_ours_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.yml").write_text("name: base\nextends: smoke\nmarket: {days: 3}\n")
    for base, days in (("smoke", 2), ("base.yml", 3)):
        found = paceline.load({"name": "mine", "extends": base, "seed": 3})
        assert (found.name, found.seed, found.market.days, len(found.campaigns)) == ("mine", 3, days, 2)
