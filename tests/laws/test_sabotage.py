"""Whatever is changed in a finished run is found: every column of every table of results, and rows of each.

Columns are those of the models, so that a new one without a guard fails here. Left out are only those that SQLite
generates itself, and those of people and of the database, which say nothing of what came out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Column, Table

from analysis.rows.events import EVENT_COLUMNS
from analysis.rows.seal import SEALED
from entities import registry
from tests.laws.finished import EVERYTHING, IN_EVERY_COLUMN, Finished, do_to_rows, finish

ELSEWHERE = {"person", "database"}
"""Sources of columns that say nothing of what came out."""
REFUSED = 0
"""Stands for a run that cannot be read any more, which the audit says."""


def result_tables() -> Iterator[Table]:
    for model in registry.TABLES:
        table = registry.Base.metadata.tables[model.__tablename__]
        if "run_id" in table.columns:
            yield table


def measured(table: Table) -> Iterator[Column[Any]]:
    for column in table.columns:
        source = column.info.get("source") or table.info.get("source")
        if column.computed is None and source not in ELSEWHERE:
            yield column


COLUMNS = {f"{table.name}.{column.name}": column for table in result_tables() for column in measured(table)}

# What is done to a column is told by its type: one more; a word, a name or an id another; an hour or a day later.
# Each line: the column, and the law that finds it, among others, without any events.
FOUND: dict[str, int] = {
    "simulation_runs.run_id": REFUSED,
    "simulation_runs.scenario": 14,
    "simulation_runs.scenario_text": REFUSED,
    "simulation_runs.book_text": REFUSED,
    "simulation_runs.fingerprint": 12,
    "simulation_runs.seed": 14,
    "simulation_runs.start": 14,
    "simulation_runs.horizon_hours": 14,
    "simulation_runs.tick_minutes": 14,
    "simulation_runs.shards": 14,
    "simulation_runs.status": REFUSED,
    "simulation_runs.auctions": 14,
    "simulation_runs.impressions": 14,
    "simulation_runs.spend_micros": 14,
    "performance.run_id": 10,
    "performance.hour_start": 10,
    "performance.date": 11,
    "performance.hour_of_day": 11,
    "performance.advertiser_id": 11,
    "performance.campaign_id": 11,
    "performance.line_item_id": 11,
    "performance.creative_id": 10,
    "performance.impressions": 7,
    "performance.ivt": 7,
    "performance.errors": 7,
    "performance.spend_micros": 1,
    "performance_extended.run_id": 10,
    "performance_extended.hour_start": 10,
    "performance_extended.line_item_id": 10,
    "performance_extended.requests_matched": 7,
    "performance_extended.blocked_daypart": 7,
    "performance_extended.blocked_creative": 7,
    "performance_extended.blocked_budget_lifetime": 7,
    "performance_extended.blocked_budget_daily": 7,
    "performance_extended.blocked_allowance": 7,
    "performance_extended.blocked_frequency_cap": 7,
    "performance_extended.blocked_separation": 7,
    "performance_extended.blocked_throttle": 7,
    "performance_extended.bids": 7,
    "performance_extended.lost_below_floor": 7,
    "performance_extended.lost_deal": 7,
    "performance_extended.lost_ambient": 7,
    "performance_extended.lost_outbid": 7,
    "performance_extended.wins": 7,
    "performance_extended.errors": 7,
    "performance_extended.invalid": 7,
    "performance_extended.impressions": 9,
    "performance_extended.spend_micros": 1,
    "performance_extended.new_viewers_hour": 9,
    "performance_extended.reach_to_date": 9,
    "performance_extended.impressions_to_date": 9,
    "performance_extended.freq_1": 9,
    "performance_extended.freq_2": 9,
    "performance_extended.freq_3_5": 9,
    "performance_extended.freq_6_9": 9,
    "performance_extended.freq_10_plus": 9,
    "performance_extended.ghosts": 7,
    "performance_extended.goal_micros_hour": 16,
    "performance_extended.expected_cum_micros": 16,
    "performance_extended.delivered_cum_micros": 1,
    "performance_extended.bid_multiplier_ppm": 16,
    "performance_extended.participation_ppm": 16,
    "performance_extended.allowance_micros": 16,
    "performance_extended.forecast_avails": 16,
    "performance_extended.primary_underdelivery_reason": 7,
    "inventory_hourly.run_id": 10,
    "inventory_hourly.hour_start": 10,
    "inventory_hourly.device": 10,
    "inventory_hourly.placement": 10,
    "inventory_hourly.avails": 7,
    "inventory_hourly.filled": 7,
    "inventory_hourly.filled_ambient": 7,
    "inventory_hourly.unfilled": 7,
    "inventory_hourly.revenue_micros": 1,
    "conversions_hourly.run_id": 14,
    "conversions_hourly.view_through": 15,
    "conversions_hourly.click_through": 15,
    "conversions_hourly.multi_touch_view_ppm": 15,
    "conversions_hourly.multi_touch_click_ppm": 15,
    "lift.run_id": 10,
    "lift.hour_start": 10,
    "lift.line_item_id": 10,
    "lift.treated_viewers": 15,
    "lift.held_out_viewers": 15,
    "contention_daily.run_id": 7,
    "contention_daily.date": 11,
    "contention_daily.line_item_id": 7,
    "contention_daily.won_by": 7,
    "contention_daily.bids": 7,
    "delivery_events.run_id": 17,
    "delivery_events.ts": 17,
    "delivery_events.kind": 17,
    "delivery_events.line_item_id": 17,
    "delivery_events.campaign_id": 17,
    "delivery_events.amount_micros": 17,
    "delivery_events.limit_micros": 17,
    "delivery_events.budget": 17,
    "delivery_events.status": 17,
    "delivery_events.max_bid_micros": 17,
    "delivery_events.lifetime_micros": 17,
    "delivery_events.daily_micros": 17,
    "delivery_events.detail": 17,
}

# What only the digest of all, and the seal of the run's own row, can tell: without any events, too.
BY_DIGEST = (
    "performance.video_starts",
    "performance.skips",
    "performance_extended.bid_sum_micros",
    "performance.clicks",
    "performance.video_q25",
    "performance.video_q50",
    "performance.video_q75",
    "performance.video_completions",
    "performance.measurable",
    "performance.viewable",
    "performance.mutes",
    "performance.qr_scans",
    "performance.watch_seconds",
    "performance_extended.clearing_sum_micros",
    "performance_extended.floor_sum_micros",
    "performance_extended.impression_bid_sum_micros",
    "performance_extended.worth_sum_micros",
    "inventory_hourly.revenue_ambient_micros",
    "lift.treated_converters",
    "lift.treated_conversions",
    "lift.treated_exposed_converters",
    "lift.treated_exposed_conversions",
    "lift.held_out_converters",
    "lift.held_out_conversions",
    "lift.held_out_exposed_converters",
    "lift.held_out_exposed_conversions",
    "contention_daily.winner_line_item_id",
    *(f"simulation_runs.{name}" for name in ("seal", *SEALED) if f"simulation_runs.{name}" not in FOUND),
)
# What the digest tells as well, and the events say more of.
FOUND_BY_EVENTS: dict[str, int] = {
    "performance_extended.unique_viewers_hour": 9,
    "inventory_hourly.ad_seconds": 7,
    "inventory_hourly.sold_seconds": 7,
    "conversions_hourly.hour_start": 15,
    "conversions_hourly.line_item_id": 15,
    "conversions_hourly.touches": 15,
    "lift.treated_exposed_viewers": 15,
    "lift.held_out_exposed_viewers": 15,
    "delivery_events.count": 17,
    "delivery_events.total": 17,
}


def changed(column: Column[Any]) -> str:
    """Return what stands in place of a value of the column, as SQL."""
    name = column.name
    if words := getattr(column.type, "words", None):
        others = zip(words, (*words[1:], words[0]), strict=True)
        cases = " ".join(f"WHEN '{word}' THEN '{other}'" for word, other in others)
        return f"CASE {name} {cases} END"
    if name == "run_id":
        return "'another'"
    if column.foreign_keys:
        return f"CASE {name} WHEN 1 THEN 2 ELSE {name} - 1 END"
    if name in ("date", "hour_start", "ts", "start", "started_at", "finished_at"):
        return "date(date, '+1 day')" if name == "date" else f"datetime({name}, '+1 hour')"
    return f"{name} + 1" if column.type.python_type in (int, float) else f"{name} || 'x'"


def sabotage(column: Column[Any]) -> str:
    """Return the SQL that changes the largest value of a column."""
    table, name = column.table.name, column.name
    largest = f"SELECT rowid FROM {table} WHERE {name} IS NOT NULL ORDER BY {name} DESC, rowid LIMIT 1"
    return f"UPDATE OR REPLACE {table} SET {name} = {changed(column)} WHERE rowid = ({largest})"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return finish(tmp_path_factory.mktemp("whole") / "run", EVERYTHING, *IN_EVERY_COLUMN)


@pytest.fixture
def copied(whole: Finished, tmp_path: Path) -> Finished:
    return whole.copy(tmp_path / "run")


def found(law: int, run: Finished, *, events: bool) -> bool:
    try:
        return run.breaks(law, events)
    except registry.InputError:
        return law == REFUSED


def test_the_run_is_whole_and_has_something_in_every_column(whole: Finished) -> None:
    assert whole.audit().broken == ()
    with whole.run() as run:
        for name in COLUMNS:
            table, column = name.split(".")
            if table != "simulation_runs":
                assert run.table(table)[column].drop_nulls().len() > 0, name


def test_every_column_of_the_models_has_a_guard() -> None:
    assert sorted([*FOUND, *BY_DIGEST, *FOUND_BY_EVENTS]) == sorted(COLUMNS)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_change_of_a_row_is_found(name: str, copied: Finished) -> None:
    copied.sql(sabotage(COLUMNS[name]))
    law = 12 if name in BY_DIGEST else FOUND.get(name) or FOUND_BY_EVENTS.get(name, REFUSED)
    assert found(law, copied, events=name in FOUND_BY_EVENTS)


# Rows: one that is gone, one too many a while later, and two that have changed places in time.
WHEN = {
    table.name: next(name for name in ("hour_start", "date", "ts") if name in table.columns)
    for table in result_tables()
    if table.name != "simulation_runs"
}
DEEDS = ("deleted", "invented", "moved")
ROWS: dict[str, int] = {
    "performance deleted": 10,
    "performance invented": 10,
    "performance moved": 11,
    "performance_extended deleted": 10,
    "performance_extended invented": 10,
    "performance_extended moved": 9,
    "inventory_hourly deleted": 10,
    "inventory_hourly invented": 10,
    "inventory_hourly moved": 7,
    "conversions_hourly deleted": 15,
    "conversions_hourly invented": 12,
    "conversions_hourly moved": 15,
    "lift deleted": 10,
    "lift invented": 10,
    "lift moved": 15,
    "contention_daily deleted": 7,
    "contention_daily invented": 11,
    "contention_daily moved": 7,
    "delivery_events deleted": 17,
    "delivery_events invented": 17,
    "delivery_events moved": 17,
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_deleted_invented_or_moved_is_found(name: str, copied: Finished) -> None:
    table, deed = name.split(" ")
    do_to_rows(copied, table, WHEN[table], deed)
    assert found(ROWS[name], copied, events=True)


def test_rows_of_every_table_are_deleted_invented_and_moved() -> None:
    assert sorted(ROWS) == sorted(f"{table} {deed}" for table in WHEN for deed in DEEDS)


# Columns of the event files. The digest has all but those that repeat others.
SLOTS: dict[str, int] = {
    "hour": 11,
    "ts": 12,
    "slot_id": 12,
    "pod_position": 5,
    "pod_slots": 5,
    "pod_offset_s": 5,
    "placement": 7,
    "viewer_id": 11,
    "session_id": 12,
    "identity": 11,
    "region": 12,
    "device": 7,
    "genre": 12,
    "second_genre": 12,
    "title_tier": 12,
    "age_band": 12,
    "gender": 12,
    "language": 12,
    "line_item_id": 11,
    "campaign_id": 11,
    "advertiser_id": 11,
    "creative_id": 11,
    "duration_s": 7,
    "worth_micros": 12,
    "multiplier_ppm": 12,
    "bid_micros": 6,
    "price_micros": 1,
    "charged_micros": 1,
    "floor_micros": 6,
    "ambient_micros": 12,
    "ghost": 12,
    "rendered": 1,
    "invalid": 1,
    "measurable": 12,
    "viewable": 12,
    "started": 8,
    "q25": 8,
    "q50": 8,
    "q75": 8,
    "completed": 12,
    "skipped": 8,
    "muted": 12,
    "clicked": 12,
    "qr_scanned": 12,
    "watch_seconds": 8,
}


def other_value(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the events with another value of a column in the first billed one that has any."""
    kind = frame.schema[name]
    at = frame.select(
        (pl.col("rendered") & ~pl.col("invalid") & pl.col(name).is_not_null()).arg_true().first()
    ).item()
    old = frame[name][at]
    new: Any = not old if kind == pl.Boolean else None
    if kind.is_numeric():
        new = old + 1
    elif name == "ts":
        new = old + pl.Series([1], dtype=pl.Int64).cast(pl.Duration("us")).item() * 1_000_000
    elif kind != pl.Boolean:
        words = kind.categories if isinstance(kind, pl.Enum) else frame[name].unique().sort()
        new = next(word for word in words if word != old)
    here = pl.int_range(pl.len()) == at
    return frame.with_columns(pl.when(here).then(pl.lit(new, kind)).otherwise(pl.col(name)).alias(name))


@pytest.mark.parametrize("name", SLOTS)
def test_a_change_of_an_event_is_found(name: str, copied: Finished) -> None:
    copied.slots(lambda frame: other_value(frame, name))
    assert found(SLOTS[name], copied, events=True)


def test_every_column_of_the_events_has_a_guard() -> None:
    assert sorted(SLOTS) == sorted(EVENT_COLUMNS)
