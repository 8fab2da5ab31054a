"""Value tables for random markets, one of each form."""

from __future__ import annotations

from functools import cache

from sim.bidding.truthful import Truthful
from sim.book.arrays import factors
from sim.tables import Values
from sim.valuation import Valuation
from sim.valuation.empirical import Empirical
from sim.valuation.log_normal import LogNormal
from sim.valuation.uniform import Uniform


@cache
def worths(median: float, form: int) -> Values:
    """Return values around *median*, read in one of the three ways."""
    bell = LogNormal(median=median, sigma=0.4)
    seen = Empirical(values=tuple(bell.quantile(place / 8) for place in range(1, 8)))
    parts: tuple[Valuation, ...] = (Uniform(low=0, high=2 * median), bell, seen)
    found = factors(parts[form], Truthful())
    assert found.form == form
    return found
