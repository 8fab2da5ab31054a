"""A run is the same object wherever it comes from: in memory, from a database, or played again."""

from __future__ import annotations

from pathlib import Path

import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import Engine

from analysis.runs.played import PlayedRun
from analysis.runs.reproduce import reproduce
from analysis.runs.run import Run
from analysis.runs.simulate import simulate, simulate_in_memory
from analysis.runs.stored import StoredRun, find, runs
from entities import registry
from scenarios.loader import load

TINY = ("market.population.viewers=200", "market.days=1")
FRAMES = (
    *("performance", "performance_extended", "inventory", "conversions", "delivery_events"),
    *("summary", "funnel"),
)


@pytest.fixture(scope="module")
def played() -> PlayedRun:
    return simulate_in_memory(load("smoke", TINY))


@pytest.fixture(scope="module")
def stored(played: PlayedRun, tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    folder = tmp_path_factory.mktemp("stored")
    return played.save(folder / "ads.db", folder / "events")


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_in_memory_is_the_frame_that_is_stored(played: PlayedRun, stored: Run, name: str) -> None:
    assert_frame_equal(getattr(stored, name), getattr(played, name))


def test_a_run_that_is_played_again_has_the_frames_that_are_stored(stored: StoredRun) -> None:
    again = reproduce(stored)
    for name in FRAMES:
        assert_frame_equal(getattr(stored, name), getattr(again, name))
    assert (again.run_id, again.digest, again.spec) == (stored.run_id, stored.digest, stored.spec)


def test_its_facts_are_those_that_the_engine_gave(played: PlayedRun, stored: Run) -> None:
    assert stored.facts == played.facts == played.outcome.facts
    assert {fact.kind for fact in stored.facts} >= {"flight_started"}


def test_its_events_are_those_on_disk(played: PlayedRun, stored: Run) -> None:
    assert_frame_equal(stored.events.collect(), played.events.collect())


def test_it_is_stored_as_if_the_market_had_run_over_the_database(
    played: PlayedRun, stored: Run, tmp_path: Path
) -> None:
    engine = registry.make_engine(tmp_path / "other.db")
    registry.init_db(engine)
    direct = simulate(engine, load("smoke", TINY))
    assert direct.digest == stored.digest == played.digest
    assert direct.spec == stored.spec == played.spec
    assert direct.totals == stored.totals == played.totals
    assert direct.book == stored.book == played.book
    assert direct.created == stored.created == tuple(load("smoke").listings)
    engine.dispose()


def test_runs_of_a_database_are_listed(played: PlayedRun, tmp_path: Path) -> None:
    played.save(tmp_path / "ads.db")
    engine = registry.make_engine(tmp_path / "ads.db")
    assert [run.run_id for run in runs(engine)] == [played.run_id]
    with pytest.raises(registry.InputError, match="is in this database already"):
        played.save(tmp_path / "ads.db")
    with pytest.raises(registry.InputError, match="is stored in"):
        find(engine).save(tmp_path / "other.db")
    with pytest.raises(registry.InputError, match="name the folder"):
        find(engine).events.collect()
    with pytest.raises(registry.InputError, match="keeps its rows and not its hours"):
        len(find(engine).hours)
    engine.dispose()


def test_two_runs_on_other_terms_lie_in_one_database(played: PlayedRun, tmp_path: Path) -> None:
    other = simulate_in_memory(load("smoke", [*TINY, "campaigns.1.campaign.line_items.0.max_cpm=9"]))
    for run in (other, played):
        stored = run.save(tmp_path / "ads.db")
        assert (stored.digest, stored.spec.fingerprint) == (run.digest, run.spec.fingerprint)
        assert stored.summary.equals(run.summary)
        assert not stored.audit().broken
    assert other.digest != played.digest


def test_campaigns_of_others_do_not_disturb_it(played: PlayedRun, tmp_path: Path) -> None:
    engine = registry.make_engine(tmp_path / "ads.db")
    registry.init_db(engine)
    with registry.session(engine) as opened:
        listing = next(iter(load("full").listings.values()))
        registry.add_campaign(opened, listing.advertiser, listing.campaign)
    stored = played.save(tmp_path / "ads.db")
    assert_frame_equal(stored.summary.drop("line_item_id"), played.summary.drop("line_item_id"))
    assert stored.audit().broken == ()
    engine.dispose()


def test_events_that_were_not_kept_are_told(engine: Engine) -> None:
    from analysis.verify.play import play

    run = play(500, [{"name": "Lone"}])
    assert run.total("wins", "Lone") == len(run.won)
    with pytest.raises(registry.InputError, match="without keeping all of its events"):
        len(run.performance)


def test_the_laws_hold_in_memory_as_they_do_in_the_database(played: PlayedRun, stored: Run) -> None:
    in_memory, on_disk = played.audit(), stored.audit()
    assert in_memory.broken == on_disk.broken == ()
    needs_database = {11, 12, 14}
    for mine, theirs in zip(in_memory.laws, on_disk.laws, strict=True):
        assert mine.number in needs_database or mine == theirs


def test_a_run_that_cannot_be_saved_leaves_nothing(
    played: PlayedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(registry.InputError, match="must be the path of a file"):
        played.save(None)  # type: ignore[arg-type]
    monkeypatch.setattr(PlayedRun, "_check_kept", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        played.save(tmp_path / "new.db", str(tmp_path / "events"))
    assert not (tmp_path / "new.db").exists()


def test_a_run_shows_itself_in_a_line(played: PlayedRun) -> None:
    assert repr(played).startswith(f"<Run {played.run_id}: {played.impressions:,} impressions, ")
