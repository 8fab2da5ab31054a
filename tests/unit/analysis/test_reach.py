"""Reach by frequency and over time, from rows written by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from analysis.delivery import reach
from analysis.delivery.reach_charts import one_by_one_figure
from tests.unit.analysis.counted import counted

TWO_HOURS = (
    {"item": 1, "hour": 0, "reach_to_date": 3, "impressions_to_date": 3, "freq_1": 3},
    {
        "item": 1,
        "hour": 1,
        "reach_to_date": 4,
        "impressions_to_date": 16,
        "freq_1": 1,
        "freq_2": 2,
        "freq_10_plus": 1,
    },
    {"item": 2, "hour": 1},
)


def test_viewers_are_counted_once_by_how_often_they_were_reached_in_the_end() -> None:
    found = reach.frequencies(counted(*TWO_HOURS))
    own = found.filter(line_item="A")
    assert own["times"].to_list() == ["1", "2", "3–5", "6–9", "10+"]
    assert own["viewers"].to_list() == [1, 2, 0, 0, 1]
    assert own["share"].to_list() == [0.25, 0.5, 0, 0, 0.25]
    assert found.filter(line_item="B")["share"].null_count() == 5


@pytest.mark.parametrize(("most", "hours"), [(100, 10), (5, 6), (3, 4), (1, 2)])
def test_a_curve_is_thinned_and_keeps_its_end(most: int, hours: int) -> None:
    run = counted(*({"hour": h, "reach_to_date": h + 1, "impressions_to_date": 2 * h + 1} for h in range(10)))
    found = reach.over_time(run, most)
    assert found.height == hours
    assert found.select("reach", "impressions", "share").row(-1) == (10, 19, 1.0)
    assert f"{found['hour_end'][-1]:%H:%M}" == "15:00"


def test_what_is_said_is_true_of_any_reach() -> None:
    run = counted(*TWO_HOURS)
    often, soon = reach.frequencies(run), reach.over_time(run)
    assert (
        reach.frequency_found(often, "A")
        == "A reached 4 viewers: 25% of them once, and 25% ten times or more"
    )
    assert reach.time_found(soon, "A") == "A had half of its 4 viewers after 19% of its impressions"
    for name in ("B", "who never flew"):
        assert reach.frequency_found(often, name) == reach.time_found(soon, name) == f"{name} reached nobody"
    one = counted({"reach_to_date": 1, "impressions_to_date": 1, "freq_1": 1})
    assert reach.frequency_found(reach.frequencies(one), "A").startswith("A reached one viewer: 100% of them")
    empty = counted()
    assert reach.frequencies(empty).is_empty()
    assert reach.over_time(empty).is_empty()
    assert isinstance(reach.over_time(empty).schema["share"], pl.Float64)


def test_viewers_and_households_are_counted_one_by_one_with_the_events() -> None:
    billed = {"line_item_id": 1, "ghost": False, "rendered": True, "invalid": False}
    seen = [0, 0, 0, 1, 2]  # the first two live together
    lost = [{"ghost": True}, {"rendered": False}, {"invalid": True}, {"line_item_id": 2}]
    rows = [{**billed, "viewer_id": viewer} for viewer in seen] + [
        {**billed, **each, "viewer_id": 2} for each in lost
    ]
    homes = np.array([(7,), (7,), (8,)], [("household", np.int32)])
    run = counted(market=SimpleNamespace(people=lambda _: homes), scenario=SimpleNamespace(seed=1))
    found = reach.one_by_one(run, pl.LazyFrame(rows), "A", most=3)
    assert found.filter(whose="viewers")["reached"].to_list() == [2, 0, 1]
    assert found.filter(whose="households")["reached"].to_list() == [
        1,
        0,
        1,
    ]  # four times count as three or more
    told = "Half of the viewers that A reached saw it 1 time or more, half of the households 3 times"
    assert reach.one_by_one_found(found, "A") == told
    alike = reach.one_by_one_found(found.with_columns(reached=pl.lit(1)), "A")
    assert alike == "Half of the viewers and households that A reached saw it 2 times or more"
    none = reach.one_by_one(run, pl.LazyFrame(rows), "B").with_columns(reached=pl.lit(0))
    assert reach.one_by_one_found(none, "B") == "B reached nobody"
    for frame in (found, none):
        assert bool(one_by_one_figure(frame, "A").panels) == (frame is found)
