"""An explanation as frames, and what they say."""

from __future__ import annotations

import polars as pl
import pytest

from analysis.explain import frames
from analysis.explain.bound import Bound
from analysis.explain.funnel import Step
from analysis.explain.winners import Winner
from tests.unit.analysis.counted import counted

FUNNEL = (
    Step("avails", "avails in its flight", False, 40, None, None),
    Step("not_matched", "not its targeting", True, 30, 0.75, None),
    Step("requests_matched", "matched", False, 10, 0.25, 1.0),
    Step("blocked_throttle", "pacing throttle", True, 2, 0.2, 0.2),
    Step("lost_ambient", "outside demand", True, 2, 0.2, 0.2),
    Step("impressions", "impressions", False, 6, 0.6, 0.6),
)


def test_a_funnel_keeps_its_order_and_names_what_stopped_most() -> None:
    found = frames.funnel_frame(FUNNEL)
    assert found["place"].to_list() == [0, 1, 2, 3, 4, 5]
    assert found.row(3)[1:] == FUNNEL[3]
    told = "60% of the slots that matched A became impressions; pacing throttle stopped the most, 20%"
    assert frames.funnel_found(found, "A") == told  # the earlier one of two that stopped as much
    assert frames.funnel_found(found.head(3), "A") == "0% of the slots that matched A became impressions"
    assert (
        frames.funnel_found(found.head(2), "A")
        == frames.funnel_found(found.clear(), "A")
        == "No slot matched A"
    )


def test_winners_beyond_a_few_are_one() -> None:
    won = (
        Winner("outside_demand", None, 5, 0.5),
        Winner("deal", "B", 3, 0.3),
        Winner("line_item", "C", 2, 0.2),
    )
    assert frames.winners_frame(won)["winner"].to_list() == ["outside demand", "B (deal)", "C"]
    few = frames.winners_frame(won, most=1)
    assert few.rows() == [("outside demand", "outside_demand", 5, 0.5), (frames.REST, None, 5, 0.5)]
    assert frames.winners_found(few, "A") == "Outside demand won 50% of what A lost"
    tie = frames.winners_frame((Winner("line_item", "B", 2, 0.5), Winner("line_item", "C", 2, 0.5)))
    assert frames.winners_found(tie, "A") == "B and C each won 50% of what A lost"
    assert frames.winners_found(frames.winners_frame(()), "A") == "A lost no auction to anybody"


@pytest.fixture
def contention() -> pl.DataFrame:
    rows = [
        (1, "line_item", 2, 3),
        (1, "outside_demand", None, 1),
        (1, "outside_demand", None, 2),
        (2, "outside_demand", None, 4),
    ]
    schema = {
        "line_item_id": pl.Int64,
        "won_by": pl.String,
        "winner_line_item_id": pl.Int64,
        "bids": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(date=pl.date(2026, 11, 2))


def test_losses_add_up_over_days_and_their_shares_to_one(contention: pl.DataFrame) -> None:
    found = frames.losses(counted(contention=contention))
    assert found.rows() == [
        ("A", "B", 3, 0.5),
        ("A", "outside demand", 3, 0.5),
        ("B", "outside demand", 4, 1.0),
    ]
    assert (
        frames.losses_found(found) == "Outside demand won more of what line items lost than anybody else: 70%"
    )
    few = frames.losses(counted(contention=contention), winners=1, losers=1)
    assert few.rows() == [("A", frames.REST, 3, 0.5), ("A", "outside demand", 3, 0.5)]
    assert (
        frames.losses_found(few) == "Outside demand won more of what line items lost than anybody else: 50%"
    )
    none = frames.losses(counted(contention=contention.clear()))
    assert frames.losses_found(none) == "No line item lost an auction to anybody"


def test_what_bound_is_said_by_hours() -> None:
    reasons = ("lost_ambient", "lost_ambient", "blocked_throttle", None)
    spans = [Bound(None, None, hour, 9, reason, 5, 5 / 9) for hour, reason in enumerate(reasons)]
    found = frames.bound_frame(spans)
    assert found["reason"].to_list() == ["outside demand", "outside demand", "pacing throttle", "nothing"]
    assert (
        frames.bound_found(found, "A")
        == "In 2 of 4 hours outside demand stopped more slots of A than anything else"
    )
    assert frames.bound_found(found.head(2), "A").startswith("In all 2 hours outside demand")
    assert frames.bound_found(found.tail(1), "A") == "Nothing was stopped of what matched A"
    assert frames.bound_found(frames.bound_frame(()), "A") == "Nothing was stopped of what matched A"
