"""Schedules: policies that pace by allowance and participation.

One bidder whom every slot costs the same, in a market with more slots than money: what it has spent by when.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import check
from analysis.verify.theory import budgets, schedules
from sim.pacing import PacingPolicy
from sim.units import MICROS, PPM

DAYS = 10
SHARDS = 4
EVENING = (1,) * 12 + (3,) * 12
"""Hours that have three times the traffic after noon."""
FINISH = 22


@check("as soon as possible, with money for a quarter of the slots")
def _at_once(size: int) -> Iterator[rows.Row]:
    market = _market(size, "asap", of_slots=0.25)
    spent, n = _of_budget(market)
    # Slots fall into the hours by chance, each with an eighth of them to the first three.
    slots = market.auctions
    bound = rows.SIGMAS * math.sqrt(slots / 8 * 7 / 8) / n
    yield rows.certain("share spent by 3 h", slots / 8 / n, float(spent[:3].sum()), n, bound=bound)
    yield rows.certain("share spent by 7 h", 1.0, float(spent[:7].sum()), n, bound=_carried(n) / 10_000)


@check("evenly over ten days, 5 % ahead (Google Ad Manager)")
def _evenly(size: int) -> Iterator[rows.Row]:
    spent, n = _of_budget(_market(size, "even", days=DAYS, of_slots=0.1))
    days = spent.reshape(DAYS, 24).sum(axis=1)
    for day, share in enumerate(schedules.evenly(DAYS, 0.05)):
        name, found = f"spent on day {day + 1}, of 10,000", 10_000 * float(days[day])
        yield rows.certain(name, 10_000 * share, found, n, bound=_carried(n))


@check("front-loaded over ten days (Google Ad Manager)")
def _front_loaded(size: int) -> Iterator[rows.Row]:
    spent, n = _of_budget(_market(size, "front_loaded", days=DAYS, of_slots=0.1))
    until = 10_000 * np.cumsum(spent)
    stretches = {"an hour": 1, "a day": 24, "half of it": 120, "nine days": 216, "all": 240}
    for words, hours in stretches.items():
        exact, found = 10_000 * schedules.front_loaded(hours / (24 * DAYS)), float(until[hours - 1])
        yield rows.certain(f"spent after {words}, of 10,000", exact, found, n, bound=_carried(n))


@check("by traffic that is thrice after noon")
def _by_traffic(size: int) -> Iterator[rows.Row]:
    spent, n = _of_budget(_market(size, "traffic_shaped", of_slots=0.1, hours=EVENING))
    yield rows.certain("share spent by noon", 12 / 48, float(spent[:12].sum()), n, bound=_carried(n) / 10_000)


@check("throttled by traffic that is thrice after noon (Agarwal et al.)")
def _throttled(size: int) -> Iterator[rows.Row]:
    needed = 0.5
    seen = sum(EVENING[:FINISH])
    part = needed * seen / sum(EVENING)
    spent, n = _of_budget(_market(size, "throttling", of_slots=part, hours=EVENING))
    swing, period = schedules.swing(needed, 0.1)
    for hour in (12, 18, FINISH):
        a_window = EVENING[hour - 1] / seen / 60
        # The swing, the window in which it is noticed, and the spread of the wins of one swing.
        bound = (swing + 1) * a_window + rows.SIGMAS * math.sqrt(period * a_window / n)
        exact = sum(EVENING[:hour]) / seen
        found = float(spent[:hour].sum())
        yield rows.certain(f"share spent by {hour} h", exact, found, n, bound=bound)


@check("throttled, but nothing to win (Agarwal et al.)")
def _slow_start(size: int) -> Iterator[rows.Row]:
    market = _market(size, "throttling", of_slots=0.1, settings={"market.floors.cpm": 2000})
    # A tenth more in each minute that spends nothing.
    exact = sum(min(0.1 * 1.1**minute, 1.0) for minute in range(60)) / 60
    rates = market.pacing("participation_ppm")[0, :2] / PPM
    # Rates are parts in a million.
    yield rows.certain("mean rate of its first hour, from a tenth", exact, float(rates[0]), 60, bound=2e-6)
    yield rows.certain("mean rate of its second hour", 1.0, float(rates[1]), 60)


@check("Mystique, hard, on a linear target (Stram et al.)")
def _steady(size: int) -> Iterator[rows.Row]:
    pacing = {"kind": "mystique", "mode": "hard", "target": "linear"}
    market = _market(size, pacing, of_slots=0.25)
    spent, n = _of_budget(market)
    # Its least correction, 0.01 of a signal of 0.25, is a rate 4 % off: two hours of that are five minutes of
    # spend, and it is corrected every minute.
    for hour in (12, 18):
        found = float(spent[:hour].sum())
        yield rows.certain(f"share spent by {hour} h", hour / 24, found, n, bound=5 / 1440)
    # The budget buys n of all slots. Slots of an hour, and wins among them, are draws; those five minutes may
    # be carried into the hours that are looked at, and out of them.
    exact, slots = n / market.auctions, market.auctions / 4
    signal = float(market.pacing("participation_ppm")[0, 12:18].mean()) / PPM
    bound = exact * (rows.SIGMAS * math.sqrt(1 / (exact * slots)) + 2 * 5 / 360)
    yield rows.certain("mean signal, the share to be bought", exact, signal, int(slots), bound=bound)


@check("Mystique, soft, and a rival with uniform values (Stram et al.)")
def _soft(size: int) -> Iterator[rows.Row]:
    pacing = {"kind": "mystique", "mode": "soft", "target": "linear"}
    rival = {"name": "Rival", "valuation": "uniform"}
    second = {"market.auction": "second_price"}
    market = _market(size, pacing, of_slots=1 / 24, valuation="uniform", rivals=(rival,), settings=second)
    rho = _budget(market) / market.auctions
    exact = budgets.best_multiplier(rho)
    slots, wins = (int(_by_hour(market, name)[12:18].sum()) for name in ("requests_matched", "wins"))
    # An auction costs α²/6, in the mean square α³/12. The multiplier is off by half of what spend is:
    # by chance, and by five minutes of these six hours.
    error = math.sqrt((exact**3 / 12 - budgets.spend(exact) ** 2) / slots) / budgets.spend(exact)
    found = float(market.pacing("multiplier_ppm")[0, 12:18].mean()) / PPM
    bound = exact / 2 * (rows.SIGMAS * error + 5 / 360)
    yield rows.certain("mean multiplier, √(6ρ)", exact, found, slots, bound=bound)
    yield rows.share("share of the slots won", budgets.win(exact), wins, slots, bound=bound / 2)


def _market(
    size: int,
    pacing: Any,
    *,
    of_slots: float,
    days: int = 1,
    hours: Sequence[int] = (1,) * 24,
    valuation: str = "constant",
    rivals: Sequence[Mapping[str, Any]] = (),
    settings: Mapping[str, Any] | None = None,
) -> PlayedRun:
    bidder = {"name": "Bidder", "valuation": valuation, "pacing": pacing}
    bidder["lifetime_budget"] = round(size * of_slots)
    kind = pacing if isinstance(pacing, str) else pacing["kind"]
    given = {
        "market.auction": "first_price",
        "market.days": days,
        "market.shards": SHARDS,
        "market.tick_minutes": PacingPolicy.members()[kind].published_minutes,
        "market.viewing.hours": list(hours),
        **(settings or {}),
    }
    return play(size, [bidder, *rivals], given)


def _by_hour(market: PlayedRun, column: str) -> NDArray[np.int64]:
    return np.asarray(market.counts[column][market.place("Bidder")])


def _of_budget(market: PlayedRun) -> tuple[NDArray[np.float64], int]:
    # What each hour spends of the budget, and how many impressions that is in all.
    return _by_hour(market, "spend_micros") / MICROS / _budget(market), market.total("impressions")


def _budget(market: PlayedRun) -> float:
    return (market.book.line_items[market.place("Bidder")].lifetime_micros or 0) / MICROS


def _carried(n: int) -> float:
    # Up to a bid a shard is carried into a stretch of hours and out of it, of 10,000.
    return 10_000 * 2 * SHARDS / n
