"""Charts stay small, show what they name, and never fail on a run with nothing in it."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from analysis.charts.figure import MOST_ROWS, Figure
from analysis.delivery import charts
from analysis.delivery.report import ENDINGS
from sim.events import FREQUENCY_BUCKETS
from tests.unit.analysis.synthetic import START


def tables(items: int, hours: int, spend: int = 1_000_000) -> dict[str, pl.DataFrame]:
    names = [f"item {at:02d}" for at in range(items)]
    summary = pl.DataFrame(
        {
            "line_item": names,
            "budget_micros": [10**9 + at for at in range(items)],
            "spend_micros": [spend * hours] * items,
            "delivery": [spend * hours / 10**9] * items,
            "reach": [100 if spend else 0] * items,
            "frequency": [2.0 if spend else None] * items,
            "reason": (["insufficient_avails"] + ["lost_outbid"] * (items - 1))[:items],
        },
        schema_overrides={
            "line_item": pl.String,
            "reason": pl.String,
            "frequency": pl.Float64,
            "delivery": pl.Float64,
            "reach": pl.Int64,
            "budget_micros": pl.Int64,
        },
    )
    curves = pl.DataFrame(
        [
            (START + timedelta(hours=hour), name, (hour + 1) * spend, (hour + 1) * 10**6, spend)
            for name in names
            for hour in range(hours)
        ],
        schema={
            "hour_start": pl.Datetime("us", "UTC"),
            "line_item": pl.String,
            "delivered_cum_micros": pl.Int64,
            "expected_cum_micros": pl.Int64,
            "spend_micros": pl.Int64,
        },
        orient="row",
    )
    each = [(name, stage, at + 1 if spend else 0) for name in names for at, stage in enumerate(ENDINGS)]
    viewers = [(name, bucket, 20 if spend else 0) for name in names for bucket in FREQUENCY_BUCKETS]
    return {
        "summary": summary,
        "curves": curves,
        "outcomes": pl.DataFrame(
            each, schema={"line_item": pl.String, "stage": pl.String, "opportunities": pl.Int64}, orient="row"
        ),
        "frequency": pl.DataFrame(
            viewers, schema={"line_item": pl.String, "bucket": pl.String, "viewers": pl.Int64}, orient="row"
        ),
    }


def draw(made: dict[str, pl.DataFrame]) -> list[Figure]:
    summary = made["summary"]
    return [
        charts.delivery_chart(made["curves"], summary),
        charts.spend_chart(made["curves"], summary),
        charts.reach_chart(made["frequency"], summary),
        charts.outcome_chart(made["outcomes"], summary),
    ]


def data(figure: Figure) -> list[list[dict]]:
    return [rows for chart in figure.drawn(checked=True) for rows in chart["datasets"].values()]


@pytest.mark.parametrize(("items", "hours"), [(1, 1), (3, 40), (30, 400)])
def test_charts_are_valid_and_small(items: int, hours: int) -> None:
    for figure in draw(tables(items, hours)):
        assert 0 < sum(map(len, data(figure))) <= MOST_ROWS
        assert figure.finding
        assert ("left out" in figure.about) == (items == 30)


def test_findings_say_what_is_seen() -> None:
    delivery, spend, reach, outcome = (figure.finding for figure in draw(tables(2, 48)))
    assert delivery == "0 of 2 line items delivered at least 95 % of the budget"
    assert spend == "Spend was highest on 4 November at 04:00 UTC: $2.00 in that hour"
    assert reach == "item 01 came back most often: 2.0 times to a viewer"
    assert outcome == "item 00 is furthest behind; its main reason is too few avails"


def test_a_single_line_item_is_held_against_nobody() -> None:
    delivery, _, reach, _ = (figure.finding for figure in draw(tables(1, 2)))
    assert delivery == "0 of 1 line item delivered at least 95 % of the budget"
    assert reach == "item 00 reached 100 viewers, 2.0 times each"


def test_line_items_without_a_budget_have_no_goal() -> None:
    made = tables(2, 2)
    made["summary"] = made["summary"].with_columns(delivery=pl.lit(None, pl.Float64))
    assert draw(made)[0].finding == "No line item has a budget, so there is no goal to deliver"


def test_a_run_without_any_spend_says_so() -> None:
    delivery, spend, reach, outcome = draw(tables(2, 2, spend=0))
    assert len(delivery.panels) == 2
    assert spend.finding == "Nothing was spent in any hour."
    assert reach.finding == "Nobody was reached, so there is nothing to draw."
    assert outcome.finding == "No slot matched any line item, so none was bought or lost."
    assert not any(figure.panels for figure in (spend, reach, outcome))


def test_a_run_of_nobody_says_so() -> None:
    assert not any(figure.panels for figure in draw(tables(0, 2)))


def test_shares_of_a_line_item_make_a_whole() -> None:
    rows, _ = data(draw(tables(2, 2))[-1])
    assert sum(row["share"] for row in rows if row["line_item"] == "item 00") == pytest.approx(1)


def test_a_reason_that_is_named_is_also_drawn() -> None:
    made = tables(2, 2)
    made["summary"] = made["summary"].with_columns(reason=pl.Series([None, "blocked_daypart"]))
    outcome = draw(made)[-1]
    assert "daypart" in {row["stage"] for row in data(outcome)[0]}
    assert "daypart" in outcome.key


def test_thinning_keeps_the_end_of_every_curve() -> None:
    curves = tables(3, 1104)["curves"]
    thin = charts.thinned(curves, most=100)
    assert 3 <= thin.height <= 100
    last = thin.group_by("line_item", maintain_order=True).last()
    assert last["delivered_cum_micros"].to_list() == [1104 * 10**6] * 3
    assert charts.thinned(curves, most=10_000).height == curves.height


def test_the_largest_budgets_are_shown() -> None:
    assert charts.shown(tables(30, 1)["summary"])[0] == "item 29"
    assert len(charts.shown(tables(30, 1)["summary"])) == charts.MOST_LINE_ITEMS
