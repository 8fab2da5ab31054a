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
