"""Schedules: what a bidder whom every slot costs the same has spent by when, with more slots than money."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import ALL, PlayedRun
from analysis.verify import rows
from analysis.verify.play import COLUMNS, play, uniform
from analysis.verify.subjects import Subject
from analysis.verify.theory import multipliers
from analysis.verify.theory import schedules as theory
from sim.pacing import PacingPolicy
from sim.units import MICROS, PPM

schedules = Subject("schedules", "Schedules: policies that pace by allowance and participation")
# Delivered over expected by now, of a lone bidder whose budget pays for a tenth of all slots.
on_schedule = Subject("on_schedule", "On schedule: the indicator of the performance rows")

LONG = 10
"""Days of a campaign by Google Ad Manager."""
SHARDS = 4
"""Of the exact market. A goal goes to them in whole bids, so that a bid for each may come a tick later."""
EVENING = (1,) * 12 + (3,) * 12
"""Hours that have three times the traffic after noon."""
FINISH = 22
NOTHING_AHEAD = {"kind": "even", "ahead": 0}


def _paced(
    size: int,
    pacing: Any,
    settings: Mapping[str, Any] | None = None,
    *,
    of_slots: float = 0.1,
    rivals: Sequence[Mapping[str, Any]] = (),
    columns: Sequence[str] = COLUMNS,
    **terms: Any,
) -> PlayedRun:
    bidder = {"name": "Bidder", "pacing": pacing, "lifetime_budget": round(size * of_slots), **terms}
    kind = pacing if isinstance(pacing, str) else pacing["kind"]
    minutes = PacingPolicy.members()[kind].published_minutes
    given = {"auction": "first_price", "days": 1, "tick_minutes": minutes, **(settings or {})}
    return play(size, [bidder, *rivals], given, columns=columns)


def _budget(market: PlayedRun) -> float:
    return (market.book.line_items[0].lifetime_micros or 0) / MICROS


def _of_budget(market: PlayedRun) -> tuple[NDArray[np.float64], int]:
    # What each hour spends of the budget, and how many impressions that is in all.
    spent = market.counts["spend_micros"][0] / MICROS / _budget(market)
    return spent, market.total("impressions")


def _carried(n: int) -> float:
    # Up to a bid a shard is carried into a stretch of hours and out of it, of 10,000.
    return 10_000 * 2 * SHARDS / n


@schedules.check("as soon as possible, with money for a quarter of the slots")
def _at_once(size: int) -> rows.Comparisons:
    market = _paced(size, "asap", of_slots=0.25)
    spent, n = _of_budget(market)
    # Slots fall into the hours by chance, each with an eighth of them to the first three.
    slots = market.auctions
    bound = rows.SIGMAS * math.sqrt(slots / 8 * 7 / 8) / n
    yield rows.certain("share spent by 3 h", slots / 8 / n, float(spent[:3].sum()), n, bound=bound)
    yield rows.certain("share spent by 7 h", 1.0, float(spent[:7].sum()), n, bound=_carried(n) / 10_000)


@schedules.check("evenly over ten days, 5 % ahead (Google Ad Manager)")
def _evenly(size: int) -> rows.Comparisons:
    spent, n = _of_budget(_paced(size, "even", {"days": LONG}))
    days = 10_000 * spent.reshape(LONG, 24).sum(axis=1)
    for day, share in enumerate(theory.evenly(LONG, 0.05)):
        name = f"spent on day {day + 1}, of 10,000"
        yield rows.certain(name, 10_000 * share, float(days[day]), n, bound=_carried(n))


@schedules.check("front-loaded over ten days (Google Ad Manager)")
def _front_loaded(size: int) -> rows.Comparisons:
    spent, n = _of_budget(_paced(size, "front_loaded", {"days": LONG}))
    until = 10_000 * np.cumsum(spent)
    stretches = {"an hour": 1, "a day": 24, "half of it": 120, "nine days": 216, "all": 240}
    for words, hours in stretches.items():
        exact, found = 10_000 * theory.front_loaded(hours / (24 * LONG)), float(until[hours - 1])
        yield rows.certain(f"spent after {words}, of 10,000", exact, found, n, bound=_carried(n))


@schedules.check("by traffic that is thrice after noon")
def _by_traffic(size: int) -> rows.Comparisons:
    spent, n = _of_budget(_paced(size, "traffic_shaped", {"viewing.hours": EVENING}))
    yield rows.certain("share spent by noon", 12 / 48, float(spent[:12].sum()), n, bound=_carried(n) / 10_000)


@schedules.check("throttled by traffic that is thrice after noon (Agarwal et al.)")
def _throttled(size: int) -> rows.Comparisons:
    needed, seen = 0.5, sum(EVENING[:FINISH])
    part = needed * seen / sum(EVENING)
    spent, n = _of_budget(_paced(size, "throttling", {"viewing.hours": EVENING}, of_slots=part))
    swing, period = theory.swing(needed, 0.1)
    for hour in (12, 18, FINISH):
        a_window = EVENING[hour - 1] / seen / 60
        # The swing, the window in which it is noticed, and the spread of the wins of one swing.
        bound = (swing + 1) * a_window + rows.SIGMAS * math.sqrt(period * a_window / n)
        exact, found = sum(EVENING[:hour]) / seen, float(spent[:hour].sum())
        yield rows.certain(f"share spent by {hour} h", exact, found, n, bound=bound)


@schedules.check("throttled, but nothing to win (Agarwal et al.)")
def _slow_start(size: int) -> rows.Comparisons:
    market = _paced(size, "throttling", {"floors.cpm": 2000})
    # A tenth more in each minute that spends nothing.
    exact = sum(min(0.1 * 1.1**minute, 1.0) for minute in range(60)) / 60
    rates = market.pacing("participation_ppm")[0, :2] / PPM
    # Rates are parts in a million.
    yield rows.certain("mean rate of its first hour, from a tenth", exact, float(rates[0]), 60, bound=2e-6)
    yield rows.certain("mean rate of its second hour", 1.0, float(rates[1]), 60)


@schedules.check("Mystique, hard, on a linear target (Stram et al.)")
def _steady(size: int) -> rows.Comparisons:
    market = _paced(size, {"kind": "mystique", "mode": "hard", "target": "linear"}, of_slots=0.25)
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


@schedules.check("Mystique, soft, and a rival with uniform values (Stram et al.)")
def _soft(size: int) -> rows.Comparisons:
    pacing, second = {"kind": "mystique", "mode": "soft", "target": "linear"}, {"auction": "second_price"}
    market = _paced(size, pacing, second, of_slots=1 / 24, rivals=[uniform("Rival")], valuation="uniform")
    exact = multipliers.best_multiplier(_budget(market) / market.auctions)
    slots, wins = (int(market.counts[name][0, 12:18].sum()) for name in ("requests_matched", "wins"))
    # An auction costs α²/6, in the mean square α³/12. The multiplier is off by half of what spend is:
    # by chance, and by five minutes of these six hours.
    error = math.sqrt(multipliers.spend_variance(exact) / slots) / multipliers.spend(exact)
    found = float(market.pacing("multiplier_ppm")[0, 12:18].mean()) / PPM
    bound = exact / 2 * (rows.SIGMAS * error + 5 / 360)
    yield rows.certain("mean multiplier, √(6ρ)", exact, found, slots, bound=bound)
    yield rows.share("share of the slots won", multipliers.win(exact), wins, slots, bound=bound / 2)


def _tenth(size: int, days: int, pacing: Any, **settings: Any) -> PlayedRun:
    hourly = {"days": days, "tick_minutes": 60, **settings}
    return _paced(size, pacing, hourly, columns=ALL, name="Lone")


def _indicator(
    market: PlayedRun, hour: int, due: float, exact: float = 1.0, bids: int = 1
) -> rows.Comparison:
    day, of_day = divmod(hour, 24)
    name = f"indicator, {of_day}:00 of day {day + 1}" if of_day else f"indicator, end of day {day}"
    # So many bids for each shard may come a tick later.
    bound = bids * SHARDS / (_budget(market) * due)
    found = market.performance_extended["osi"][hour - 1]
    return rows.certain(name, exact, found, market.auctions, bound=bound)


@on_schedule.check("even, nothing ahead, over 4 days of flat traffic")
def _nothing_ahead(size: int) -> rows.Comparisons:
    market = _tenth(size, 4, NOTHING_AHEAD)
    yield from (_indicator(market, 24 * day, day / 4) for day in (1, 3, 4))


@on_schedule.check("even as Google Ad Manager has it, 5 % ahead, over 10 days")
def _ahead(size: int) -> rows.Comparisons:
    market = _tenth(size, LONG, "even")
    delivered = list(itertools.accumulate(theory.evenly(LONG, 0.05)))
    for day in (1, 5, 10):
        yield _indicator(market, 24 * day, day / LONG, delivered[day - 1] / (day / LONG), bids=2)


@on_schedule.check("even over 4 days, paused for the third")
def _paused(size: int) -> rows.Comparisons:
    statuses = {"2026-11-04 00:00": "paused", "2026-11-05 00:00": "active"}
    changes = [{"at": at, "line_item": "Lone", "status": status} for at, status in statuses.items()]
    market = _tenth(size, 4, NOTHING_AHEAD, changes=changes)
    # Half is delivered when three quarters should have been.
    yield _indicator(market, 72, 3 / 4, 2 / 3)
    budget = _budget(market)
    spent = market.total("spend_micros") / MICROS / budget
    yield rows.certain("spent in the end", 1.0, spent, market.auctions, bound=SHARDS / budget)


@on_schedule.check("by traffic, which is three times as much from noon on")
def _three_times(size: int) -> rows.Comparisons:
    market = _tenth(size, 4, "traffic_shaped", **{"viewing.hours": EVENING})
    for day, hour in ((0, 6), (0, 18), (2, 12)):
        # A quarter of a day's traffic comes before noon.
        due = (day + (hour / 48 if hour <= 12 else 1 / 4 + (hour - 12) / 16)) / 4
        yield _indicator(market, 24 * day + hour, due)
