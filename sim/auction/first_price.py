"""First price: the winner pays its own bid."""

from __future__ import annotations

from typing import Any, Literal

from sim.auction import AuctionFormat, Price, price


@price
def _price(bid: int, rival: int, ambient: int, floor: int, parameter: int) -> Any:  # noqa: ARG001
    return bid


class FirstPrice(AuctionFormat):
    """The winner pays its own bid (OpenRTB 2.6, `at` = 1)."""

    kind: Literal["first_price"] = "first_price"

    @property
    def price(self) -> Price:
        """Return a price that is the bid."""
        return _price
