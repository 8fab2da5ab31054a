"""Every bid of some viewers is written, and all of them together are what the funnel counts."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine import batch
from sim.engine.executors.here import here
from sim.engine.run import simulate
from sim.events import BID, BID_OUTCOMES, FUNNEL, Hour
from tests.bookings import book, campaign, line_item, market

EVERYBODY = 1 << 32


@cache
def played(bids_of: int, *, dynamic: bool = False, workers: int = 1) -> tuple[str, tuple[Hour, ...]]:
    """Return the digest and the hours of a small market with deals, caps, holdouts, and bids below a floor."""
    pods = {"pods": {"kind": "dynamic"}} if dynamic else {}
    where = market(days=1, shards=4, population={"viewers": 300}, **pods)
    caps = [{"max_impressions": 2, "unit": "hour"}]
    items = [
        line_item(
            f"item {n}", max_cpm=12 + 3 * n, valuation={"kind": "log_normal", "median": 0.9, "sigma": 0.4},
            bidding="truthful", frequency_caps=caps, lifetime_budget=1_000,
        )
        for n in range(6)
    ]  # fmt: skip
    items[0]["holdout"] = 0.3
    booked = book([campaign([item], advertiser=f"A{n}") for n, item in enumerate(items)], where)
    hours: list[Hour] = []
    with here(workers) as threads:
        outcome = simulate(where, booked, 1, hours.append, threads, bids_of=bids_of)
    return outcome.events_digest, tuple(hours)


def bids(hours: tuple[Hour, ...]) -> NDArray[np.void]:
    return np.concatenate([part for hour in hours for part in hour.bids])


@pytest.mark.parametrize("dynamic", [False, True])
def test_all_bids_are_what_the_funnel_counts(dynamic: bool) -> None:
    _, hours = played(EVERYBODY, dynamic=dynamic)
    found, funnel = bids(hours), sum(hour.funnel for hour in hours)
    columns = {"won": "wins", "ghost": "ghosts", **{name: name for name in BID_OUTCOMES[2:]}}
    for item in range(6):
        own = found[found["line_item"] == item]
        assert len(own) == funnel[item, FUNNEL.index("bids")]
        assert own["bid_micros"].sum() == funnel[item, FUNNEL.index("bid_sum_micros")]
        for code, outcome in enumerate(BID_OUTCOMES):
            assert (own["outcome"] == code).sum() == funnel[item, FUNNEL.index(columns[outcome])], outcome
    seen = {BID_OUTCOMES[code] for code in np.unique(found["outcome"])}
    assert seen == {*BID_OUTCOMES} - {"lost_deal"}


def test_who_won_a_slot_is_whom_the_others_lost_it_to() -> None:
    _, hours = played(EVERYBODY)
    found = bids(hours)
    won = found[found["outcome"] == BID_OUTCOMES.index("won")]
    lost = found[found["outcome"] == BID_OUTCOMES.index("lost_outbid")]
    winner = dict(zip(won["slot_id"].tolist(), won["line_item"].tolist(), strict=True))
    assert [winner[slot] for slot in lost["slot_id"].tolist()] == lost["lost_to"].tolist()
    best = dict(zip(won["slot_id"].tolist(), won["bid_micros"].tolist(), strict=True))
    assert all(best[slot] >= bid for slot, bid in lost[["slot_id", "bid_micros"]].tolist())


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_share_has_all_bids_of_its_viewers_and_changes_nothing(dynamic: bool) -> None:
    digest, hours = played(EVERYBODY, dynamic=dynamic)
    none, silent = played(0, dynamic=dynamic)
    some, few = played(EVERYBODY // 4, dynamic=dynamic)
    assert digest == none == some
    assert not any(hour.bids for hour in silent)
    whole, part = bids(hours), bids(few)
    assert 0 < len(part) < len(whole)
    np.testing.assert_array_equal(part, whole[np.isin(whole["viewer_id"], part["viewer_id"])])


def test_two_workers_write_the_same_bids() -> None:
    _, one = played(EVERYBODY)
    _, two = played(EVERYBODY, workers=2)
    np.testing.assert_array_equal(bids(one), bids(two))


@pytest.mark.parametrize("together", [1, 40, 700])
@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("workers", [1, 2])
def test_bids_that_may_be_too_many_for_one_call_are_the_same(
    together: int, dynamic: bool, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, hours = played(EVERYBODY, dynamic=dynamic)
    rooms, real = list[int](), np.empty

    def empty(*given: Any, **more: Any) -> Any:
        if given[1:] == (BID,):
            rooms.append(given[0])
        return real(*given, **more)

    monkeypatch.setattr(batch, "BIDS_TOGETHER", together)
    monkeypatch.setattr("numpy.empty", empty)
    again, parts = played.__wrapped__(EVERYBODY, dynamic=dynamic, workers=workers)
    monkeypatch.undo()
    assert again == digest
    for one, other in zip(hours, parts, strict=True):
        np.testing.assert_array_equal(one.funnel, other.funnel)
        np.testing.assert_array_equal(np.concatenate(one.bids), np.concatenate(other.bids))
    slots = 16 * 6  # of a pod at most, times line items
    assert max(rooms) <= max(together, slots)


def test_cuts_hold_what_a_call_has_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BIDS_TOGETHER", 10)
    assert batch._cuts(np.array([4, 6, 1, 0, 11, 0, 0, 10, 1])) == [0, 2, 4, 5, 8, 9]
    assert batch._cuts(np.zeros(3, np.int64)) == [0, 3]
    assert batch._cuts(np.zeros(0, np.int64)) == [0]
