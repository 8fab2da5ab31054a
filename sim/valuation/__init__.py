"""Valuations: what a slot is worth to a line item. Each is one file."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from sim.family import Part


class Valuation(Part):
    """A distribution of the worth of a slot, independent between slots and line items."""

    used: ClassVar[str] = "valuation: NAME in a line item; or create-campaign --valuation NAME"

    bounded: ClassVar[bool] = False
    """Whether there is a lowest and a highest worth: `quantile(0)` and `quantile(1)` are asked for then."""

    @property
    def atoms(self) -> int:
        """Return of how many values, each as likely as another, it has one; 0 where it is continuous."""
        return 0

    @abstractmethod
    def quantile(self, share: float) -> float:
        """Return the worth below which *share* of slots lie, as a multiple of the line item's maximum CPM."""
