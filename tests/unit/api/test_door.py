"""`import paceline`: its names, its types, and what a program can do with a run and a scenario."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import polars as pl
import pytest

import paceline
from paceline import Bidders, Market, Progress, Run, Scenario
from scenarios import loader
from scenarios.loader import MARKETS, names
from sim.pacing import PacingPolicy
from sim.pacing.pid import Pid
from tests.copies import ROOT

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
        (lambda: paceline.simulate(DUEL, events_of="sample:1%"), "events_of: says which events a folder keeps; give events"),
        (lambda: paceline.simulate(DUEL, db="x.db", events_of="lost:1%"), "events_of: says which events a folder keeps; give events"),
        (lambda: paceline.simulate(DUEL, db="x.db", events="x", events_of="1%"), "events_of: '1%' is not allowed; must be all, or sample:SHARE"),
        (lambda: paceline.open(3), "db: 3 is not allowed; must be the file of a database"),
        (lambda: paceline.open("none.db"), "there is no database none.db; create it with: paceline init-db, or simulate into it"),
        (lambda: paceline.Scenario(name="x", market={"dayz": 1}), "Scenario: market.dayz: unknown key; did you mean days?"),
        (lambda: Market(days=0), "Market: days: 0 is not allowed; must be at least 1"),
        (lambda: Bidders(name="x", pacing="evn"), 'Bidders: pacing: "evn" is not allowed; must be one of adaptive, '),
        (lambda: Scenario.model_validate({"name": "A B"}), 'Scenario: name: "A B" is not allowed; must be at most 64 lowercase letters'),
        (lambda: setattr(paceline.load("smoke"), "seed", 8), 'Scenario: seed: is frozen; load it with other values, as in load("smoke", set={"seed": 8})'),
        (lambda: setattr(paceline.load("smoke").market, "days", 8), "Market: days: is frozen; "),
        (lambda: paceline.load({**DUEL, "bidders": (each for each in ())}), "scenario: bidders: <generator object"),
        (lambda: paceline.load({**DUEL, "market": {"days": Lock()}}), "scenario: market.days: <unlocked _thread.lock object"),
        (lambda: paceline.load({**DUEL, "seed": ast}), "scenario: seed: <module 'ast'"),
        (lambda: paceline.load({**DUEL, "market": Market}), "scenario: market: <class 'sim.market.market.Market'> is not allowed; must be text, "),
        (lambda: paceline.load(DUEL, set={"description": Lock()}), "set description: <unlocked _thread.lock object"),
        (lambda: paceline.load(DUEL, set={"bidders.Bidder.max_cpm": 9}), "set bidders.Bidder.max_cpm: no such parameter; did you mean bidder[Bidder].max_cpm?"),
        (lambda: paceline.load(DUEL, set={"line_item[Bidder].max_cpm": 9}), "set: overrides.line_item[Bidder]: no line item of the scenario goes by that name; did you mean bidder[Bidder]?"),
        (lambda: paceline.load("smoke", set={"bidder[TV drama].max_cpm": 9}), "set: overrides.bidder[TV drama]: no bidder of the scenario goes by that name; did you mean line_item[TV drama]?"),
        (lambda: paceline.load(DUEL, set={"seed=3": 9}), "set seed=3: is not a path; "),
        (lambda: paceline.simulate(paceline.load(DUEL).model_copy(update={"bidders": None})), "scenario duel: nobody bids"),
        (lambda: paceline.simulate(paceline.load(DUEL).model_copy(update={"seed": "x"})), "scenario 'duel': seed: "),
        (lambda: paceline.simulate(DUEL, db="x" * 5000), f"db: '{'x' * 58}… is not allowed; must be the file of a database"),
        (lambda: paceline.simulate(DUEL, db="x.db", events="x" * 5000), "events: 'xxx"),
        (lambda: paceline.open("x\0"), "db: 'x\\x00' is not allowed; "),
        (lambda: paceline.simulate("x" * 5000), "scenario: 'xxx"),
        (lambda: paceline.simulate(""), "no scenario ''; known here: exact, "),
        (lambda: paceline.simulate(DUEL, workers=True), "workers: True is not allowed; "),
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


def test_a_sample_of_events_is_kept_and_never_taken_for_all(run: Run, tmp_path: Path) -> None:
    path, events = tmp_path / "ads.db", tmp_path / "events"
    with pytest.raises(paceline.InputError, match=r"give events \(--events DIR\), too"):
        run.save(path, events_of="sample:1%")
    saved = run.save(path, events, events_of="sample:30%")
    assert {one.number: one.note for one in saved.audit().laws}[14].startswith("files of sample:30%: ")
    for wrong in (lambda: saved.events, lambda: paceline.open(path, events=events).run().events):
        with pytest.raises(paceline.InputError, match="holds sample:30% of run"):
            wrong()
    found = pl.read_parquet(events / "**/*.parquet", hive_partitioning=False)
    everything = run.events.collect()
    theirs = everything.filter(pl.col("viewer_id").is_in(found["viewer_id"].unique().implode()))
    assert found.equals(theirs.select(found.columns))
    assert 0 < len(found) < len(everything)


def test_bids_are_kept_in_memory_and_in_files_if_they_are_asked_for(run: Run, tmp_path: Path) -> None:
    with pytest.raises(paceline.InputError, match="was played without its bids"):
        _ = run.bids
    lost = paceline.simulate(DUEL, set={"seed": 7}, events_of="lost:40%")
    assert lost.digest == run.digest
    bids = lost.bids.collect()
    assert 0 < bids["viewer_id"].n_unique() < run.events.collect()["viewer_id"].n_unique()
    path, events = tmp_path / "ads.db", tmp_path / "events"
    stored = paceline.simulate(DUEL, set={"seed": 7}, db=path, events=events, events_of="lost:40%")
    assert stored.bids.collect().drop("run_id").equals(bids.drop("run_id"))
    assert paceline.open(path, events=events).run().bids.collect().height == len(bids)
    with pytest.raises(paceline.InputError, match="name the folder that holds them"):
        _ = paceline.open(path).run().bids


def test_a_stored_run_is_reproduced_with_its_events(run: Run, tmp_path: Path) -> None:
    run.save(tmp_path / "ads.db")
    stored = paceline.open(tmp_path / "ads.db").run()
    heard: list[Progress] = []
    again = paceline.reproduce(stored, workers=2, progress=heard.append)
    assert (again.run_id, again.digest, len(heard)) == (stored.run_id, run.digest, 24)
    assert again.events.collect().height == run.events.collect().height


def test_a_reproduced_run_is_stored_elsewhere(tmp_path: Path) -> None:
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    stored = paceline.simulate("smoke", db=first)
    with pytest.raises(paceline.InputError, match="reproduce it to store it elsewhere"):
        stored.save(second)
    copy = paceline.reproduce(stored).save(second)
    assert (copy.run_id, copy.digest, copy.created) == (stored.run_id, stored.digest, stored.created)
    assert paceline.reproduce(paceline.open(second).run()).digest == stored.digest
    assert copy.audit().broken == ()


def test_who_joined_a_run_is_not_created_elsewhere(tmp_path: Path) -> None:
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    other = {**DUEL, "bidders": [{"name": "Other", "lifetime_budget": 5, "max_cpm": 20}]}
    paceline.simulate(other, db=first)
    joined = paceline.simulate(DUEL, db=first)
    advice = (
        "has no campaign 'Other / .*; create it there first, for the scenario of the run does not name it"
    )
    with pytest.raises(paceline.InputError, match=advice):
        paceline.reproduce(joined).save(second)
    assert not second.exists()
    paceline.simulate(other, db=second)
    assert paceline.reproduce(joined).save(second).digest == joined.digest


def test_a_database_that_was_deleted_is_named_and_not_made_in_its_place(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "ads.db"
    run.save(path)
    database = paceline.open(path)
    stored = database.run()
    path.unlink()
    for reads in (lambda: database.runs, lambda: stored.performance, lambda: stored.scenario):
        with pytest.raises(paceline.DatabaseError, match=r"ads.db was removed in the meantime$"):
            reads()
    for writes in (lambda: paceline.simulate(DUEL, db=database), lambda: run.save(database)):
        with pytest.raises(paceline.InputError, match=r"ads.db was removed in the meantime$"):
            writes()
    assert not path.exists()


def test_numbers_of_numpy_are_numbers(run: Run) -> None:
    number: Any = np.int64(7)
    assert paceline.simulate(DUEL, set={"seed": number}, workers=number).digest == run.digest
    priced: dict[str, Any] = {"name": "A", "max_cpm": np.float32(20.1), "count": np.int64(2)}
    for bidders in (Bidders(**priced), paceline.load({"name": "x", "bidders": [priced]}).bidders[0]):
        assert (str(bidders.max_cpm), bidders.count) == ("20.1", 2)


def test_every_run_says_when_it_was_started(run: Run, tmp_path: Path) -> None:
    assert run.save(tmp_path / "ads.db").started == run.started
    assert paceline.open(tmp_path / "ads.db").run().started == run.started


def test_a_wrong_name_of_an_argument_is_named_with_its_function() -> None:
    wrong: dict[str, Any] = {"sed": 7}
    with pytest.raises(TypeError) as refused:
        paceline.simulate(DUEL, **wrong)
    line = "simulate() got an unexpected keyword argument 'sed'; did you mean set?"
    assert str(refused.value) == line


def test_help_shows_types_and_not_our_names_of_them() -> None:
    shown = str(inspect.signature(paceline.simulate))
    assert "AnySource" not in shown
    assert "lambda" not in shown
    assert "workers: int | None = None" in shown
    assert shown.endswith("-> analysis.runs.run.Run")


def test_mypy_takes_what_pydantic_takes(tmp_path: Path) -> None:
    # Under the settings of `make lint`, for their cache has what it would take long to check anew.
    study = tmp_path / "study.py"
    study.write_text(
        "import paceline\n"
        'patient = paceline.Bidders(name="A", pacing="even", lifetime_budget=5, max_cpm=20)\n'
        'run = paceline.simulate(paceline.Scenario(name="duel", bidders=(patient,)), set={"seed": 7})\n'
        "reveal_type(run.summary)\n"
        'paceline.Bidders(name="A", max_cmp=20)\n'
    )
    mypy = [sys.executable, "-m", "mypy", str(study)]
    done = subprocess.run(mypy, cwd=ROOT, capture_output=True, text=True, check=False)
    first, second, *_ = (line.rpartition("study.py")[2] for line in done.stdout.splitlines())
    assert first == ':4: note: Revealed type is "polars.dataframe.frame.DataFrame"'
    assert second.startswith(':5: error: Unexpected keyword argument "max_cmp" for "Bidders"')
    assert "Found 1 error in 1 file" in done.stdout


def test_it_is_imported_in_a_working_folder_that_was_removed(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r}); import paceline"
    subprocess.run([sys.executable, "-c", code], check=True)


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
