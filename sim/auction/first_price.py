"""First price: the winner pays its own bid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np

from sim.auction import AuctionFormat, Flags, Micros, Price, price


@price
def _price(bid: int, rival: int, ambient: int, floor: int, parameter: int) -> Any:  # noqa: ARG001 - the tick calls every format with all five
    return bid


class FirstPrice(AuctionFormat):
    """The winner pays its own bid (OpenRTB 2.6, `at` = 1)."""

    kind: Literal["first_price"] = "first_price"
    needs_rival: ClassVar[bool] = False
    pays_bid: ClassVar[bool] = True

    @property
    def price(self) -> Price:
        """Return a price that is the bid."""
        return _price()

    def equation(self, price: Micros, bid: Micros, least: Micros, rival: Callable[[], Micros]) -> Flags:  # noqa: ARG002 - the law calls every format with all four
        """Return where the price is the bid."""
        return np.equal(price, bid)
