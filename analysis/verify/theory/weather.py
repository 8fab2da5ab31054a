"""Days that hang together, and forecasts that miss by a factor: what is known of both."""

from __future__ import annotations

import math
from statistics import NormalDist


def deviation_error(deviation: float, correlation: float, days: int) -> float:
    """Return the standard error of the deviation of an AR(1) over so many *days*.

    Of squares of a Gaussian AR(1) the correlations are the squares of its own (Isserlis 1918), so that n days
    tell as much of the variance as n (1 - r²) / (1 + r²) independent ones.
    """
    independent = days * (1 - correlation**2) / (1 + correlation**2)
    return deviation / math.sqrt(2 * independent)


def correlation_error(correlation: float, days: int) -> float:
    """Return the standard error of an AR(1)'s correlation with the day before (Bartlett 1946)."""
    return math.sqrt((1 - correlation**2) / days)


def off_by_a_factor(deviation: float) -> float:
    """Return the mean of |X - 1| where X is log-normal with mean one, and its log has that *deviation*.

    Twice the price of an option at the money: 2 (2 Φ(σ / 2) - 1) (Black 1976, with everything at one).
    """
    return 2 * (2 * NormalDist().cdf(deviation / 2) - 1)
