"""Rows keep every sum of their events, and have a line for every hour in flight."""

from __future__ import annotations

import os
import subprocess
import sys
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.rows.performance import COUNTS, Tally
from sim.events import FUNNEL
from tests.unit.analysis.synthetic import START, Market, columns

seeds = st.integers(0, 2**32 - 1)


@given(seed=seeds, events=st.integers(0, 300), items=st.integers(1, 5), spots=st.integers(1, 3))
def test_sums_are_preserved_exactly(seed: int, events: int, items: int, spots: int) -> None:
    hour = Market(book := columns(items, spots), seed, events).hour()
    rows = Tally(book).rows(hour)
    billed = hour.events[(hour.events["rendered"] == 1) & (hour.events["invalid"] == 0)]
    assert rows.performance["spend_micros"].sum() == hour.events["charged_micros"].sum()
    assert rows.performance["impressions"].sum() == len(billed)
    assert rows.performance["video_completions"].sum() == billed["completed"].astype(int).sum()
    assert rows.performance["clicks"].sum() == billed["clicked"].astype(int).sum()
    assert rows.performance["watch_seconds"].sum() == billed["watch_seconds"].astype(int).sum()
    won = rows.performance.select(pl.sum_horizontal("impressions", "errors", "ivt")).sum().item()
    assert won == len(hour.events)
    by_item = rows.performance.group_by("line_item_id").agg(
        pl.col("impressions", "spend_micros", "errors").sum()
    )
    both = rows.performance_extended.join(by_item, on="line_item_id")
    for name in ("impressions", "spend_micros", "errors"):
        assert both[name].equals(both[f"{name}_right"], check_names=False)


def test_small_whole_numbers_do_not_overflow() -> None:
    hour = Market(book := columns(1, 1), events=40_000).hour()
    hour.events["watch_seconds"] = 75
    hour.events["rendered"], hour.events["invalid"] = 1, 0
    row = Tally(book).rows(hour).performance
    assert row["watch_seconds"].item() == 40_000 * 75
    assert row["impressions"].item() == 40_000


def test_every_creative_in_flight_has_a_row_and_no_other() -> None:
    book = columns(3, 2)
    market, tally = Market(book), Tally(book)
    nothing = tally.rows(market.hour(live=[False] * 3))
    assert nothing.performance.height == nothing.performance_extended.height == 0
    assert nothing.inventory_hourly.height == 8
    hour = market.hour(live=[True, False, True])
    rows = tally.rows(hour._replace(parts=(hour.events[:0],)))
    assert sorted(rows.performance["creative_id"]) == [1, 2, 5, 6]
    assert rows.performance.select(COUNTS).sum().row(0) == (0,) * len(COUNTS)
    assert sorted(rows.performance_extended["line_item_id"]) == [1, 3]


def test_hours_are_named_in_utc() -> None:
    market, tally = Market(columns(1, 1)), Tally(columns(1, 1))
    rows = [tally.rows(market.hour()) for _ in range(20)][-1]
    last = tally.dated(rows.performance)
    assert last["hour_start"].item() == START.replace(day=3, hour=0)
    assert (last["date"].item().isoformat(), last["hour_of_day"].item()) == ("2026-11-03", 0)
    assert tally.dated(rows.inventory_hourly).columns[:2] == ["hour_start", "device"]
    elsewhere = columns(1, 1, start=START.astimezone(ZoneInfo("America/New_York")))
    assert Tally(elsewhere).dated(rows.performance)["hour_start"].equals(last["hour_start"])


def test_reach_and_impressions_run_to_date() -> None:
    market, tally = Market(book := columns(2, 1), events=60), Tally(columns(2, 1))
    frames = [tally.rows(market.hour()).performance_extended for _ in range(5)]
    whole = pl.concat(frames).sort("line_item_id", "hour")
    for item in range(2):
        own = whole.filter(pl.col("line_item_id") == book.line_items[item].id)
        assert own["reach_to_date"].to_list() == own["new_viewers_hour"].cum_sum().to_list()
        assert own["impressions_to_date"].to_list() == own["impressions"].cum_sum().to_list()
        assert own["reach_to_date"][-1] == np.count_nonzero(market.seen[item])
        assert (own["unique_viewers_hour"] >= own["new_viewers_hour"]).all()


def test_inventory_is_laid_out_by_device_and_placement() -> None:
    hour = Market(book := columns(1, 1)).hour()
    supply = Tally(book).rows(hour).inventory_hourly
    first = supply.filter(device="desktop", placement="mid_roll")
    assert first["avails"].item() == hour.inventory[1, 1, 0]


def test_rows_stand_in_the_order_of_keys_in_every_database() -> None:
    book = columns(4, 1)
    keys = Tally(book).rows(Market(book).hour()).performance["line_item_key"].to_list()
    assert keys == sorted(item.key for item in book.line_items)


def test_columns_are_those_of_the_funnel() -> None:
    extended = Tally(book := columns(1, 1)).rows(Market(book).hour()).performance_extended
    assert set(FUNNEL) - {"new_viewers"} <= set(extended.columns)
    assert "new_viewers_hour" in extended.columns


def test_rows_do_not_depend_on_the_number_of_threads(capsys: pytest.CaptureFixture[str]) -> None:
    program = (
        "from tests.unit.analysis.synthetic import *\n"
        "from analysis.rows.digest import Digest\n"
        "from analysis.rows.performance import Tally\n"
        "book = columns(5, 2); market = Market(book, events=20_000, viewers=5_000)\n"
        "tally, digest = Tally(book), Digest(book)\n"
        "for _ in range(3): digest.update(tally.rows(market.hour()))\n"
        "print(digest.hexdigest())\n"
    )
    settings = {"POLARS_MAX_THREADS": "7", "PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **settings, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert pl.thread_pool_size() == 1
    exec(program, {})
    assert capsys.readouterr().out == run.stdout
