"""A good run breaks no law; whatever is corrupted in it breaks the law that stands for it, and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.audit.report import Audit, Status
from analysis.runs.stored import find
from entities import registry
from sim.laws import LAWS
from tests.laws.finished import Finished, broken, finish, not_checked


@pytest.fixture(scope="module")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    # With a line item whose budget is spent before its flight is over.
    terms = {"lifetime_budget": 100, "pacing": "asap", "bidding": "fixed_cpm"}
    asked = [f"line_item[TV drama].{name}={value}" for name, value in terms.items()]
    return finish(tmp_path_factory.mktemp("smoke") / "run", "smoke", *asked)


@pytest.fixture
def copied(smoke: Finished, tmp_path: Path) -> Finished:
    return smoke.copy(tmp_path / "run")


@pytest.fixture(scope="module")
def good(smoke: Finished) -> Audit:
    return smoke.audit()


def test_a_good_run_breaks_nothing(good: Audit) -> None:
    assert [report.number for report in good.laws] == list(LAWS)
    assert good.broken == ()
    assert not_checked(good) == {13, 15}  # it has no conversions
    assert all(report.checked > 0 for report in good.laws if report.status == Status.holds)


def test_what_is_not_checked_says_why(smoke: Finished, good: Audit) -> None:
    rows = smoke.audit(events=False)
    assert rows.broken == ()
    assert not_checked(rows) == {4, 5, 13, 15}
    assert all(
        report.note
        for found in (good, rows)
        for report in found.laws
        if report.number in (4, 5, 13) and report.status != Status.holds
    )
    assert "not re-run" in good.laws[11].note
    assert (good.events, rows.events) == (True, False)


# Rows, corrupted one at a time. The digest (12) notices every change to them: it is added below.
FIRST = "rowid = (SELECT min(rowid) FROM {0} WHERE impressions > 5)"
PERFORMANCE = "UPDATE performance SET {} WHERE " + FIRST.format("performance")
EXTENDED = "UPDATE performance_extended SET {} WHERE " + FIRST.format("performance_extended")
SECOND = "rowid = (SELECT max(rowid) FROM performance WHERE spend_micros > 9)"
INVENTORY = (
    "UPDATE inventory_hourly SET {0} WHERE rowid = (SELECT {1}(rowid) FROM inventory_hourly WHERE filled > 9)"
)

ROWS: dict[str, tuple[int, list[str]]] = {
    "spend moved in time": (
        1, [PERFORMANCE.format("spend_micros = spend_micros + 1"),
            f"UPDATE performance SET spend_micros = spend_micros - 1 WHERE {SECOND}"],
    ),
    "drawn more": (1, [EXTENDED.format("delivered_cum_micros = delivered_cum_micros + 1")]),
    "revenue moved": (
        1, [INVENTORY.format("revenue_micros = revenue_micros + 1", "min"),
            INVENTORY.format("revenue_micros = revenue_micros - 1", "max")],
    ),
    "bids too high": (6, [EXTENDED.format("bid_sum_micros = bids * 25001")]),
    "floors above prices": (6, [EXTENDED.format("floor_sum_micros = clearing_sum_micros + 1")]),
    "matched and lost": (7, [EXTENDED.format("requests_matched = requests_matched + 1")]),
    "blocked twice": (7, [EXTENDED.format("blocked_throttle = blocked_throttle + 1")]),
    "outbid twice": (7, [EXTENDED.format("lost_outbid = lost_outbid + 1")]),
    "errors in one table": (7, [PERFORMANCE.format("errors = errors + 1")]),
    "more clicks than impressions": (8, [PERFORMANCE.format("clicks = impressions + 1")]),
    "more halves than quarters": (8, [PERFORMANCE.format("video_q50 = video_q25 + 1")]),
    "more viewable than measurable": (8, [PERFORMANCE.format("viewable = measurable + 1")]),
    "reach too high": (9, [EXTENDED.format("reach_to_date = reach_to_date + 1")]),
    "new viewers twice": (9, [EXTENDED.format("new_viewers_hour = new_viewers_hour + 1")]),
    "viewers uncounted": (9, [EXTENDED.format("unique_viewers_hour = unique_viewers_hour - 1")]),
    "frequency too low": (9, [EXTENDED.format("freq_1 = freq_1 - 1, freq_2 = freq_2 + 2")]),
    "a viewer in another bucket of frequency": (9, [EXTENDED.format("freq_1 = freq_1 - 1, freq_2 = freq_2 + 1")]),
    "impressions to date": (9, [EXTENDED.format("impressions_to_date = impressions_to_date + 1")]),
    "other counts": (12, [PERFORMANCE.format("mutes = (mutes + 1) % impressions")]),
    "other watch time": (12, [PERFORMANCE.format("watch_seconds = watch_seconds + 1")]),
    "another bid sum": (6, [EXTENDED.format("bid_sum_micros = clearing_sum_micros - 1")]),
    "another goal": (16, [EXTENDED.format("goal_micros_hour = goal_micros_hour + 1")]),
    "lost to the other": (
        7, ["UPDATE contention_daily SET bids = bids - 1 WHERE won_by = 'line_item' AND bids > 1",
            "UPDATE contention_daily SET bids = bids + 1 WHERE won_by = 'outside_demand' AND line_item_id = 2"],
    ),
    "no loss to anybody": (7, ["DELETE FROM contention_daily WHERE won_by = 'line_item'"]),
    "won more than it won": (7, ["UPDATE contention_daily SET bids = 1000000 WHERE won_by = 'line_item'"]),
    "a deal that is none": (7, ["UPDATE contention_daily SET won_by = 'deal' WHERE won_by = 'line_item'"]),
    "a loss on another day": (
        7, ["UPDATE contention_daily SET bids = bids - 1 WHERE won_by = 'line_item' AND date = '2026-11-02'",
            "UPDATE contention_daily SET bids = bids + 1 WHERE won_by = 'line_item' AND date = '2026-11-03'"],
    ),
    "another reason": (7, [EXTENDED.format("primary_underdelivery_reason = 'invalid'")]),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_a_corrupted_row_is_found(name: str, copied: Finished) -> None:
    law, statements = ROWS[name]
    copied.sql(*statements)
    assert broken(copied.audit()) == {law, 12}


# Facts, corrupted one at a time.
EXHAUSTED = "kind = 'budget_exhausted'"
ENDED = "id = (SELECT max(id) FROM delivery_events WHERE kind = 'flight_ended')"
FACTS: dict[str, tuple[set[int], list[str]]] = {
    "deleted": ({17}, [f"DELETE FROM delivery_events WHERE {EXHAUSTED}"]),
    "moved": ({17}, [f"UPDATE delivery_events SET ts = '2026-11-04 04:00:00' WHERE {EXHAUSTED}"]),
    "told twice": (
        {17},
        [
            "INSERT INTO delivery_events (run_id, ts, kind, line_item_id, campaign_id, count, detail) SELECT run_id, ts, kind, line_item_id, campaign_id, count, detail FROM delivery_events WHERE kind = 'flight_started' LIMIT 1"
        ],
    ),
    "of another": ({17}, [f"UPDATE delivery_events SET line_item_id = 3 - line_item_id WHERE {EXHAUSTED}"]),
    "of another campaign": (
        {17},
        [f"UPDATE delivery_events SET campaign_id = 3 - campaign_id WHERE {ENDED}"],
    ),
    "of nobody": ({11, 17}, [f"UPDATE delivery_events SET line_item_id = 99 WHERE {ENDED}"]),
    "another amount": ({17}, [f"UPDATE delivery_events SET amount_micros = amount_micros + 1 WHERE {ENDED}"]),
    "another text": ({17}, [f"UPDATE delivery_events SET detail = 'all well' WHERE {ENDED}"]),
}


@pytest.mark.parametrize("name", FACTS)
@pytest.mark.parametrize("events", [True, False])
def test_a_corrupted_fact_is_found(name: str, events: bool, copied: Finished) -> None:
    laws, statements = FACTS[name]
    copied.sql(*statements)
    # What repeats other columns is in no digest.
    repeated = {"of another campaign", "another text"}
    assert broken(copied.audit(events)) == laws | ({12} if name not in repeated else set())


# What no digest covers.
BESIDES: dict[str, tuple[int, list[str]]] = {
    "another campaign": (11, [PERFORMANCE.format("campaign_id = 3 - campaign_id")]),
    "another advertiser": (11, [PERFORMANCE.format("advertiser_id = 3 - advertiser_id")]),
    "a budget of nobody": (11, ["UPDATE budgets SET line_item_id = 99 WHERE line_item_id = 1"]),
    "another digest": (12, ["UPDATE simulation_runs SET digest = 'ab'"]),
    "another fingerprint": (12, ["UPDATE simulation_runs SET fingerprint = 'ab'"]),
    "more impressions": (14, ["UPDATE simulation_runs SET impressions = impressions + 1"]),
    "more spend": (14, ["UPDATE simulation_runs SET spend_micros = spend_micros + 1"]),
    "fewer auctions": (14, ["UPDATE simulation_runs SET auctions = auctions - 1"]),
    "another seed": (14, ["UPDATE simulation_runs SET seed = seed + 1"]),
    "another start": (14, ["UPDATE simulation_runs SET start = '2026-01-01 00:00:00'"]),
    "another scenario's name": (14, ["UPDATE simulation_runs SET scenario = 'mine'"]),
    "other shards": (14, ["UPDATE simulation_runs SET shards = shards + 1"]),
    "half a run": (
        14,
        [
            "INSERT INTO delivery_events (run_id, ts, kind, count, detail) SELECT 'half', ts, kind, count, detail FROM delivery_events WHERE kind = 'flight_started' LIMIT 1"
        ],
    ),
}


@pytest.mark.parametrize("name", BESIDES)
def test_a_corruption_beside_the_rows_is_found(name: str, copied: Finished) -> None:
    law, statements = BESIDES[name]
    copied.sql(*statements)
    of_its_row = any(text.startswith("UPDATE simulation_runs") for text in statements)
    assert broken(copied.audit()) == {law} | ({12} if of_its_row else set())


def test_a_run_from_before_there_was_a_seal_is_audited_as_it_was(copied: Finished) -> None:
    copied.sql("UPDATE simulation_runs SET seal = '', events_digest = '', platform = 'elsewhere'")
    rows, events = copied.audit(events=False), copied.audit()
    assert (broken(rows), broken(events)) == (set(), set())
    assert not_checked(rows) == not_checked(events) | {4, 5, 12}
    assert "their own is not stored" in rows.laws[11].note


def test_another_digest_of_the_same_market_is_found(copied: Finished) -> None:
    columns = [column.name for column in registry.SimulationRun.__table__.columns]
    values = {"run_id": "'twin'", "digest": "'ab'"}
    picked = ", ".join(values.get(name, name) for name in columns)
    copied.sql(f"INSERT INTO simulation_runs ({', '.join(columns)}) SELECT {picked} FROM simulation_runs")
    found = copied.audit(events=False)
    assert broken(found) == {12}
    assert any("twin" in one.where for one in found.broken[0].findings)


def at(field: str, value: Any, which: pl.Expr | None = None) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return what sets a field of the first billed slot of those that *which* admits."""

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        billed = pl.col("rendered") & ~pl.col("invalid") & (pl.lit(True) if which is None else which)
        place = frame.select(billed.arg_true().first()).item()
        assert place is not None, f"no slot in which to change {field}"
        here = pl.int_range(pl.len()) == place
        new = (
            pl.when(here)
            .then(value if isinstance(value, pl.Expr) else pl.lit(value))
            .otherwise(pl.col(field))
        )
        return frame.with_columns(new.cast(frame.schema[field]).alias(field))

    return change


DRAMA = pl.col("line_item_id") == 1
SLOTS: dict[str, tuple[set[int], Callable[[pl.DataFrame], pl.DataFrame]]] = {
    "charged a micro less": ({1}, at("charged_micros", pl.col("charged_micros") - 1)),
    "on another screen": ({1, 3, 7}, at("device", "phone", DRAMA)),
    "an ad too long": ({5, 7}, at("duration_s", 31)),
    "a bid above its price": ({6}, at("bid_micros", pl.col("bid_micros") - 1)),
    "another floor": ({6}, at("floor_micros", pl.col("floor_micros") + 1)),
    "outbid by the ambient bid": ({6}, at("ambient_micros", pl.col("bid_micros") + 1)),
    "completed before the end": ({8}, at("q75", False, pl.col("completed"))),
    "clicked in vain": (
        {8},
        lambda frame: frame.with_columns(clicked=~pl.col("rendered") | pl.col("clicked")),
    ),
    "an unknown creative": ({1, 7, 9, 11}, at("creative_id", 99)),
    "on a title of another tier": (set(), at("title_tier", "top_10", pl.col("title_tier") == "catalogue")),
    "taken for somebody else": ({11}, at("identity", pl.col("identity") + 1)),
    "taken for nobody": ({11}, at("identity", -1)),
    "in another session": (set(), at("session_id", pl.col("session_id") + 1)),
    "watched a second less": (set(), at("watch_seconds", pl.col("watch_seconds") - 1, pl.col("started"))),
}


@pytest.mark.parametrize("name", SLOTS)
def test_a_corrupted_slot_is_found(name: str, copied: Finished) -> None:
    laws, change = SLOTS[name]
    copied.slots(change)
    assert broken(copied.audit()) == laws | {12}


# Columns that repeat what other columns say: the digest has no need of them.
REPEATED = {"campaign_id": 9, "advertiser_id": 9, "hour": pl.col("hour") + 1}


@pytest.mark.parametrize("field", REPEATED)
def test_a_column_that_contradicts_another_is_found(field: str, copied: Finished) -> None:
    copied.slots(at(field, REPEATED[field]))
    assert broken(copied.audit()) == {11}


def test_events_that_cannot_be_read_say_so(copied: Finished) -> None:
    copied.slots(lambda frame: frame.with_columns(device=pl.lit("radio")))
    with pytest.raises(registry.InputError, match=r"date=2026-11-0\d: cannot be read"):
        copied.audit()


def test_events_outside_the_horizon_are_found(copied: Finished) -> None:
    day = copied.events / f"run_id={copied.run_id}"
    (day / "date=2026-11-02").rename(day / "date=2026-11-20")
    copied.seal()
    assert broken(copied.audit()) == {1, 3, 7, 9, 12}


def test_files_that_are_not_those_of_the_manifest_are_named_one_by_one(copied: Finished) -> None:
    folder = copied.events / f"run_id={copied.run_id}"
    first, second, _ = sorted(folder.rglob("*.parquet"))
    contents = bytearray(second.read_bytes())
    contents[len(contents) // 2] ^= 1
    second.write_bytes(contents)
    first.rename(folder / "elsewhere.parquet")
    found = copied.audit()
    assert (broken(found), found.events) == ({14}, False)
    told = [(one.where, one.value) for one in found.laws[13].findings]
    names = [f"events, {file.relative_to(folder)}" for file in (first, second)]
    assert [where for where, _ in told] == [*names, "events, elsewhere.parquet"]
    assert [str(value).partition(",")[0] for _, value in told] == ["missing", "damaged", "surplus"]
    assert {4, 5} <= not_checked(found)


def test_a_file_that_was_cut_off_is_told_by_its_size(copied: Finished) -> None:
    file = max(copied.events.rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:100])
    (finding,) = copied.audit().laws[13].findings
    assert finding.value == "damaged, 100 bytes"


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (None, r"manifest.json: is missing; events without a manifest are of an older version"),
        ("{", r"manifest.json: is no manifest that this version reads"),
        ('{"run_id": 1}', r"manifest.json: is no manifest that this version reads: run_id"),
    ],
)
def test_a_manifest_that_is_missing_or_of_something_else_is_asked_for(
    copied: Finished, contents: str | None, message: str
) -> None:
    file = copied.events / f"run_id={copied.run_id}" / "manifest.json"
    file.unlink()
    if contents is not None:
        file.write_text(contents)
    with pytest.raises(registry.InputError, match=message):
        copied.audit()


def test_the_manifest_of_another_run_is_refused(copied: Finished) -> None:
    file = copied.events / f"run_id={copied.run_id}" / "manifest.json"
    file.write_text(file.read_text().replace(copied.run_id, "other"))
    with pytest.raises(registry.InputError, match=r"manifest.json: is of run other"):
        copied.audit()


def test_events_that_are_gone_are_missed(copied: Finished) -> None:
    copied.slots(lambda frame: frame.clear())
    assert broken(copied.audit()) == {1, 7, 9, 12}


def test_another_order_of_events_is_noticed(copied: Finished) -> None:
    copied.slots(lambda frame: frame.reverse())
    assert broken(copied.audit()) == {12}


def test_the_audit_follows_no_later_edit_of_the_registry(copied: Finished) -> None:
    copied.sql(
        "UPDATE budgets SET amount_micros = 1",
        "UPDATE line_items SET max_bid_micros = 1, name = 'Renamed' WHERE id = 1",
        "UPDATE flights SET ends_at = '2026-11-02 05:00:00'",
        "UPDATE frequency_caps SET max_impressions = 1",
        "UPDATE creatives SET name = 'Renamed' WHERE id = 1",
    )
    assert copied.audit().broken == ()


def test_names_that_cannot_be_told_are_asked_for(copied: Finished) -> None:
    copied.sql("UPDATE line_items SET name = 'Renamed ' || id")
    with pytest.raises(registry.InputError, match=r"TV drama.* have other names in the registry now"):
        copied.audit()


def test_the_latest_run_is_audited_unless_one_is_named(smoke: Finished) -> None:
    with smoke.engine() as engine:
        assert find(engine).audit().run_id == smoke.run_id
        with pytest.raises(registry.InputError, match="there is no run 'other'"):
            find(engine, "other")


def test_events_that_are_not_there_are_asked_for(smoke: Finished, tmp_path: Path) -> None:
    with smoke.engine() as engine, pytest.raises(registry.InputError, match="no events of run smoke-"):
        find(engine, smoke.run_id, tmp_path).audit()


def test_a_database_without_runs_has_nothing_to_audit(tmp_path: Path) -> None:
    engine = registry.make_engine(tmp_path / "ads.db")
    registry.init_db(engine)
    with pytest.raises(registry.InputError, match="no finished run"):
        find(engine)
    engine.dispose()


@pytest.mark.parametrize("column", ["scenario_text", "book_text"])
def test_a_run_that_cannot_be_read_says_so(column: str, copied: Finished) -> None:
    copied.sql(f"UPDATE simulation_runs SET {column} = '[]'")
    with pytest.raises(registry.InputError, match="cannot be read"):
        copied.audit()


def test_a_run_of_an_older_version_is_not_blamed_for_what_nobody_kept_then(copied: Finished) -> None:
    copied.sql("DELETE FROM contention_daily", "UPDATE simulation_runs SET fingerprint = 'of fewer words'")
    assert broken(copied.audit(events=False)) == {7, 12}
    copied.sql("UPDATE simulation_runs SET seal = '', events_digest = '', code = 'older'")
    assert broken(copied.audit(events=False)) == set()
