"""A gap is split among reasons to the micro, by the hours that were never made up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.delivery.gaps import Columns, divided, split
from analysis.delivery.report import gaps
from analysis.rows.reasons import CAMPAIGN_BUDGET, COUNTED, PAUSED, REASONS
from entities.enums.funnel import STAGES
from tests.laws.finished import played

PRICE = 100


def hours(
    expected: Sequence[int], spend: Sequence[int], matched: Sequence[int], **stopped: Sequence[int]
) -> Columns:
    """Return the hours of a line item that should have spent and did spend that much in each of them."""
    nothing = np.zeros(len(expected), np.int64)
    columns = {stage.column: nothing for stage in STAGES}
    columns |= {name: np.array(values, np.int64) for name, values in stopped.items()}
    spent = np.array(spend, np.int64)
    return columns | {
        "requests_matched": np.array(matched, np.int64),
        "bids": np.ones(len(expected), np.int64),
        "bid_sum_micros": np.full(len(expected), PRICE, np.int64),
        "expected_cum_micros": np.cumsum(np.array(expected, np.int64)),
        "delivered_cum_micros": np.cumsum(spent),
    }


def money(found: Columns) -> dict[str, int]:
    return {share.reason: share.micros for share in split(found)}


def test_a_gap_goes_to_what_stopped_most_in_proportion() -> None:
    one = hours([10_000], [4_000], [1000], blocked_frequency_cap=[30], lost_outbid=[10])
    assert money(one) == {"blocked_frequency_cap": 4_500, "lost_outbid": 1_500}
    assert [share.impressions for share in split(one)] == [45, 15]
    assert [share.share for share in split(one)] == [0.75, 0.25]


def test_what_could_not_have_been_bought_is_too_few_avails() -> None:
    # All 70 that matched would have brought 7,000 of 10,000: 3,000 of the 6,000 missed.
    one = hours([10_000], [4_000], [70], blocked_frequency_cap=[30])
    assert money(one) == {"insufficient_avails": 3_000, "blocked_frequency_cap": 3_000}
    assert money(hours([10_000], [0], [0])) == {"insufficient_avails": 10_000}


def test_what_was_made_up_is_nobodys_loss() -> None:
    caught_up = hours(
        [1000, 1000, 1000], [0, 2000, 500], [99, 99, 99], blocked_throttle=[50, 0, 0], lost_ambient=[0, 0, 5]
    )
    assert money(caught_up) == {"lost_ambient": 500}
    ahead = hours([1000, 1000], [1500, 600], [99, 99], blocked_throttle=[9, 9])
    assert money(ahead) == {}


def test_equal_reasons_come_in_the_order_of_the_checks() -> None:
    found = split(hours([101], [0], [1000], lost_outbid=[1], blocked_daypart=[1]))
    assert [(share.reason, share.micros) for share in found] == [("blocked_daypart", 51), ("lost_outbid", 50)]


def test_without_a_price_nothing_says_how_many_impressions() -> None:
    columns = dict(hours([1000], [0], [9], blocked_daypart=[9]))
    columns["bids"] = columns["bid_sum_micros"] = np.zeros(1, np.int64)
    assert [tuple(share)[:3] for share in split(columns)] == [("blocked_daypart", 1000, None)]


counts = st.integers(0, 10**12)


@given(st.data(), st.integers(1, 12))
def test_shares_are_never_negative_and_sum_to_the_gap(data: st.DataObject, length: int) -> None:
    def drawn(most: int) -> list[int]:
        return data.draw(st.lists(st.integers(0, most), min_size=length, max_size=length))

    stopped = {name: drawn(10**6) for name in data.draw(st.sets(st.sampled_from(COUNTED)))}
    columns = hours(drawn(10**14), drawn(10**14), drawn(10**7), **stopped)
    gap = max(int(columns["expected_cum_micros"][-1] - columns["delivered_cum_micros"][-1]), 0)
    found = split(columns)
    assert sum(share.micros for share in found) == gap
    assert all(share.micros >= 0 and (share.impressions or 0) >= 0 for share in found)
    assert sum(share.impressions or 0 for share in found) == round(gap / PRICE)
    assert [share.micros for share in found] == sorted((share.micros for share in found), reverse=True)


@given(
    st.integers(1, 10**15),
    st.just(0.0) | st.floats(1e-6, 1e6),
    st.dictionaries(st.sampled_from(sorted(REASONS)), st.floats(0, 1e15), min_size=1),
)
def test_any_weights_divide_a_gap_without_rest(gap: int, price: float, weights: dict[str, float]) -> None:
    found = divided(gap, price, weights)
    assert sum(share.micros for share in found) == gap
    assert all(share.micros >= 0 for share in found)


@pytest.mark.parametrize("scenario", ["smoke", "golden-changes", "golden-pods-and-caps"])
def test_a_run_names_the_first_of_them(scenario: str) -> None:
    run = played(scenario)
    found, rows = gaps(run), run.summary
    first = found.group_by("line_item_id", maintain_order=True).first()
    named = rows.drop_nulls("reason").join(first, on="line_item_id")
    assert named["reason"].to_list() == named["reason_right"].to_list()
    last = run.performance_extended.group_by("line_item_id").last()
    due = last.select(
        "line_item_id", gap=(pl.col("expected_cum_micros") - pl.col("delivered_cum_micros")).clip(0)
    )
    told = (
        found.filter(~pl.col("reason").is_in([PAUSED, CAMPAIGN_BUDGET]))
        .group_by("line_item_id")
        .agg(pl.col("micros").sum())
    )
    assert told.join(due, on="line_item_id").select((pl.col("micros") == pl.col("gap")).all()).item()


def test_what_a_campaigns_spent_budget_kept_is_its_reason() -> None:
    run = played("smoke", "campaign[Smoke Launch].lifetime_budget=20")
    [row] = run.summary.filter(line_item="TV drama").to_dicts()
    assert row["reason"] == CAMPAIGN_BUDGET
    own = gaps(run).filter(line_item="TV drama")
    assert own["micros"].sum() == row["budget_micros"] - row["spend_micros"]
    assert own["micros"][0] >= 80_000_000
    plenty = played("smoke", "campaign[Smoke Launch].lifetime_budget=500")
    assert CAMPAIGN_BUDGET not in gaps(plenty)["reason"]
