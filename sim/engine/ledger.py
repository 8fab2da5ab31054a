"""The ledger: what each budget holds, what was drawn from it, and what is left, to the micro."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Account:
    """Budgets and spend of one line item or campaign; None is no budget of that kind."""

    lifetime: int | None
    daily: int | None
    spent: int = 0
    spent_today: int = 0
    exhausted: bool = False
    """Whether its exhaustion has been told."""

    @property
    def left(self) -> int | None:
        """Return what is left of the lifetime budget."""
        return None if self.lifetime is None else max(self.lifetime - self.spent, 0)

    @property
    def left_today(self) -> int | None:
        """Return what is left of the daily budget."""
        return None if self.daily is None else max(self.daily - self.spent_today, 0)

    def draw(self, micros: int) -> None:
        """Book a spend."""
        self.spent += micros
        self.spent_today += micros


def divide(micros: int, weights: list[int]) -> list[int]:
    """Return *micros* in whole parts in proportion to *weights*; ties and remainders go to the first.

    The largest remainders get one more (Hamilton's method), so that the parts add up to the whole. Where all
    weights are zero there is nobody to divide among, and every part is zero.
    """
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    parts = [micros * weight // total for weight in weights]
    remainders = [-(micros * weight % total) for weight in weights]
    for place in sorted(range(len(weights)), key=remainders.__getitem__)[: micros - sum(parts)]:
        parts[place] += 1
    return parts


def fill(micros: int, most: list[int], weights: list[int]) -> list[int]:
    """Return *micros* divided by *weights* so that no part passes its *most*; what one cannot take goes on.

    Where all together cannot take it, each gets its most. A weight of zero takes nothing.
    """
    parts = [0] * len(most)
    open_ = [place for place, weight in enumerate(weights) if weight > 0]
    while open_ and micros > 0:
        shares = divide(micros, [weights[place] for place in open_])
        full = [place for place, share in zip(open_, shares, strict=True) if share >= most[place]]
        if not full:
            for place, share in zip(open_, shares, strict=True):
                parts[place] = share
            break
        for place in full:
            parts[place] = most[place]
            micros -= most[place]
        open_ = [place for place in open_ if place not in full]
    return parts


def least(*limits: int | None) -> int | None:
    """Return the tightest of some limits, where None is no limit."""
    return min((limit for limit in limits if limit is not None), default=None)
