"""Template: say in a line what the winner pays, for `paceline list auctions`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from pydantic import Field

from sim.auction import AuctionFormat, Flags, Micros, Price, price


@price
def _price(bid: int, rival: int, ambient: int, floor: int, parameter: int) -> Any:
    second = max(rival, ambient, floor)
    return second + (bid - second) * parameter // 100


class Template(AuctionFormat):
    """What the winner pays and why, and the source of its formula."""

    kind: Literal["template"] = "template"
    share: int = Field(default=50, ge=0, le=100, description="Percent of the way from second to first price")

    @property
    def price(self) -> Price:
        """Return a price between the second one and the bid."""
        return _price

    @property
    def parameter(self) -> int:
        """Return the share, in percent."""
        return self.share

    def equation(self, price: Micros, bid: Micros, least: Micros, rival: Callable[[], Micros]) -> Flags:
        """Return where the price lies between that without a rival and that with the best there may be."""
        most = np.maximum(least, np.minimum(rival(), bid))
        lowest, highest = (second + (bid - second) * self.share // 100 for second in (least, most))
        return (price >= lowest) & (price <= highest)
