"""Soft floor: second price above a second, softer floor, first price between the two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from pydantic import Field

from sim.auction import Amount, AuctionFormat, Flags, Micros, Price, price


@price
def _price(bid: int, rival: int, ambient: int, floor: int, parameter: int) -> Any:
    return max(rival, ambient, floor, parameter) if bid >= parameter else bid


class SoftFloor(AuctionFormat):
    """Second price with a soft floor (Zeithammer, "Soft Floors in Auctions", Management Science 2019).

    The slot's own floor is the hard one: nothing is sold below it. A best bid that reaches the soft floor
    pays as under second price, with the soft floor as the least; a best bid between the two floors is sold
    all the same, but pays what it bid. So weak bids are not turned away, as a reserve would, and yet do not
    get away with the hard floor. With symmetric bidders in equilibrium the soft floor earns nothing, because
    they shade what lies below it: it pays where some are strong and others weak, or do not react.

    A soft floor at or below the slot's hard one is inert: every bid that is heard reaches it, and the format
    is second price. Since floors differ by slot and by deal, that is allowed.
    """

    kind: Literal["soft_floor"] = "soft_floor"
    soft_floor_cpm: float = Field(
        default=20.0,  # twice the default floor [assumption]
        ge=0,
        le=10_000,
        description="From this bid on, the price is that of second price, never less than this",
    )

    @property
    def price(self) -> Price:
        """Return a price that is the bid below the parameter, and from there on that of second price."""
        return _price()

    @property
    def parameter(self) -> int:
        """Return the soft floor in micros per impression."""
        return round(self.soft_floor_cpm * 1000)

    def answer(self, value: Amount, shaded: Amount) -> Amount:
        """Return the value of whoever would pay the soft floor at least, else the bid under first price."""
        if isinstance(value, np.ndarray):
            return np.where(shaded >= self.parameter, value, shaded)
        return value if shaded >= self.parameter else shaded

    def equation(self, price: Micros, bid: Micros, least: Micros, rival: Callable[[], Micros]) -> Flags:
        """Return where the price is the bid, below the soft floor, or lies where second price can put it."""
        least = np.maximum(least, self.parameter)
        second = (price >= least) & (price <= np.maximum(least, rival()))
        return np.where(bid >= self.parameter, second, price == bid)
