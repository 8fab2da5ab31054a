"""Laws of money: it is conserved (1), stays within budgets (2), and prices lie between floor and bid (6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.laws.catalogue import Verdict, Where, columns, conditions, equal, verdict
from sim.laws.slots import rivals
from sim.laws.terms import NO_LIMIT, LineItemTerms

Micros = NDArray[np.int64]
Equation = Callable[[Micros, Micros, Micros, Callable[[], Micros]], NDArray[np.bool_]]
"""`equation(price, bid, least, rival)`: where a price can be right by the auction format. *least* is the
higher of floor and ambient bid; `rival()` the most that another one may have bid."""


def conservation(accounts: Mapping[str, NDArray[np.int64]], where: Where) -> Verdict:
    """Return the verdict that all *accounts* of the same money agree: micros, arrays of one length."""
    wrong = np.ptp(list(accounts.values()), axis=0) > 0
    return verdict(1, wrong, where, columns(accounts, *accounts), "all the same")


def charges(events: NDArray[np.void], where: Where) -> Verdict:
    """Return the verdict that EVENT records charge the price if rendered and valid, and else nothing.

    A ghost charges nothing.
    """
    billed = (events["rendered"] == 1) & (events["invalid"] == 0) & (events["ghost"] == 0)
    due = np.where(billed, events["price_micros"], 0)
    return equal(1, events["charged_micros"], due, where)


def budgets(
    spend: NDArray[np.int64],
    limit: NDArray[np.int64],
    periods: NDArray[np.int64],
    where: Where,
    synced: NDArray[np.int64] | None = None,
    ticks: int = 1,
) -> Verdict:
    """Return the verdict on budgets: owners × steps of micros; *where* gets a flat position.

    In each step spend to date ≤ max(the budget in force, what was spent before the step): where a budget is
    cut below what is spent, nothing more is. *periods* number the days of a daily budget, and are 0 for a
    lifetime. Where *limit* is NO_LIMIT nothing is checked.

    Where spend becomes known late, *synced* are the steps at whose beginning it was last known, and *ticks*
    how many plans a step makes of the same knowledge: each may spend what the budget leaves of what is known.
    """
    total = np.cumsum(spend, axis=1)
    before = total - spend
    begins = np.ones(periods.shape, bool)
    begins[:, 1:] = periods[:, 1:] != periods[:, :-1]
    first = np.maximum.accumulate(np.where(begins, np.arange(periods.shape[1]), 0), axis=1)
    carried = np.take_along_axis(before, first, axis=1)
    known = before if synced is None else before[:, synced]
    spent, left = (total - carried).ravel(), (limit - np.maximum(known - carried, 0)).ravel()
    limits = limit.ravel()
    bound = limits < NO_LIMIT
    wrong = bound & (spend.ravel() > ticks * np.where(bound, np.maximum(left, 0), 0))

    def allowed(i: int) -> str:
        return f"at most {limits[i]}" + ("" if synced is None else " and what was not known yet")

    return verdict(2, wrong, where, spent, allowed, int(bound.sum()))


class Floors(NamedTuple):
    """The floors of ads, and from when on each of them is in force."""

    since: NDArray[np.int64]
    """Seconds from the start; the first is 0."""
    micros: NDArray[np.int64]
    """Moments × 2 × seconds of the ad × devices × placements: of any place, and of a bid that buys one."""


def prices(
    events: NDArray[np.void],
    second: NDArray[np.int64],
    terms: LineItemTerms,
    floors: Floors,
    equation: Equation,
    where: Where,
    *,
    dynamic: bool = False,
) -> Verdict:
    """Return the verdict on the prices of EVENT records.

    *second* is when each pod was auctioned; *floors* are those in force; *equation* is the auction format's.
    In a *dynamic* pod a bid meets no single rival and no single ambient bid, and what it displaced is only
    known to be less than itself.
    """
    price, bid, item = events["price_micros"], events["bid_micros"], events["line_item"]
    floor, ambient = events["floor_micros"], events["ambient_micros"]
    worth = events["worth_micros"]
    most = terms.max_bid.at(item, second)
    ahead, own = terms.priority[item] > 0, terms.floor[item]
    buys = (terms.ends[item] > 0).astype(np.int64)
    seconds = events["duration_s"].clip(0, floors.micros.shape[2] - 1)
    since = np.searchsorted(floors.since, second, side="right") - 1
    asked = floors.micros[since, buys, seconds, events["device"], events["placement"]]
    least = floor if dynamic else np.maximum(floor, ambient)

    def rival() -> Micros:
        return bid if dynamic else rivals(events, second, terms)

    fine = {
        "the slot's floor, or the deal's": floor == np.where(own >= 0, own, asked),
        "price at least the floor": price >= floor,
        "price at most the bid": price <= bid,
        "bid at most the line item's maximum": bid <= most,
        "bid at most the worth": (bid <= worth) | ~terms.within_worth[item],
        "bid at least the ambient bid": ahead | (bid >= ambient) | dynamic,
        "a fixed price that is the bid": ~ahead | (price == bid),
        "the format's equation": ahead | equation(price, bid, least, rival),
    }

    figures = {
        "floor": floor,
        "price": price,
        "bid": bid,
        "maximum": most,
        "worth": worth,
        "ambient": ambient,
    }
    return conditions(6, fine, where, columns(figures, *figures))


def price_sums(rows: Mapping[str, NDArray[Any]], max_bid: NDArray[np.int64], where: Where) -> Verdict:
    """Return the verdict on an hour's sums: floors ≤ prices ≤ bids ≤ bids at the maximum, spend ≤ prices.

    *rows* are columns of `performance_extended`; *max_bid* is the highest in force in the hour of each row.
    """
    bids, cleared = rows["bid_sum_micros"], rows["clearing_sum_micros"]
    fine = {
        "bids at most their number times the maximum": bids <= rows["bids"] * max_bid,
        "prices at most the bids": cleared <= bids,
        "prices at least the floors": cleared >= rows["floor_sum_micros"],
        "spend at most the prices": rows["spend_micros"] <= cleared,
    }
    names = ("bids", "bid_sum_micros", "clearing_sum_micros", "floor_sum_micros", "spend_micros")
    return conditions(6, fine, where, columns(rows, *names))
