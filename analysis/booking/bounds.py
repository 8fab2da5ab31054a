"""The most that can be: the highest bid of a line item, and the ad breaks that a viewer can meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from entities import registry
from sim.book.records import BookedCap, BookedLineItem
from sim.family import name_of
from sim.market.market import Market
from sim.units import MICROS
from sim.valuation.constant import Constant


def highest_bid(item: BookedLineItem) -> int:
    """Return the bid for the slot that is worth most, micros per impression."""
    # The last step of a table of values ends there; bids are cut at the maximum CPM.
    factor = item.bidding.bidding_for(item.valuation.quantile)(1 - 2**-26)
    return min(item.max_bid_micros, int(item.max_bid_micros * factor))


def unheeded(item: BookedLineItem) -> Iterator[str]:
    """Yield that its valuation changes no bid, where it is one that could."""
    bids, usual = map(item.bidding.bidding_for, (item.valuation.quantile, Constant().quantile))
    shares = (0.1, 0.5, 0.9)
    deaf = [bids(share) for share in shares] == [usual(share) for share in shares]
    if deaf and any(item.valuation.quantile(share) != 1 for share in shares):
        valuation, bidding = name_of(item.valuation), name_of(item.bidding)
        yield (
            f"valuation {valuation} changes nothing, for bidding {bidding} bids the same whatever a slot is"
            " worth; bidding truthful would follow it"
        )


def breaks(market: Market) -> int:
    """Return how many places for a break a title has, the pre-roll's included."""
    return -(-market.content.title_minutes // market.pods.mid_roll_every_minutes)


def most_seen(cap: BookedCap, market: Market) -> tuple[int, str]:
    """Return how many breaks a viewer meets at most in the window of *cap*, and that window in words."""
    # An advertiser has one ad in a pod, so pods are what counts.
    unit, count = registry.CapUnit, cap.unit_count
    if cap.unit == unit.pod:
        return 1, "in its window"
    if market.viewing.exposure == "poisson":
        return (1, "in its window") if cap.unit == unit.stream else (cap.limit, "")
    daily = min(market.viewing.longest_minutes, 1440.0)
    watched = {
        unit.minute: min(count, 1440),
        unit.hour: min(60 * count, 1440),
        unit.day: daily * count,
        unit.week: 7 * daily * count,
        unit.month: 31 * daily * count,
        unit.lifetime: daily * market.days,
        unit.stream: daily,
    }[cap.unit]
    most = _pods_within(watched, market)
    if cap.unit in {unit.minute, unit.hour}:
        return most, f"in {watched:,} minutes on end"
    if cap.unit == unit.stream:
        return most, f"in the longest session, {daily / 60:g} hours,"
    return most, f"watching {daily / 60:g} hours a day"


def most_capped(cap: BookedCap, flights: Iterable[tuple[int, int]], market: Market) -> int | None:
    """Return how many ads *cap* leaves all viewers together in *flights*, hours; None where it leaves any.

    It is an upper bound: a window counts if a flight has any part of it.
    """
    if not market.identity.perfect:  # caps may leak
        return None
    unit, flown = registry.CapUnit, [min(b, market.horizon.hours) - max(a, 0) for a, b in flights]
    days = {unit.day: cap.unit_count, unit.week: 7 * cap.unit_count, unit.month: 28 * cap.unit_count}
    if cap.unit in days:
        windows = sum(-(-hours // (24 * days[cap.unit])) + 1 for hours in flown if hours > 0)
    else:
        windows = int(cap.unit == unit.lifetime and max(flown, default=0) > 0)
    return market.population.viewers * cap.limit * windows or None


def too_few(item: BookedLineItem, cap: BookedCap, market: Market) -> str:
    """Return in words that *cap* leaves fewer ads than the lifetime budget of *item* buys, or nothing."""
    most, budget, price = most_capped(cap, item.flights, market), item.lifetime_micros, item.max_bid_micros
    if most is None or budget is None or most * price >= budget:
        return ""
    needed = -(-budget * cap.limit // (most * price))
    return (
        f"leaves {market.population.viewers:,} viewers at most {most:,} ads, {most * price / MICROS:,.2f}"
        f" of its lifetime_budget {budget / MICROS:,.2f}; a cap of {needed:,} or more would leave enough"
    )


def _pods_within(minutes: float, market: Market) -> int:
    pods, title = market.pods, market.content.title_minutes
    pre_roll, mid_roll = (place.share for place in pods.places)
    places = [0.0] if pre_roll else []
    if mid_roll:
        places += [float(place * pods.mid_roll_every_minutes) for place in range(1, breaks(market))]
    titles, rest = divmod(minutes, title)
    # One title follows another; the best moment to begin is just before a break.
    turns = [sum((other - first) % title < rest for other in places) for first in places]
    return int(titles) * len(places) + max(turns, default=0)
