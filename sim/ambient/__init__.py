"""Ambient demand: bids from outside the registry that compete for every slot. Each model is one file."""

from __future__ import annotations

from abc import abstractmethod
from itertools import product
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from entities.enums import DeviceType, Genre
from entities.errors import PacelineError
from sim.family import Part, blamed, source_of
from sim.layout import FACTOR_BITS, TABLE_BITS
from sim.tables import bounded, threshold

# A bid of 30 bits times a scale of 30 bits, 20 of them behind the point, stays within 63 bits.
MOST_BID_MICROS = 1 << 30
MOST_SCALE = 1 << 10


class AmbientDemand(Part):
    """Demand that nobody in the registry stands for."""

    used: ClassVar[str] = "market.ambient: NAME in a scenario, or --set market.ambient=NAME"

    usual: ClassVar[str] = "log_normal"

    @abstractmethod
    def table(self) -> NDArray[np.int64]:
        """Return the quantile table of its bid in micros per impression, 2**30 at most."""

    @property
    @abstractmethod
    def share(self) -> float:
        """Return the share of slots for which it bids."""

    def scale(self, hour_of_day: int, device: DeviceType, genre: Genre) -> float:  # noqa: ARG002 - kinds that override it use them
        """Return what its bid is multiplied with for a slot at a local hour, 1,024 at most."""
        return 1.0


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
