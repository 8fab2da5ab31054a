"""What is read back is what was recorded."""

from __future__ import annotations

import polars as pl
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from analysis.delivery import report as delivery
from analysis.rows.columns import BookColumns
from analysis.runs.stored import StoredRun, find, runs, table_rows
from tests.unit.analysis.synthetic import BUDGET, run_row, store_run


@pytest.fixture
def run(engine: Engine, book: BookColumns) -> StoredRun:
    store_run(engine, book, "r1", hours=48)
    return find(engine, "r1")


def test_summary_adds_up(run: StoredRun) -> None:
    summary, performance = run.summary, run.performance
    assert summary["spend_micros"].sum() == performance["spend_micros"].sum()
    assert summary["impressions"].sum() == performance["impressions"].sum()
    for row in summary.iter_rows(named=True):
        assert row["budget_micros"] == BUDGET
        assert row["delivery"] == row["spend_micros"] / BUDGET
        assert row["ecpm"] == pytest.approx(row["spend_micros"] / row["impressions"] / 1000)
        assert row["frequency"] == row["impressions"] / row["reach"]
        assert (row["reason"] is None) == (row["spend_micros"] * 100 >= BUDGET * 95)


def test_curves_and_outcomes_agree_with_the_summary(run: StoredRun) -> None:
    summary = run.summary.sort("line_item")
    curves = delivery.curves(run)
    outcomes = run.funnel
    frequency = delivery.frequency(run)
    last = curves.group_by("line_item").last().sort("line_item")
    assert last["delivered_cum_micros"].to_list() == summary["spend_micros"].to_list()
    assert last["reach_to_date"].to_list() == summary["reach"].to_list()
    ended = outcomes.filter(stage="impressions").sort("line_item")
    assert ended["opportunities"].to_list() == summary["impressions"].to_list()
    viewers = frequency.group_by("line_item").agg(pl.col("viewers").sum()).sort("line_item")
    assert viewers["viewers"].to_list() == summary["reach"].to_list()


def test_loaded_rows_keep_their_types(run: StoredRun) -> None:
    schema = run.performance.schema
    assert schema["hour_start"] == pl.Datetime("us", "UTC")
    assert schema["date"] == pl.Date
    assert schema["spend_micros"] == pl.Int64
    assert schema["ctr"] == pl.Float64
    assert run.inventory.height == 48 * 8
    assert run.delivery_events["ts"].dtype == pl.Datetime("us", "UTC")


def test_runs_are_listed_the_latest_first(run: StoredRun, engine: Engine, book: BookColumns) -> None:
    store_run(engine, book, "r2", hours=1)
    assert [one.run_id for one in runs(engine)] == ["r2", "r1"]
    with Session(engine) as session:
        rows = table_rows(session)
    assert rows["performance"] == 48 * 6 + 6
    assert rows["line_items"] == 3


def test_line_items_of_one_name_are_told_apart(engine: Engine, book: BookColumns) -> None:
    from entities import registry

    store_run(engine, book, "r1", hours=1)
    with Session(engine) as session, session.begin():
        for item in (1, 2):
            session.get_one(registry.LineItem, item).name = "twin"
    names = find(engine, "r1").summary["line_item"].to_list()
    assert names == ["advertiser 0 / campaign 0 / twin", "advertiser 1 / campaign 1 / twin", "line item 2"]


def test_a_run_without_rows_is_an_empty_frame(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        session.add(run_row("r1"))
    run = find(engine, "r1")
    assert run.summary.height == 0
    assert delivery.curves(run).height == 0
