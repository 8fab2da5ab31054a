"""Rivals: a number of outside buyers in each slot, who bid in equilibrium for its format and floor."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from entities.enums import DeviceType, Genre, Weekday
from sim.ambient import MOST_RIVALS, AmbientDemand, Answer, Crowd
from sim.family import Scale
from sim.layout import AMBIENT_MOST, RIVAL_BITS, RIVAL_STEPS
from sim.tables import GAUSS, memoryless

_HIGHEST = 0.25 / RIVAL_STEPS**2
"""A quarter of the finest step: there is no highest value."""
_SHARES = [
    max(step / steps, _HIGHEST) for steps in (RIVAL_STEPS, RIVAL_STEPS**2) for step in range(RIVAL_STEPS + 1)
]
_DAYS = tuple(Weekday)
_KNOTS = sorted(set(_SHARES), reverse=True)


class Rivals(AmbientDemand, Crowd):
    """A Poisson number of buyers per slot, whose values are log-normal and who bid in equilibrium.

    With λ of them in the mean, nobody's value is above v with probability exp(-λ (1 - F(v))). So the truth
    is the bid where the winner does not pay its own, and under first price, above a floor r, it is

        b(v) = v - ∫_r^v exp(-λ (1 - F(x))) dx / exp(-λ (1 - F(v)))

    which is the mean of the second value, or of r where that is higher (Krishna 2009, 2.3 and 3.2.2, for a
    number of bidders that nobody knows). The mean number follows hour, weekday, device and genre in steps of
    an eighth of an octave, 9 %, so that few tables are enough. They know of each other, the format and the
    floor, and not of the registry's line items. The figures are [assumption]: values near the programmatic
    CTV range of $8 to $16, and a number that leaves about a slot in twenty without any of them.
    """

    kind: Literal["rivals"] = "rivals"
    mean: float = Field(default=3.0, ge=0.05, le=100, description="Mean number per slot [assumption]")
    median_cpm: float = Field(default=9.0, gt=0, le=10_000, description="Median value, CPM [assumption]")
    sigma: float = Field(default=0.5, ge=0, le=3, description="Deviation of the log value [assumption]")
    by_genre: Mapping[Genre, Scale] = Field(default={}, description="Multipliers of the number by genre")
    by_device: Mapping[DeviceType, Scale] = Field(default={}, description="Multipliers by device")
    by_weekday: Mapping[Weekday, Scale] = Field(default={}, description="Multipliers by day of the week")
    by_hour: Mapping[Annotated[int, Field(ge=0, le=23)], Scale] = Field(
        default={}, description="Multipliers by local hour of the day"
    )

    def table(self) -> NDArray[np.int64]:
        """Return the quantile table of the step from one rival to the next, in 1/2**RIVAL_BITS."""
        return memoryless(1 << RIVAL_BITS)

    @property
    def share(self) -> float:
        """Return one: how many there are is drawn with them."""
        return 1.0

    def number(self, hour_of_week: int, device: DeviceType, genre: Genre, weather: float) -> float:
        """Return the mean number for a slot, in eighths of an octave from *mean*."""
        day, hour = divmod(hour_of_week, 24)
        times = weather * self.by_weekday.get(_DAYS[day], 1.0) * self.by_hour.get(hour, 1.0)
        times *= self.by_device.get(device, 1.0) * self.by_genre.get(genre, 1.0)
        octave = round(8 * math.log2(min(times, 64))) / 8 if times > 0 else -math.inf
        return min(self.mean * 2**octave, MOST_RIVALS)

    def heard(self, floor: int) -> float:
        """Return the share of values that are as high as *floor*."""
        return _heard(self.median_cpm * 1000, self.sigma, floor)

    def bids(self, number: float, floor: int, answer: Answer) -> NDArray[np.int64]:
        """Return the bids of *number* rivals in the mean, in equilibrium."""
        return _equilibrium(self.median_cpm * 1000, self.sigma, number, floor, answer)


def _heard(median: float, sigma: float, floor: int) -> float:
    off = math.log(median / floor) if floor > 0 else math.inf
    return NormalDist().cdf(off / sigma) if sigma else float(off >= 0)


@lru_cache(maxsize=512)
def _equilibrium(median: float, sigma: float, number: float, floor: int, answer: Answer) -> NDArray[np.int64]:
    # Seeds of a market have their numbers in common, for they come in few steps.
    value, knots, inner = _values(median, sigma)
    # With t = number × share, the steps between rivals are exponential: from the floor upwards, a bid is
    # the mean of the next value below, or of the floor where that is higher.
    above = _heard(median, sigma, floor)
    last, bid, found = above, float(floor), dict[float, float]()
    for place, share in enumerate(_KNOTS):
        worth = knots[place]
        if share >= above:
            # Nobody bids here; the lines between the shares lead from here to the first that does.
            found[share] = answer(worth, floor)
            continue
        width = last - share
        if last == _KNOTS[place - 1]:
            between = inner[place]
        else:
            between = tuple(value(share + width * point) for point, _ in GAUSS)
        weights = [weight * math.exp(-number * width * point) for point, weight in GAUSS]
        new = number * width * sum(w * v for w, v in zip(weights, between, strict=True))
        bid, last = bid * math.exp(-number * width) + new, share
        found[share] = answer(worth, bid)
    bids = np.array([round(min(found[share], AMBIENT_MOST)) for share in _SHARES], np.int64)
    bids.flags.writeable = False
    return bids.reshape(2, -1)


@lru_cache(maxsize=16)
def _values(
    median: float, sigma: float
) -> tuple[Callable[[float], float], list[float], list[tuple[float, ...]]]:
    normal = NormalDist()

    def value(above: float) -> float:
        # Of whom that share is above; the lowest value is that of the last quarter of a step.
        return median * math.exp(-sigma * normal.inv_cdf(min(above, 1 - 0.25 / RIVAL_STEPS)))

    inner: list[tuple[float, ...]] = [()]
    for last, share in pairwise(_KNOTS):
        inner.append(tuple(value(share + (last - share) * point) for point, _ in GAUSS))
    return value, [value(share) for share in _KNOTS], inner
