"""Charts stay small, show what they name, and never fail on a run with nothing in it."""

from __future__ import annotations

from datetime import timedelta

import altair as alt
import polars as pl
import pytest

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
            "reason": ["insufficient_avails"] + ["lost_outbid"] * (items - 1),
        },
        schema_overrides={"frequency": pl.Float64},
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
        "outcomes": pl.DataFrame(each, schema=["line_item", "stage", "opportunities"], orient="row"),
        "frequency": pl.DataFrame(viewers, schema=["line_item", "bucket", "viewers"], orient="row"),
    }


def draw(made: dict[str, pl.DataFrame]) -> list[dict]:
    summary = made["summary"]
    drawn = (
        charts.delivery_chart(made["curves"], summary),
        charts.spend_chart(made["curves"], summary),
        charts.reach_chart(made["frequency"], summary),
        charts.outcome_chart(made["outcomes"], summary),
    )
    # to_dict() checks the chart against the schema of Vega-Lite, and refuses 5,000 rows
    with alt.data_transformers.enable("default"):
        return [chart.to_dict() for chart in drawn]


@pytest.mark.parametrize(("items", "hours"), [(1, 1), (3, 40), (30, 400)])
def test_charts_are_valid_and_small(items: int, hours: int) -> None:
    for chart in draw(tables(items, hours)):
        rows = sum(len(each) for each in chart["datasets"].values())
        assert rows < 5_000
        assert chart["title"]["text"]


def test_titles_say_what_is_seen() -> None:
    made = tables(2, 48)
    delivery, spend, reach, outcome = (" ".join(chart["title"]["text"]) for chart in draw(made))
    assert delivery == "0 of 2 line items delivered at least 95 % of their budget"
    assert spend.startswith("Spend was highest on ")
    assert reach == "item 01 came back most often: 2.0 times to a viewer"
    assert outcome == "item 00 is furthest behind; its main reason is too few avails"


def test_a_run_without_any_spend_is_drawn() -> None:
    _, spend, reach, _ = (" ".join(chart["title"]["text"]) for chart in draw(tables(2, 2, spend=0)))
    assert (spend, reach) == ("No spend in any hour", "Nobody was reached")


def test_shares_of_a_line_item_make_a_whole() -> None:
    chart = draw(tables(2, 2))[-1]
    (rows,) = chart["datasets"].values()
    assert sum(row["share"] for row in rows if row["line_item"] == "item 00") == pytest.approx(1)


def test_a_reason_that_is_named_is_also_drawn() -> None:
    made = tables(2, 2)
    made["summary"] = made["summary"].with_columns(reason=pl.Series([None, "blocked_daypart"]))
    rows = next(iter(draw(made)[-1]["datasets"].values()))
    assert "blocked: daypart" in {row["stage"] for row in rows}


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
