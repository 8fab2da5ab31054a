"""What a line item can bid, before a run: its highest bid, and whether its valuation changes any."""

from __future__ import annotations

from collections.abc import Iterator

from sim.book.records import BookedLineItem
from sim.family import kind_of
from sim.valuation.constant import Constant


def highest_bid(item: BookedLineItem) -> int:
    """Return the bid for the slot that is worth most, micros per impression."""
    # The last step of a table of values ends there; bids are cut at the maximum CPM.
    factor = item.bidding.bids(item.valuation.quantile)(1 - 2**-26)
    return min(item.max_bid_micros, int(item.max_bid_micros * factor))


def unheeded(item: BookedLineItem) -> Iterator[str]:
    """Yield that its valuation changes no bid, where it is one that could."""
    bids, usual = item.bidding.bids(item.valuation.quantile), item.bidding.bids(Constant().quantile)
    shares = (0.1, 0.5, 0.9)
    deaf = [bids(share) for share in shares] == [usual(share) for share in shares]
    if deaf and any(item.valuation.quantile(share) != 1 for share in shares):
        valuation, bidding = kind_of(type(item.valuation)), kind_of(type(item.bidding))
        yield (
            f"valuation {valuation} changes nothing, for bidding {bidding} bids the same whatever a slot is"
            " worth; bidding truthful would follow it"
        )
