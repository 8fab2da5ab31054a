"""Who won what was lost: rows of whole UTC days that sum to the funnel, the same wherever they are read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.delivery.report import contention
from analysis.rows.contention import LOSSES
from analysis.runs.played import PlayedRun
from entities.enums import WonBy
from tests.laws.finished import played

EVERYTHING = str(Path(__file__).parents[2] / "laws" / "everything.yml")


@pytest.fixture(scope="module", params=[EVERYTHING, "golden-pods-and-caps"])
def run(request: pytest.FixtureRequest) -> PlayedRun:
    return played(request.param)


def test_winners_sum_to_the_funnel_by_day_and_kind(run: PlayedRun) -> None:
    day = pl.col("hour_start").dt.date().alias("date")
    rows = run.performance_extended.group_by(day, "line_item_id").agg(pl.col(*LOSSES.values()).sum())
    told = run.contention.pivot(
        "won_by", index=["date", "line_item_id"], values="bids", aggregate_function="sum"
    )
    told = told.rename({word: stage for word, stage in LOSSES.items() if word in told.columns})
    for stage in set(LOSSES.values()) & set(told.columns):
        both = rows.join(told, on=["date", "line_item_id"], how="left").fill_null(0)
        assert both[stage].to_list() == both[f"{stage}_right"].to_list()
    assert {word for word, stage in LOSSES.items() if rows[stage].sum()} == set(run.contention["won_by"])


def test_winners_have_names_but_for_outside_demand(run: PlayedRun) -> None:
    told = contention(run)
    assert told.columns == ["date", "line_item", "won_by", "winner", "bids"]
    assert told["bids"].sum() == run.contention["bids"].sum() > 0
    outside = pl.col("won_by") == WonBy.outside_demand
    assert told.filter(pl.col("winner").is_null() != outside).is_empty()
    assert told.filter(pl.col("winner") == pl.col("line_item")).is_empty()
    assert told.select("date", "line_item", "winner").is_duplicated().sum() == 0


def test_a_stored_run_says_the_same(run: PlayedRun, tmp_path: Path) -> None:
    stored = run.save(tmp_path / "ads.db")
    assert contention(stored).equals(contention(run))
    assert stored.gaps.drop("line_item_id").equals(run.gaps.drop("line_item_id"))
