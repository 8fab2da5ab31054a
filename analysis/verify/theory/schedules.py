"""Schedules: what published pacing policies mean to have spent by when."""

from __future__ import annotations

import math


def evenly(days: int, ahead: float) -> list[float]:
    """Return each day's share of a budget: 1 + *ahead* of what is left over the days left, and then the rest.

    Google Ad Manager's EVENLY is ahead by 0.05 (support.google.com/admanager/answer/82244).
    """
    left, shares = 1.0, []
    for day in range(days):
        shares.append(left if day == days - 1 else (1 + ahead) * left / (days - day))
        left -= shares[-1]
    return shares


def front_loaded(time: float) -> float:
    """Return the share of a budget that is spent after a share of the *time*: t (1.4 - 0.2 t - 0.2 t²).

    The curve of least degree that begins 40 % above even, has its first half 25 % above, and ends with the
    budget: Google Ad Manager's FRONTLOADED (same page), as it is read in `sim/pacing/front_loaded.py`.
    """
    return time * (1.4 - 0.2 * time - 0.2 * time**2)


def swing(needed: float, rate: float) -> tuple[float, float]:
    """Return by how many windows of allocation a throttled spend is off at most, and the windows of a swing.

    Let x be what is spent above the allocation, in windows of it, and y = ln(PTR / *needed*). In a window
    dx = e^y - 1 and dy = -ln(1 + *rate*) sgn(x), along which |x| ln(1 + rate) + e^y - y - 1 stays as it is:
    spend swings around its allocation and does not settle. Each window that notices a crossing late adds a
    little, until the rate meets its end at 1: from y = -ln(needed) and x = 0 it falls, and x comes to at most
    (1/needed - 1 + ln(needed)) / ln(1 + rate).
    """
    step, energy = math.log(1 + rate), 1 / needed - 1 + math.log(needed)
    # The lowest y has e^y - y - 1 of that energy, and is above -1 - energy.
    return energy / step, 2 * (1 + energy - math.log(needed)) / step
