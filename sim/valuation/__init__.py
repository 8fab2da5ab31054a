"""Valuations: what a slot is worth to a line item. Each is one file."""

from __future__ import annotations

from abc import abstractmethod

from sim.family import Part


class Valuation(Part):
    """A distribution of the worth of a slot, independent between slots and line items."""

    @abstractmethod
    def quantile(self, share: float) -> float:
        """Return the worth below which *share* of slots lie, as a multiple of the line item's maximum CPM."""
