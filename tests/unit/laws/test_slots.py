"""Every check of single slots finds what breaks it, and nothing in a market that keeps the laws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import laws
from sim.auction import AuctionFormat
from tests.unit.laws.market import CHECKS, FLOORS, NO_GENRE, Market, events, nowhere, prices, seconds


def test_a_good_market_breaks_nothing() -> None:
    for name, check in CHECKS.items():
        verdict = check(events(), Market())
        assert (verdict.holds, verdict.findings) == (True, ()), name
        assert verdict.checked >= 6


def test_no_events_break_nothing() -> None:
    for name, check in CHECKS.items():
        assert check(events()[:0], Market()).holds, name


def put(field: str, value: Any, at: int = 0) -> Callable[[NDArray[np.void]], None]:
    def corrupt(made: NDArray[np.void]) -> None:
        made[field][at] = value

    return corrupt


def _unstarted(**after: int) -> Callable[[NDArray[np.void]], None]:
    def corrupt(made: NDArray[np.void]) -> None:
        marks = ("started", "q25", "q50", "q75", "completed", "measurable", "viewable", "watch_seconds")
        for field, value in {**dict.fromkeys(marks, 0), **after}.items():
            made[field][0] = value

    return corrupt


# Which check finds it, and what is told of it.
BROKEN_EVENTS = {
    "charged twice": (put("charged_micros", 50_000), "charges", "25000"),
    "an error charged": (put("charged_micros", 25_000, 4), "charges", "0"),
    "an invalid one charged": (put("charged_micros", 20_000, 5), "charges", "0"),
    "not charged": (put("charged_micros", 0), "charges", "25000"),
    "another screen": (put("device", 2), "eligibility", "a targeted device"),
    "another genre": (put("second_genre", NO_GENRE), "eligibility", "a targeted genre"),
    "before the start": (put("ts", -1), "eligibility", "inside the horizon"),
    "after the end": (put("ts", 48 * 3600), "eligibility", "inside the horizon"),
    "two of one advertiser": (put("line_item", 0, 1), "pods", "one ad of the advertiser"),
    "one slot twice": (put("slot_id", 16, 4), "pods", "one ad a slot"),
    "longer than its slot": (put("duration_s", 31), "pods", "an ad no longer than its slot"),
    "behind the pod": (put("pod_slots", 1, 1), "pods", "a position inside the pod"),
    "in a pod of other slots": (put("pod_slots", 2, slice(0, 2)), "pods", "as many slots as the pod has"),
    "later than its slot": (put("ts", 3600 + 631, 1), "pods", "shown when its slot begins"),
    "in a pod that never came up": (put("slot_id", 16 * 5, 4), "pods", "a pod that came up"),
    "in a pod of two lengths": (put("pod_slots", 2, 1), "pods", "3 slots"),
    "a position not its slot's": (put("pod_position", 2, 1), "pods", "the last four bits of slot_id"),
    "below the floor": (put("price_micros", 9_000), "prices", "price at least the floor"),
    "above the bid": (put("price_micros", 25_001), "prices", "price at most the bid"),
    "above the maximum": (put("bid_micros", 25_001), "prices", "bid at most the line item's maximum"),
    "below the ambient bid": (put("ambient_micros", 25_001), "prices", "bid at least the ambient bid"),
    "another floor": (put("floor_micros", 9_999), "prices", "the slot's floor"),
    "not its own bid": (put("price_micros", 24_999), "prices", "the format's equation"),
    "q25 without a start": (put("started", 0), "outcomes", "start before q25"),
    "completed without q75": (put("q75", 0), "outcomes", "q75 before completion"),
    "viewable unmeasured": (put("measurable", 0), "outcomes", "measurable before viewable"),
    "an error clicked": (put("clicked", 1, 4), "outcomes", "start before clicked"),
    "an invalid one muted": (put("muted", 1, 5), "outcomes", "start before muted"),
    "clicked before it started": (_unstarted(clicked=1), "outcomes", "start before clicked"),
    "measured before it started": (_unstarted(measurable=1), "outcomes", "start before measurable"),
    "watched without a start": (_unstarted(watch_seconds=1), "outcomes", "watched no longer than it lasts"),
    "skipped and completed": (put("skipped", 1), "outcomes", "skipped unless completed"),
    "invalid and not rendered": (put("invalid", 1, 4), "outcomes", "valid unless rendered"),
    "watched too long": (put("watch_seconds", 31), "outcomes", "watched no longer than it lasts"),
}


@pytest.mark.parametrize("name", BROKEN_EVENTS)
def test_a_corrupted_slot_is_found(name: str) -> None:
    corrupt, finder, allowed = BROKEN_EVENTS[name]
    made = events()
    corrupt(made)
    verdict = CHECKS[finder](made, Market())
    assert not verdict.holds
    assert any(allowed in finding.allowed for finding in verdict.findings), verdict.findings
    assert {finding.law for finding in verdict.findings} == {verdict.law}


def of(line_item: int, hour: int) -> NDArray[np.bool_]:
    flags = np.ones((2, 48), bool)
    flags[line_item, hour] = False
    return flags


BROKEN_TERMS = {
    "out of flight": (Market(live=of(0, 1)), "eligibility", "in flight"),
    "out of its dayparts": (Market(open=of(1, 1)), "eligibility", "inside the dayparts"),
    "paused": (Market(changes=[(4000, 0, 0)]), "eligibility", "an active line item"),
    "excluded genre": (Market(refused={3}), "eligibility", "no excluded genre"),
    "region": (Market(targets={"region": {1}}), "eligibility", "a targeted region"),
    "age band": (Market(targets={"age_band": {1}}), "eligibility", "a targeted age_band"),
    "gender": (Market(targets={"gender": {1}}), "eligibility", "a targeted gender"),
    "placement": (Market(targets={"placement": {0}}), "eligibility", "a targeted placement"),
    "title tier": (Market(targets={"title_tier": {1}}), "eligibility", "a targeted title_tier"),
    "first alone": (Market(ends=(0, 1)), "eligibility", "a place in the pod that it buys"),
    "last alone": (Market(ends=(2, 0)), "eligibility", "a place in the pod that it buys"),
    "the floor of a deal": (Market(floor=(9_000, -1)), "prices", "the slot's floor, or the deal's"),
    "one category": (Market(category=(4, 4)), "pods", "one ad of the category"),
    "one advertiser": (Market(advertiser=(2, 2)), "pods", "one ad of the advertiser"),
    "above its worth": (Market(within_worth=(True, False)), "prices", "bid at most the worth"),
    "a lower maximum": (Market(bids=[(4200, 0, 24_999)]), "prices", "bid at most the line item's maximum"),
}


@pytest.mark.parametrize("name", BROKEN_TERMS)
def test_other_terms_are_found_broken(name: str) -> None:
    market, finder, allowed = BROKEN_TERMS[name]
    verdict = CHECKS[finder](events(), market)
    assert any(allowed in finding.allowed for finding in verdict.findings), verdict.findings
    others = {name: check for name, check in CHECKS.items() if name != finder}
    assert all(check(events(), market).holds for check in others.values())


def test_a_category_that_is_not_separated_may_share_a_pod() -> None:
    assert CHECKS["pods"](events(), Market(category=(-1, -1))).holds


def test_a_pod_is_auctioned_when_it_begins() -> None:
    made = events()
    made["ts"][:2] = [7190, 7220]  # the second ad is shown in the next hour
    assert CHECKS["eligibility"](made, Market(live=of(1, 2))).broken == 1  # the other pod of that hour
    assert CHECKS["eligibility"](made, Market(live=of(1, 1))).broken == 1


def test_a_pod_too_full_is_found() -> None:
    made = np.repeat(events()[:1], 2)
    made["duration_s"] = 31
    made["slot_id"], made["pod_slots"] = 16 * 3, 1
    found = CHECKS["pods"](made, Market()).findings
    assert "at most 30 seconds" in {finding.allowed for finding in found}


def dynamic() -> NDArray[np.void]:
    """Return the ads of a pod of 75 seconds and four ads at most: 30, 15 and 30 seconds, one of them ambient."""
    made = events()[:2]
    made["duration_s"], made["pod_slots"] = [30, 15], 3
    made["pod_position"], made["slot_id"] = [0, 2], [16, 18]
    made["pod_offset_s"] = [0, 60]
    made["ts"] = 4200 + made["pod_offset_s"]
    return made


def in_75_seconds(made: NDArray[np.void]) -> laws.Verdict:
    one = np.ones(len(made), np.int64)
    return laws.pods(made, Market().terms, laws.Breaks(4200 * one, 75 * one, 4 * one), None, nowhere)


DYNAMIC = {
    "another offset": ("pod_offset_s", 59, 1, "the seconds since its pod began"),
    "before the pod": ("ts", 4199, 0, "inside the seconds of the pod"),
    "over the end of the pod": ("ts", 4261, 1, "inside the seconds of the pod"),
    "too long": ("duration_s", 16, 1, "at most 75 seconds"),
    "before the last ad is over": ("ts", 4229, 1, "one ad at a time"),
    "behind the others": ("pod_slots", 2, slice(0, 2), "a position inside the pod"),
    "too many ads": ("pod_slots", 5, slice(0, 2), "no more ads than the pod holds"),
}


@pytest.mark.parametrize("name", DYNAMIC)
def test_a_dynamic_pod_holds_its_ads_and_seconds(name: str) -> None:
    field, value, at, allowed = DYNAMIC[name]
    assert in_75_seconds(dynamic()).holds
    made = dynamic()
    if name == "too long":
        made["duration_s"][0] = 60
    made[field][at] = value
    assert any(allowed in finding.allowed for finding in in_75_seconds(made).findings)


def test_prices_in_a_dynamic_pod_lie_between_floor_and_bid() -> None:
    equation = AuctionFormat.members()["second_price"]().equation
    made = events()
    made["ambient_micros"] = 26_000  # of an ad that found no place
    for price, right in ((10_000, True), (19_000, True), (9_999, False)):
        made["price_micros"] = price
        found = laws.prices(made, seconds(made), Market().terms, FLOORS, equation, nowhere, dynamic=True)
        assert found.holds == right
    by_the_second = FLOORS._replace(micros=FLOORS.micros + 100 * np.arange(31)[:, None, None])
    made["price_micros"], made["floor_micros"] = 15_000, 10_000 + 100 * made["duration_s"].astype(np.int64)
    assert laws.prices(
        made, seconds(made), Market().terms, by_the_second, equation, nowhere, dynamic=True
    ).holds
    made["floor_micros"][0] += 1
    assert not laws.prices(
        made, seconds(made), Market().terms, by_the_second, equation, nowhere, dynamic=True
    ).holds


SECOND = {
    "the ambient bid": (14_000, 4, True),
    "the floor": (10_000, 3, True),
    "a rival's bid": (20_000, 0, True),
    "below the ambient bid": (11_999, 1, False),
    "more than any rival had": (20_001, 0, False),
}


@pytest.mark.parametrize("name", SECOND)
def test_a_second_price_is_explained(name: str) -> None:
    price, at, right = SECOND[name]
    made = events()
    made["price_micros"] = np.maximum(made["floor_micros"], made["ambient_micros"])
    made["price_micros"][at] = price
    assert prices(made, Market(), "second_price").holds == right


def test_the_ends_of_a_pod() -> None:
    made = events()  # positions 0 and 1 of three, 0 and 1 of two, and two pods of one slot
    sold = {ends: laws.eligibility(made, seconds(made), Market(ends=(ends, ends)).terms, nowhere, nowhere)
            for ends in (0, 1, 2, 3)}  # fmt: skip
    assert {ends: verdict.broken for ends, verdict in sold.items()} == {0: 0, 1: 2, 2: 3, 3: 1}


def test_a_deal_ahead_of_the_auction_pays_its_bid_whatever_anyone_else_bid() -> None:
    made = events()
    made["floor_micros"] = made["price_micros"]
    made["ambient_micros"] = 99_000
    deals = Market(priority=(8, 8), floor=(25_000, 20_000))
    made["bid_micros"][2:4] = made["price_micros"][2:4] = made["floor_micros"][2:4] = [20_000, 25_000]
    assert prices(made, deals, "second_price").holds
    made["price_micros"][0] -= 1
    found = prices(made, deals, "second_price").findings
    assert [finding.allowed for finding in found] == [
        "price at least the floor; a fixed price that is the bid"
    ]


def test_a_bid_for_a_place_must_meet_the_floor_of_places() -> None:
    made = events()
    floors = FLOORS._replace(micros=FLOORS.micros + np.array([0, 2_000])[:, None, None, None])
    terms = Market(ends=(3, 0)).terms
    equation = AuctionFormat.members()["first_price"]().equation
    found = laws.prices(made, seconds(made), terms, floors, equation, nowhere)
    assert found.broken == (made["line_item"] == 0).sum()
    made["floor_micros"] = np.where(made["line_item"] == 0, 12_000, 10_000)
    assert laws.prices(made, seconds(made), terms, floors, equation, nowhere).holds


def test_a_rival_must_be_able_to_bid() -> None:
    made = events()
    made["price_micros"] = 18_000
    assert laws.rivals(made, seconds(made), Market().terms).tolist() == [
        20_000, 25_000, 25_000, 20_000, 20_000, 25_000,
    ]  # fmt: skip
    away = Market(live=of(1, 1))
    assert laws.rivals(made, seconds(made), away.terms)[0] == 0
    kin = Market(advertiser=(0, 0))
    assert not laws.rivals(made, seconds(made), kin.terms).any()
