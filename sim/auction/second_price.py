"""Second price: the winner pays what it takes to win, never less than the floor."""

from __future__ import annotations

from typing import Any, Literal

from sim.auction import AuctionFormat, Price, price


@price
def _price(bid: int, rival: int, ambient: int, floor: int, parameter: int) -> Any:  # noqa: ARG001
    return max(rival, ambient, floor)


class SecondPrice(AuctionFormat):
    """The winner pays the best bid of another advertiser, the ambient bid or the floor, whichever is highest.

    A lone bidder above the floor wins at the floor (Vickrey 1961, with a reserve).
    """

    kind: Literal["second_price"] = "second_price"

    @property
    def price(self) -> Price:
        """Return a price that is the highest of rival, ambient bid and floor."""
        return _price
