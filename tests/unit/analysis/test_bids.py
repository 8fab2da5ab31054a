"""Bids that are kept are all bids of their viewers, those of `sample:` of the same share."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from analysis.audit.report import Audit, LawReport
from analysis.rows.bid_files import scan_bids
from analysis.rows.bids import BID_COLUMNS, BID_SCHEMA, FILE
from analysis.rows.day_files import described
from analysis.rows.events import events_folder
from analysis.rows.events_of import EventsOf, events_of
from analysis.rows.manifest import EventFile, read, read_manifest
from analysis.runs.played import PlayedRun
from analysis.runs.simulate import simulate_in_memory
from analysis.runs.stored import find
from entities import registry
from scenarios.loader import load
from sim.cli.app import app
from sim.events import BID_OUTCOMES
from sim.streams import salts

SETTINGS = (
    "market.population.viewers=600",
    "market.days=1",
    "line_item[*].holdout=0.2",
)
DYNAMIC = "market.pods.kind=dynamic"
RESERVED = tuple(
    f"line_item[Everywhere, comedy].{term}"
    for term in ("deal.kind=guaranteed", "bidding=fixed_cpm", "valuation=constant", "max_cpm=14")
)
COUNTED = {"won": "wins", "ghost": "ghosts", **{name: name for name in BID_OUTCOMES[2:]}}
MOST = "lost:100%"


@cache
def played(of: str = MOST, *settings: str) -> PlayedRun:
    return simulate_in_memory(load("smoke", (*SETTINGS, *settings)), events_of=events_of(of))


@pytest.mark.parametrize(
    "settings",
    [(), RESERVED, (DYNAMIC,), (DYNAMIC, *RESERVED)],
    ids=["slots", "slots, a deal", "dynamic pods", "dynamic pods, a deal"],
)
def test_the_files_of_all_viewers_are_what_the_funnel_counts(
    settings: tuple[str, ...], tmp_path: Path
) -> None:
    run = played(MOST, *settings)
    stored = run.save(tmp_path / "ads.db", tmp_path / "events", events_of=MOST)
    bids = stored.bids.collect()
    assert bids.equals(run.bids.collect())
    assert bids.schema == {**BID_SCHEMA, "run_id": pl.String(), "date": pl.Date()}
    sums = [pl.len().alias("bids"), pl.col("bid_micros").sum().alias("bid_sum_micros")]
    sums += [(pl.col("outcome") == name).sum().alias(column) for name, column in COUNTED.items()]
    found = bids.group_by("line_item_id").agg(each.cast(pl.Int64) for each in sums).sort("line_item_id")
    due = stored.table("performance_extended").group_by("line_item_id").agg(pl.col(found.columns[1:]).sum())
    assert found.equals(due.sort("line_item_id"))
    assert found["ghosts"].min() > 0  # type: ignore[operator]
    assert bool(found["lost_deal"].sum()) == (RESERVED[0] in settings)
    assert not stored.audit().broken


def test_rows_say_when_and_whose_a_bid_was_and_who_was_better() -> None:
    run = played()
    bids, events = run.bids.collect(), run.events.collect()
    won = bids.filter(outcome="won")
    same = ("hour", "ts", "slot_id", "viewer_id", "line_item_id", "campaign_id", "advertiser_id")
    told = (*same, "bid_micros", "floor_micros", "ambient_micros", "run_id", "date")
    slots = events.filter(~pl.col("ghost"))
    assert won.select(told).sort("slot_id").equals(slots.select(told).sort("slot_id"))
    outbid = bids.filter(outcome="lost_outbid").join(slots, on="slot_id", validate="m:1")
    assert outbid["lost_to_line_item_id"].equals(outbid["line_item_id_right"], check_names=False)
    others = bids.filter(pl.col("outcome") != "lost_outbid")
    assert others["lost_to_line_item_id"].null_count() == len(others)
    assert len(outbid) > 0


@pytest.mark.parametrize("settings", [(), (DYNAMIC,)], ids=["slots", "dynamic pods"])
def test_a_share_has_the_people_of_a_sample_of_that_share(settings: tuple[str], tmp_path: Path) -> None:
    some, everybody = played("lost:30%", *settings), played(MOST, *settings)
    assert some.digest == everybody.digest
    lost = some.save(tmp_path / "lost.db", tmp_path / "lost", events_of="lost:30%")
    sample = everybody.save(tmp_path / "sample.db", tmp_path / "sample", events_of="sample:30%")
    folders = [
        events_folder(tmp_path / name, one.run_id) for name, one in (("lost", lost), ("sample", sample))
    ]
    theirs = [pl.read_parquet(folder / "*" / "events.parquet") for folder in folders]
    assert theirs[0].drop("run_id", strict=False).equals(theirs[1].drop("run_id", strict=False))
    every = everybody.bids.collect()
    kept = EventsOf(300_000).kept(every["viewer_id"].to_numpy(), salts(some.seed))
    due, found = every.filter(pl.Series(kept)), lost.bids.collect()
    assert 0 < len(found) < len(every)
    assert found.drop("run_id").equals(due.drop("run_id"))
    # Who kept more bids can save those of fewer viewers.
    fewer = everybody.save(tmp_path / "fewer.db", tmp_path / "fewer", events_of="lost:30%")
    assert fewer.bids.drop("run_id").collect().equals(due.drop("run_id"))
    assert not list((tmp_path / "sample").rglob(FILE))


@pytest.mark.parametrize("ppm", [1, 9_999, 10_000, 333_333, 999_999, 1_000_000])
def test_the_market_draws_viewers_as_the_files_do(ppm: int) -> None:
    form = EventsOf(ppm, bids=True)
    assert form.bids_of == form.threshold == (ppm << 32) // 1_000_000
    assert EventsOf(ppm).bids_of == 0


def test_a_run_without_bids_says_what_to_do(tmp_path: Path) -> None:
    without = simulate_in_memory(load("smoke", SETTINGS))
    with pytest.raises(
        registry.InputError, match=r"was played without its bids; simulate it with events_of="
    ):
        _ = without.bids
    database, events = tmp_path / "ads.db", tmp_path / "events"
    with pytest.raises(
        registry.InputError, match=r"played without its bids; simulate it with events_of='lost:1%'"
    ):
        without.save(database, events, events_of="lost:1%")
    with pytest.raises(
        registry.InputError, match=r"was played with lost:30%; simulate it with events_of='lost:50%'"
    ):
        played("lost:30%").save(database, events, events_of="lost:50%")
    assert not database.exists()
    stored = without.save(database, events, events_of="sample:10%")
    with pytest.raises(
        registry.InputError, match=r"has no bids of run .* kept as sample:10%; simulate it again"
    ):
        _ = stored.bids


def test_files_of_bids_are_held_to_the_manifest(tmp_path: Path) -> None:
    events = tmp_path / "events"
    stored = played().save(tmp_path / "ads.db", events, events_of=MOST)
    manifest, folder = read_manifest(events, stored.run_id), events_folder(events, stored.run_id)
    assert manifest.bids
    assert [one.name for one in manifest.bids.columns] == list(BID_COLUMNS)
    assert manifest.bids.rows == sum(file.rows for file in manifest.bids.files) == len(stored.bids.collect())
    first, second = (folder / file.path for file in manifest.bids.files)
    first.write_bytes(first.read_bytes()[::-1])
    second.unlink()
    [law] = stored.audit().broken
    assert law.number == 14
    told = [finding.where for finding in law.findings]
    assert told == [f"events, {file.path}" for file in manifest.bids.files]
    with pytest.raises(
        registry.InputError, match=r"date=.*/bids.parquet: is no Parquet file; copy the whole"
    ):
        scan_bids(events, stored.run_id)
    first.unlink()
    with pytest.raises(registry.InputError, match=r"date=.*/bids.parquet: is missing; copy the whole folder"):
        scan_bids(events, stored.run_id)
    first.write_bytes(b"PAR1")
    with pytest.raises(registry.InputError, match=r"bids.parquet: has 4 bytes in place of [\d,]+;"):
        scan_bids(events, stored.run_id)


def of_law(found: Audit, number: int) -> LawReport:
    return next(law for law in found.laws if law.number == number)


def test_an_audit_finds_damage_in_a_share_of_bids(tmp_path: Path) -> None:
    events = tmp_path / "events"
    stored = played("lost:30%").save(tmp_path / "ads.db", events, events_of="lost:30%")
    sound = stored.audit()
    assert not sound.broken
    assert not sound.events
    assert of_law(sound, 7).note == "every bid was counted again: lost:30%"
    assert of_law(sound, 14).note == "files of lost:30%: laws on single slots need all events"
    assert of_law(sound, 4).status == "not checked"
    file = next(events.rglob(FILE))
    file.write_bytes(file.read_bytes()[::-1])
    [law] = stored.audit().broken
    assert (law.number, law.findings[0].where.endswith(FILE)) == (14, True)


@pytest.mark.parametrize("of", [MOST, "lost:30%"])
@pytest.mark.parametrize("settings", [(), (DYNAMIC,), (DYNAMIC, *RESERVED)], ids=["slots", "pods", "deals"])
def test_bids_in_memory_are_held_against_the_funnel_too(of: str, settings: tuple[str, ...]) -> None:
    found = played(of, *settings).audit()
    assert not found.broken
    assert of_law(found, 7).note == f"every bid was counted again: {of}"
    without = simulate_in_memory(load("smoke", (*SETTINGS, *settings))).audit()
    assert of_law(found, 7).checked > of_law(without, 7).checked


def test_bids_of_files_with_other_ids_are_of_the_same_line_items(tmp_path: Path) -> None:
    events, other = tmp_path / "events", tmp_path / "other.db"
    run = played("lost:30%")
    first = run.save(tmp_path / "ads.db", events, events_of="lost:30%")
    for command in ("init-db", "create-profile"):
        assert CliRunner().invoke(app, [command, "--db", str(other)]).exit_code == 0
    run.save(other)
    engine = registry.make_engine(other)
    second = find(engine, run.run_id, events)
    assert set(second.bids.collect()["line_item_id"]).isdisjoint(first.bids.collect()["line_item_id"])
    assert not second.audit().broken
    engine.dispose()


def elsewhere(bids: pl.DataFrame) -> pl.DataFrame:
    return bids.with_columns(
        hour=pl.when(pl.int_range(pl.len()) == 0).then(99).otherwise("hour").cast(pl.Int32)
    )


def ghosts_won(bids: pl.DataFrame) -> pl.DataFrame:
    won = pl.col("outcome").cast(pl.String).replace("ghost", "won").cast(BID_SCHEMA["outcome"])
    return bids.with_columns(outcome=won)


CHANGES: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], set[int]]] = {
    "a bid is gone": (lambda bids: bids.filter(pl.int_range(pl.len()) > 0), {7}),
    "there is one more": (lambda bids: pl.concat([bids, bids.head(1)]), {7}),
    "one is higher": (lambda bids: bids.with_columns(pl.col("bid_micros") + 1), {7}),
    "ghosts have won": (ghosts_won, {7}),
    "one is of nobody's": (lambda bids: bids.with_columns(line_item_id=pl.lit(77, pl.Int64)), {7, 11}),
    "one is of another hour": (elsewhere, {7, 11}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_bids_that_were_changed_with_their_manifest_are_found(change: str, tmp_path: Path) -> None:
    stored = played().save(tmp_path / "ads.db", tmp_path / "events", events_of=MOST)
    how, due = CHANGES[change]
    folder = events_folder(tmp_path / "events", stored.run_id)
    changed(folder, how)
    assert {law.number for law in stored.audit().broken} == due


MORE_OF_A_SHARE: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], set[int]]] = {
    "of another viewer": (lambda bids: bids.with_columns(viewer_id=(pl.col("viewer_id") + 1) % 600), {14}),
    "many times": (lambda bids: pl.concat([bids] * 5), {7}),
    "won more": (ghosts_won, {7}),
}


@pytest.mark.parametrize("change", MORE_OF_A_SHARE)
def test_bids_of_a_share_are_held_against_what_they_allow(change: str, tmp_path: Path) -> None:
    stored = played("lost:30%").save(tmp_path / "ads.db", tmp_path / "events", events_of="lost:30%")
    how, due = MORE_OF_A_SHARE[change]
    changed(events_folder(tmp_path / "events", stored.run_id), how)
    assert {law.number for law in stored.audit().broken} == due


def changed(folder: Path, how: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Change the first day's bids, and the manifest so that it does not tell."""
    manifest = read(folder)
    assert manifest.bids
    first, *others = manifest.bids.files
    rows = how(pl.read_parquet(folder / first.path, hive_partitioning=False))
    rows.write_parquet(folder / first.path)
    hours = first.first_hour, first.last_hour
    files = (EventFile.of(described(folder / first.path, first.path, len(rows), hours)), *others)
    bids = manifest.bids.model_copy(update={"files": files, "rows": sum(file.rows for file in files)})
    manifest.model_copy(update={"bids": bids}).write(folder)


def test_a_sample_of_nobody_has_a_table_without_rows(tmp_path: Path) -> None:
    nobody = played("lost:0.0001%")
    stored = nobody.save(tmp_path / "ads.db", tmp_path / "events", events_of="lost:0.0001%")
    for bids in (nobody.bids.collect(), stored.bids.collect()):
        assert bids.schema == {**BID_SCHEMA, "run_id": pl.String(), "date": pl.Date()}
        assert bids.is_empty()
