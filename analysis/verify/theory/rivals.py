"""A Poisson number of bidders with log-normal values: what a floor sells, for how much, and which is best.

With λ bidders in the mean, those whose values are above v are a Poisson number of mean t = λ (1 - F(v)): the
best value has a t with the density exp(-t), the second t exp(-t). Revenue is that of second price, and of
every format in which the same values win (Myerson 1981).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from analysis.verify.theory.auctions import integral

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Crowd:
    """A mean *number* of bidders, whose values have that *median* and deviation of the logarithm."""

    number: float
    median: float
    sigma: float

    def above(self, value: float) -> float:
        """Return how many values in the mean are above *value*: λ (1 - F(value))."""
        return (
            self.number * _NORMAL.cdf(-math.log(value / self.median) / self.sigma) if value else self.number
        )

    def value(self, above: float) -> float:
        """Return the value that so many are above in the mean."""
        return self.median * math.exp(-self.sigma * _NORMAL.inv_cdf(above / self.number))

    def sold(self, floor: float) -> float:
        """Return the share of slots in which a value is above the *floor*."""
        return -math.expm1(-self.above(floor))

    def revenue(self, floor: float, power: int = 1) -> float:
        """Return the mean of what is paid under second price, or of its square by a *power* of 2.

        The second value where it is above the floor, else the floor where the best is.
        """
        most = self.above(floor)
        both = integral(lambda u: self.value(most * u) ** power * most * u * math.exp(-most * u)) * most
        return both + floor**power * most * math.exp(-most)

    @property
    def best_floor(self) -> float:
        """Return r = (1 - F(r)) / f(r), where the virtual value is zero (Myerson 1981)."""
        low, high = self.median / 100, self.median * 100
        for _ in range(100):
            middle = math.sqrt(low * high)
            z = math.log(middle / self.median) / self.sigma
            density = _NORMAL.pdf(z) / (self.sigma * middle)
            low, high = (middle, high) if middle * density < _NORMAL.cdf(-z) else (low, middle)
        return low
