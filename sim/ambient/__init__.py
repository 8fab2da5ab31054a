"""Ambient demand: bids from outside the registry that compete for every slot. Each model is one file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import product
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from entities.enums import DeviceType, Genre
from entities.errors import PacelineError
from sim.family import Part, blamed, source_of
from sim.layout import AMBIENT_MOST, FACTOR_BITS, RIVAL_STEPS, TABLE_BITS
from sim.tables import bounded, threshold

# A bid of 30 bits times a scale of 30 bits, 20 of them behind the point, stays within 63 bits.
MOST_BID_MICROS = 1 << 30
MOST_SCALE = 1 << 10
_WHOLE = RIVAL_STEPS**3
MOST_RIVALS = 1000
LEAST_RIVALS = 1 / 64
"""Fewer than that in the mean are none: 63 bits hold no larger step between two of them."""

Answer = Callable[[float, float], float]
"""From a value and the bid for it under first price, in micros, to the bid in the format in force."""


class AmbientDemand(Part):
    """Demand that nobody in the registry stands for."""

    used: ClassVar[str] = "market.ambient: NAME in a scenario, or --set market.ambient=NAME"

    usual: ClassVar[str] = "log_normal"

    @abstractmethod
    def table(self) -> NDArray[np.int64]:
        """Return the quantile table of its bid in micros per impression, 2**30 at most.

        Of a crowd it is that of the step from one rival to the next, in 1/2**RIVAL_BITS, one in the mean.
        """

    @property
    @abstractmethod
    def share(self) -> float:
        """Return the share of slots for which it bids."""

    def scale(self, hour_of_day: int, device: DeviceType, genre: Genre) -> float:  # noqa: ARG002 - kinds that override it use them
        """Return what its bid is multiplied with for a slot at a local hour, 1,024 at most."""
        return 1.0


class Crowd(ABC):
    """What demand has besides that is a number of rivals, of whom the second prices the first."""

    @abstractmethod
    def number(self, hour_of_week: int, device: DeviceType, genre: Genre, weather: float) -> float:
        """Return the mean number of rivals for a slot at a local hour of the week, on a day of such weather.

        *weather* is one on an ordinary day.
        """

    @abstractmethod
    def heard(self, floor: int) -> float:
        """Return the share of rivals whose values are as high as a *floor* in micros."""

    @abstractmethod
    def bids(self, number: float, floor: int, answer: Answer) -> NDArray[np.int64]:
        """Return what is bid above a *floor* in micros where that *number* of rivals is to be reckoned with.

        int64 of 2 × (RIVAL_STEPS + 1), micros per impression: the bid of the rival who has that share of the
        values above its own, at even shares and at as many within the first step.
        """


def presence_of(demand: AmbientDemand) -> int:
    """Return the 32-bit threshold of its share; raise PacelineError where that is no share."""
    return threshold(bounded(f"{source_of(demand)}: share", lambda: demand.share, most=1))


def bids_of(demand: AmbientDemand) -> NDArray[np.int64]:
    """Return its table; raise PacelineError where that is none, or beyond what the tick can multiply."""
    where, steps = f"{source_of(demand)}: table()", (1 << TABLE_BITS) + 1
    with blamed(where):
        table = np.asarray(demand.table())
    if table.dtype != np.int64 or table.shape not in ((1,), (steps,)):
        shape = " × ".join(map(str, table.shape))
        must = f"it must have 1 or {steps} of int64"
        raise PacelineError(f"{where} has {shape} values of {table.dtype}; {must}")
    if (table[1:] < table[:-1]).any():
        place = int((table[1:] < table[:-1]).argmax())
        fall = f"falls from {table[place]} to {table[place + 1]} at step {place + 1}"
        raise PacelineError(f"{where} {fall}; quantiles must not fall")
    if table[0] < 0 or table[-1] > MOST_BID_MICROS:
        reach = f"goes from {table[0]} to {table[-1]} micros"
        raise PacelineError(f"{where} {reach}; it must lie from 0 to {MOST_BID_MICROS}")
    return table


def scales_of(demand: AmbientDemand) -> NDArray[np.int64]:
    """Return its scale by hour of the day × device × genre, in 1/2**FACTOR_BITS.

    Raises PacelineError where one is not finite, below zero or above MOST_SCALE.
    """
    scales = np.zeros((24, len(DeviceType), len(Genre)), np.int64)
    slots = product(range(24), enumerate(DeviceType), enumerate(Genre))
    where = f"{source_of(demand)}: scale"
    for hour, (d, device), (g, genre) in slots:
        scale = bounded(where, demand.scale, hour, device, genre, most=MOST_SCALE)
        scales[hour, d, g] = round(scale * (1 << FACTOR_BITS))
    return scales


Moment = tuple[int, float]
"""A local hour of the week, and what the weather multiplies outside demand with."""

ORDINARY: Sequence[Moment] = tuple((hour, 1.0) for hour in range(168))


def numbers_of(demand: AmbientDemand, moments: Sequence[Moment] = ORDINARY) -> NDArray[np.float64]:
    """Return its number of rivals by moment × device × genre; nothing where it is a single bid.

    Raises PacelineError where a number is out of bounds.
    """
    if not isinstance(demand, Crowd):
        return np.zeros((0, len(DeviceType), len(Genre)))
    numbers = np.zeros((len(moments), len(DeviceType), len(Genre)))
    where, slots = f"{source_of(demand)}: number", list(product(DeviceType, Genre))
    for row, (hour, weather) in zip(numbers, moments, strict=True):
        cells = [
            bounded(where, demand.number, hour, device, genre, weather, most=MOST_RIVALS)
            for device, genre in slots
        ]
        row[:] = np.reshape(cells, row.shape)
    return numbers


def cells_of(
    demand: AmbientDemand, numbers: NDArray[np.float64], moments: Sequence[Moment] = ORDINARY
) -> NDArray[np.int64]:
    """Return its scale by moment × device × genre, or the place of its number, -1 for none.

    *numbers* are its `numbers_of` the moments. Raises PacelineError where a scale is out of bounds.
    """
    if isinstance(demand, Crowd):
        return np.where(numbers < LEAST_RIVALS, -1, np.searchsorted(_known(numbers), numbers))
    most, by_hour = MOST_SCALE << FACTOR_BITS, scales_of(demand)
    scales = [np.rint(by_hour[hour % 24] * weather) for hour, weather in moments]
    return np.minimum(scales, most).astype(np.int64)


def crowd_of(
    demand: AmbientDemand,
    floors: NDArray[np.int64],
    answer: Answer,
    numbers: NDArray[np.float64],
) -> dict[str, NDArray[np.int64]]:
    """Return the fields of its rivals in MarketArrays, by name; of demand that is a single bid, of none.

    *floors* are those of devices × placements, and *numbers* its `numbers_of` all moments. Raises
    PacelineError where bids are out of bounds.
    """
    levels, places = np.unique(floors, return_inverse=True)
    known, heard, bids = _known(numbers).tolist(), list[float](), list[NDArray[np.int64]]()
    if isinstance(demand, Crowd):
        source = source_of(demand)
        bids = [_bids(demand, source, *each, answer) for each in product(known, levels.tolist())]
        heard = [bounded(f"{source}: heard", demand.heard, floor, most=1) for floor in levels.tolist()]
    return {
        "rivals": np.array(bids, np.int64).reshape(len(known), len(levels), 2, RIVAL_STEPS + 1),
        "rival_rates": np.array([round(_WHOLE / number) for number in known], np.int64),
        "rival_floors": places.reshape(floors.shape).astype(np.int64),
        "rivals_heard": np.array([round(_WHOLE * share) for share in heard], np.int64),
    }


def _bids(demand: Crowd, source: str, number: float, floor: int, answer: Answer) -> NDArray[np.int64]:
    where, bids = f"{source}: bids({number:g}, {floor})", np.zeros((2, RIVAL_STEPS + 1), np.int64)
    with blamed(where):
        bids[:] = demand.bids(number, floor, answer)
    if bids.min() < 0 or bids.max() > AMBIENT_MOST:
        raise PacelineError(f"{where} must lie from 0 to {AMBIENT_MOST} micros")
    return bids


def _known(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.unique(numbers[numbers >= LEAST_RIVALS])
