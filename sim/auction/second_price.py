"""Second price: the winner pays what it takes to win, never less than the floor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np

from sim.auction import AuctionFormat, Flags, Micros, Price, price


@price
def _price(bid: int, rival: int, ambient: int, floor: int, parameter: int) -> Any:  # noqa: ARG001 - the tick calls every format with all five
    return max(rival, ambient, floor)


class SecondPrice(AuctionFormat):
    """The winner pays the best bid of another advertiser, the ambient bid or the floor, whichever is highest.

    A lone bidder above the floor wins at the floor (Vickrey 1961, with a reserve).
    """

    kind: Literal["second_price"] = "second_price"
    truthful: ClassVar[bool] = True

    @property
    def price(self) -> Price:
        """Return a price that is the highest of rival, ambient bid and floor."""
        return _price()

    def equation(self, price: Micros, bid: Micros, least: Micros, rival: Callable[[], Micros]) -> Flags:  # noqa: ARG002 - the law calls every format with all four
        """Return where the price is what it took, as far as is known of a rival: the most it may have bid."""
        return (price >= least) & (price <= np.maximum(least, rival()))
