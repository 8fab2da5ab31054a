"""Deals: on which terms a line item is sold. Each kind is one file in this folder."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, NamedTuple

from sim.family import Part

MOST_PRIORITY = 15
"""Deals are ordered within this many steps ahead of the auction."""


class DealTerms(NamedTuple):
    """What seller and buyer agreed on."""

    priority: int = 0
    """0 competes in the auction. A higher one is served ahead of it, the highest first, and pays its bid,
    which is the line item's maximum: a fixed price."""
    floor_micros: int | None = None
    """Its own floor, micros per impression; None is the market's."""
    goal_micros: int | None = None
    """What the delivery goal comes to, its lifetime budget; None where there is no goal but its budgets."""

    @property
    def fixed_price(self) -> bool:
        """Return whether the price is agreed, so that nothing shades or values the bid."""
        return self.priority > 0


class Deal(Part):
    """How a line item is sold: in the open auction, or as its buyer and the seller agreed beforehand.

    A deal with a priority takes a slot whenever its line item passes the checks, whatever the market's floor
    and demand outside the registry; among several the higher priority wins, then the higher price, then a
    hash. Whoever else bid at or above a floor is counted as lost to a deal.
    """

    used: ClassVar[str] = "deal: NAME in a line item"

    @abstractmethod
    def terms(self, max_bid_micros: int) -> DealTerms:
        """Return the terms for a line item that pays at most *max_bid_micros* per impression."""
