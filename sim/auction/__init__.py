"""Auction formats: what the winner of a slot pays. Each format is one file in this folder."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.family import Part

Micros = NDArray[np.int64]
Flags = NDArray[np.bool_]

Amount = TypeVar("Amount", float, NDArray[np.float64])

Price = Callable[[int, int, int, int, int], int]
"""`price(bid, rival, ambient, floor, parameter)`, micros per impression: *rival* is the best bid of
another advertiser, *ambient* that of demand outside the registry, 0 where there is none."""


def price(rule: Callable[[int, int, int, int, int], Any]) -> Callable[[], Price]:
    """Return what compiles *rule*, once, with the one signature that the tick calls.

    So a format recompiles no kernel, and reading a scenario compiles nothing.
    """

    @cache
    def compiled() -> Price:
        # Numba takes longer to import than all else that a scenario needs, which it does not.
        from sim.kernels.prices import as_price  # noqa: PLC0415 - numba, which only an auction needs

        return as_price(rule, Path(__file__).parent)

    return compiled


class AuctionFormat(Part):
    """How the winner's price follows from the bids; the highest bid wins in every format."""

    used: ClassVar[str] = "market.auction: NAME in a scenario, or --set market.auction=NAME"

    needs_rival: ClassVar[bool] = True
    """Whether the price depends on the rival: a dynamic pod need not look for one where it does not."""
    pays_bid: ClassVar[bool] = False
    """Whether the price is the winner's bid."""
    truthful: ClassVar[bool] = False
    """Whether a winner who had bid more would pay the same, so that the truth is the best bid."""
    discounts: ClassVar[bool] = False
    """Whether a price may be below that of second price: the best other bid, the ambient one or the floor."""

    @property
    @abstractmethod
    def price(self) -> Price:
        """Return the compiled price of this format."""

    @abstractmethod
    def equation(self, price: Micros, bid: Micros, least: Micros, rival: Callable[[], Micros]) -> Flags:
        """Return where the *price* of won slots can be right, which the law of prices asks.

        *least* is the higher of floor and ambient bid; `rival()` is the most that another advertiser may have
        bid. All are micros per impression, one value per slot.
        """

    def answer(self, value: Amount, shaded: Amount) -> Amount:
        """Return what a rival in equilibrium bids for slots of that *value*, one or an array, in micros.

        *shaded* is its bid under first price: whatever the winner pays, it is worth as much in the mean
        (revenue equivalence, Myerson 1981), and so it is the bid where the winner pays its own.
        """
        return value if self.truthful else shaded

    @property
    def parameter(self) -> int:
        """Return the number that the price is given as its last argument, 0 where it needs none."""
        return 0
