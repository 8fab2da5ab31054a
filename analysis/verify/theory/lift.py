"""Lift as it was planted: viewers who convert by themselves, and by the one ad that each sees at most."""

from __future__ import annotations

import math
from dataclasses import dataclass

HOURS = 24
"""Of the flight, the first day of two; and those in which an ad may be followed by its conversion."""


@dataclass(frozen=True)
class Experiment:
    """A line item that flies for a day, once per viewer, and whose window of a day ends before the market."""

    organic: float
    """Chance that a viewer converts on a day without any ad."""
    effect: float
    """Chance that an ad is followed by a conversion."""
    breaks: float
    """Ad breaks of a viewer a day, a Poisson number."""
    holdout: float

    @property
    def reached(self) -> float:
        """Return the share of viewers who meet a break in the flight."""
        return -math.expm1(-self.breaks)

    @property
    def baseline(self) -> float:
        """Return the share of those reached who convert by themselves in the day from that hour on."""
        hourly = self.breaks / HOURS
        first = [math.exp(-hourly * hour) * -math.expm1(-hourly) / self.reached for hour in range(HOURS)]
        left = [
            (1 - self.organic * (1 - hour / HOURS)) * (1 - self.organic * hour / HOURS)
            for hour in range(HOURS)
        ]
        return 1 - math.fsum(share * none for share, none in zip(first, left, strict=True))

    def lift(self, method: str) -> float:
        """Return how much higher the share of converters is with the ad, of those reached or of all."""
        if method == "ghost":
            return self.effect * (1 - self.baseline)
        return self.effect * self.reached * (1 - self.organic) ** 2
