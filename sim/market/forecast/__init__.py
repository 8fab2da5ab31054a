"""The forecast that bidders plan with: how much viewing they expect. Each kind is one file."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.family import Part


class Viewed(NamedTuple):
    """The viewing of a mean viewer in some hours, as it is in expectation: nobody's own luck is in it."""

    hours: NDArray[np.float64]
    """Hours × regions × kinds of weeks: shares of the hour that are watched, or breaks without sessions."""
    week: NDArray[np.int64]
    """Hours × regions: local hours of the week."""
    days: NDArray[np.int64]
    """Hours × regions: ordinals of the local date."""


class Forecaster(Part):
    """How bidders come to know how much will be watched."""

    used: ClassVar[str] = "market.forecast: NAME in a scenario, or --set market.forecast=NAME"

    usual: ClassVar[str] = "history"

    @property
    @abstractmethod
    def weeks_back(self) -> int:
        """Return on how many weeks before the start it looks back; 0 where it knows what is to come."""

    @abstractmethod
    def viewing(self, coming: Viewed, past: Callable[[int], Viewed], salt: int) -> NDArray[np.float64]:
        """Return the forecast of the *coming* hours, in the shape of its `hours`.

        `past(weeks)` is the viewing of so many weeks before the market's start, nothing scripted in it;
        *salt* is that of the run's weather.
        """
