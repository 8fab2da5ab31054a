"""The tables of what happened: derived ratios, the laws as CHECKs, and what goes with a run."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from entities import registry
from entities.enums.outcomes import COUNTED
from entities.registry import (
    Campaign,
    DeliveryEvent,
    InventoryHourly,
    Performance,
    PerformanceExtended,
    SimulationRun,
    UnderdeliveryReason,
)

HOUR = "2026-11-02 18:00:00"
SHOWN = dict.fromkeys((outcome.column for outcome in COUNTED), 0) | {
    "impressions": 1000, "clicks": 10, "video_starts": 990, "video_q25": 980, "video_q50": 970,
    "video_q75": 960, "video_completions": 950, "measurable": 1000, "viewable": 970, "ivt": 5, "errors": 3,
    "skips": 2, "mutes": 40, "qr_scans": 1, "watch_seconds": 29_000, "spend_micros": 20_000_000,
}  # fmt: skip
FUNNEL = {
    "requests_matched": 100, "blocked_daypart": 1, "blocked_creative": 2, "blocked_budget_lifetime": 3,
    "blocked_budget_daily": 4, "blocked_allowance": 5, "blocked_frequency_cap": 6, "blocked_separation": 7,
    "blocked_throttle": 8, "bids": 64, "lost_below_floor": 1, "lost_deal": 2, "lost_ambient": 10, "lost_outbid": 18,
    "ghosts": 1, "wins": 32, "errors": 1, "invalid": 1, "impressions": 30, "bid_sum_micros": 64 * 25_000,
    "clearing_sum_micros": 32 * 20_000, "floor_sum_micros": 32 * 10_000,
    "impression_bid_sum_micros": 30 * 25_000, "worth_sum_micros": 30 * 25_000, "spend_micros": 30 * 20_000,
    "unique_viewers_hour": 20, "new_viewers_hour": 10, "reach_to_date": 50, "impressions_to_date": 80,
    "freq_1": 30, "freq_2": 10, "freq_3_5": 5, "freq_6_9": 3, "freq_10_plus": 2, "goal_micros_hour": 600_000,
    "expected_cum_micros": 2_000_000, "delivered_cum_micros": 1_600_000, "bid_multiplier_ppm": 850_000,
    "participation_ppm": 1_000_000, "allowance_micros": 0, "forecast_avails": 110,
}  # fmt: skip
AVAILS = {
    "avails": 100, "filled": 30, "filled_ambient": 50, "unfilled": 20, "revenue_micros": 1,
    "ad_seconds": 2400, "sold_seconds": 1800, "revenue_ambient_micros": 1,
}  # fmt: skip


@pytest.fixture
def results(db: Session, booked: Campaign, run: SimulationRun) -> Session:
    """A run with one row in each of its tables."""
    item = booked.line_items[0]
    keys = {"run_id": run.run_id, "hour_start": HOUR, "line_item_id": item.id}
    owners = {
        "advertiser_id": booked.advertiser_id,
        "campaign_id": booked.id,
        "creative_id": item.creatives[0].id,
    }
    clock = {"date": "2026-11-02", "hour_of_day": 18}
    db.execute(insert(Performance), [keys | owners | clock | SHOWN])
    db.execute(insert(PerformanceExtended), [keys | FUNNEL])
    db.execute(
        insert(InventoryHourly),
        [{"run_id": run.run_id, "hour_start": HOUR, "device": "tv", "placement": "mid_roll"} | AVAILS],
    )
    db.add(
        DeliveryEvent(run_id=run.run_id, ts=run.start, kind="flight_started", line_item_id=item.id, count=240)
    )
    db.flush()
    return db


def test_ratios_are_sums_over_sums(results: Session) -> None:
    row = results.scalars(select(Performance)).one()
    assert row.hour_start == datetime(2026, 11, 2, 18, tzinfo=UTC)
    assert row.date == date(2026, 11, 2)
    assert (row.ctr, row.vtr, row.viewability_rate) == (10 / 1000, 950 / 1000, 970 / 1000)
    assert row.completion_rate == 950 / 990
    assert row.ecpm == 20.0  # $20 for a thousand impressions
    assert (row.cpc, row.cpcv) == (2.0, 20 / 950)
    extended = results.scalars(select(PerformanceExtended)).one()
    assert (extended.win_rate, extended.osi) == (0.5, 0.8)
    assert (extended.bid_multiplier, extended.participation) == (0.85, 1.0)
    assert extended.primary_underdelivery_reason is None
    inventory = results.scalars(select(InventoryHourly)).one()
    assert inventory.fill_rate == 0.8
    assert inventory.seconds_fill_rate == 0.75
    assert inventory.device is registry.DeviceType.tv


def test_a_ratio_over_nothing_is_null(results: Session) -> None:
    zero = ", ".join(f"{column} = 0" for column in SHOWN)
    results.execute(text(f"UPDATE performance SET {zero}"))
    row = results.scalars(select(Performance)).one()
    assert [row.ctr, row.vtr, row.completion_rate, row.viewability_rate, row.ecpm, row.cpc, row.cpcv] == [
        None
    ] * 7
    results.execute(
        text(f"UPDATE performance_extended SET {', '.join(f'{column} = 0' for column in FUNNEL)}")
    )
    extended = results.scalars(select(PerformanceExtended)).one()
    assert [extended.win_rate, extended.osi] == [None, None]
    results.execute(text(f"UPDATE inventory_hourly SET {', '.join(f'{column} = 0' for column in AVAILS)}"))
    assert results.scalars(select(InventoryHourly.fill_rate)).one() is None


def test_hours_are_kept_as_sortable_utc_text(results: Session) -> None:
    assert results.execute(text("SELECT hour_start, date FROM performance")).one() == (HOUR, "2026-11-02")
    assert results.execute(text("SELECT ts FROM delivery_events")).scalar_one() == "2026-11-02 00:00:00"
    late = datetime.fromisoformat("2026-11-02T13:00:00-05:00")
    assert results.scalars(select(Performance.run_id).where(Performance.hour_start == late)).all() == [
        "run-1"
    ]


def test_the_reason_is_one_of_the_vocabulary(results: Session) -> None:
    row = results.scalars(select(PerformanceExtended)).one()
    row.primary_underdelivery_reason = UnderdeliveryReason.lost_outbid
    results.flush()
    with pytest.raises(IntegrityError, match="primary_underdelivery_reason_known"):
        results.execute(text("UPDATE performance_extended SET primary_underdelivery_reason = 'luck'"))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("performance SET clicks = -1", "clicks_least"),
        ("performance SET clicks = 1001", "clicks_of_impressions"),
        ("performance SET video_q50 = 981", "quartiles_in_order"),
        ("performance SET video_starts = 1001", "quartiles_in_order"),
        ("performance SET video_completions = 961", "quartiles_in_order"),
        ("performance SET viewable = 1001", "viewable_in_order"),
        ("performance SET hour_start = '2026-11-02T18:00:00'", "hour_start_whole"),
        ("performance SET hour_start = '2026-11-02 18:30:00'", "hour_start_whole"),
        ("performance SET date = '2026-11-03'", "date_of_hour"),
        ("performance SET hour_of_day = 17", "hour_of_day_of_hour"),
        ("performance SET run_id = 'other'", "FOREIGN KEY"),
        ("performance SET creative_id = 99", "FOREIGN KEY"),
        ("performance_extended SET requests_matched = 101", "funnel_matched"),
        ("performance_extended SET blocked_throttle = 9", "funnel_matched"),
        ("performance_extended SET lost_ambient = 11", "funnel_bids"),
        ("performance_extended SET invalid = 2", "funnel_wins"),
        ("performance_extended SET floor_sum_micros = 640001", "prices_in_order"),
        ("performance_extended SET clearing_sum_micros = 1600001", "prices_in_order"),
        ("performance_extended SET spend_micros = 640001", "spend_of_wins"),
        ("performance_extended SET unique_viewers_hour = 31", "viewers_in_order"),
        ("performance_extended SET reach_to_date = 81", "reach_in_order|frequency_of_reach"),
        ("performance_extended SET freq_1 = 31", "frequency_of_reach"),
        ("performance_extended SET participation_ppm = -1", "participation_ppm_least"),
        ("inventory_hourly SET unfilled = 21", "avails_accounted"),
        ("inventory_hourly SET device = 'radio'", "device_known"),
        ("delivery_events SET kind = '', count = NULL", "kind_known"),
        ("delivery_events SET count = NULL", "count_of_kind"),
        ("delivery_events SET count = -1", "count_least"),
        ("delivery_events SET kind = 'flight_ended', count = NULL", "amount_micros_of_kind"),
        ("delivery_events SET status = 'paused'", "status_of_kind"),
        ("delivery_events SET kind = 'caps_leaked', total = 239", "count_of_total"),
        ("delivery_events SET kind = 'terms_changed', count = NULL", "terms_of_kind"),
        ("delivery_events SET daily_micros = 5", "terms_of_kind"),
        ("delivery_events SET line_item_id = 99", "FOREIGN KEY"),
        ("simulation_runs SET finished_at = '2026-01-01 00:00:00'", "times_forward"),
        ("simulation_runs SET seconds = -1.0", "seconds_least"),
        ("simulation_runs SET tick_minutes = 7", "tick_divides_hour"),
        ("simulation_runs SET status = 'half'", "status_known"),
        ("simulation_runs SET seed = -1", "seed_least"),
    ],
)
def test_the_database_holds_the_laws(results: Session, change: str, rule: str) -> None:
    with pytest.raises(IntegrityError, match=f"(?i){rule}"):
        results.execute(text(f"UPDATE {change}"))


def test_the_grain_of_each_table() -> None:
    keys = {
        model.__tablename__: [column.name for column in model.__table__.primary_key]
        for model in (Performance, PerformanceExtended, InventoryHourly, SimulationRun)
    }
    assert keys == {
        "performance": ["run_id", "hour_start", "line_item_id", "creative_id"],
        "performance_extended": ["run_id", "hour_start", "line_item_id"],
        "inventory_hourly": ["run_id", "hour_start", "device", "placement"],
        "simulation_runs": ["run_id"],
    }


def test_a_row_is_unique_by_its_key(results: Session) -> None:
    for table in ("performance", "performance_extended", "inventory_hourly"):
        model = registry.Base.metadata.tables[table]
        stored = [column.name for column in model.columns if column.computed is None]
        copy = f"INSERT INTO {table} ({', '.join(stored)}) SELECT {', '.join(stored)} FROM {table}"
        with pytest.raises(IntegrityError, match=r"(?i)UNIQUE"), results.begin_nested():
            results.execute(text(copy))


def test_results_go_with_their_run(results: Session) -> None:
    results.execute(text("DELETE FROM simulation_runs"))
    for table in (Performance, PerformanceExtended, InventoryHourly, DeliveryEvent):
        assert results.scalar(select(func.count()).select_from(table)) == 0, table


def test_what_has_results_cannot_be_deleted(results: Session) -> None:
    for table in ("creatives", "line_items", "campaigns", "advertisers"):
        with pytest.raises(IntegrityError, match=r"(?i)FOREIGN KEY"), results.begin_nested():
            results.execute(text(f"DELETE FROM {table}"))


@pytest.mark.parametrize("text_of_moment", ["yesterday", "2026-11-02 25:00:00"])
def test_text_that_is_no_moment_is_refused(results: Session, text_of_moment: str) -> None:
    row: dict[str, Any] = {"run_id": "run-1", "device": "tv", "placement": "pre_roll"} | AVAILS
    with pytest.raises(Exception, match=text_of_moment.split(maxsplit=1)[0] + "|hour must be"):
        results.execute(insert(InventoryHourly), [row | {"hour_start": text_of_moment}])


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_analysis_finds_a_line_items_hours_by_index(results: Session) -> None:
    for table in ("performance", "performance_extended"):
        plan = results.execute(
            text(f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE line_item_id = 1 AND hour_start > '2026'")
        ).all()
        assert any("USING INDEX" in step.detail for step in plan), plan
