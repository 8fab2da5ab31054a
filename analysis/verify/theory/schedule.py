"""Being on schedule: what pacing policies deliver by when, where supply is no limit."""

from __future__ import annotations


def even_by_day(days: int, ahead: float) -> list[float]:
    """Return the share of a goal that is delivered on each day when every day's goal is a little *ahead*.

    A day's goal is what is left over the days left, times 1 + *ahead*, and the last day's is the rest (Google
    Ad Manager, 5 % ahead: support.google.com/admanager/answer/82244).
    """
    left, shares = 1.0, []
    for day in range(days):
        shares.append(left if day == days - 1 else left / (days - day) * (1 + ahead))
        left -= shares[-1]
    return shares


def front_loaded_by_half(half: float) -> float:
    """Return (1 + *half*) / 2, delivered in the first half where that is so far ahead of even."""
    return (1 + half) / 2
