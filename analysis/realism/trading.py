"""How slots are sold: fill, prices, ties, shading, and the hour from its first minute to its last."""

from __future__ import annotations

import numpy as np

from analysis.realism.figures import Figure, Seen, none, share
from sim.book.records import BookedLineItem

_ENOUGH = 1000
"""Slots that a line item must have won, for its figure to be more than luck."""
_NOBODY_WON = f"no line item in the auction won {_ENOUGH:,} slots"


def fill(seen: Seen) -> Figure:
    """Return the share of the slots that were sold, to line items or outside."""
    sold = seen.counted.stock("filled") + seen.counted.stock("filled_ambient")
    return share(sold, seen.counted.stock("avails"), "there were no slots")


def price_spread(seen: Seen) -> Figure:
    """Return the median over line items of the ratio of the 90th to the 10th percentile of the price."""
    spreads = []
    for place in _in_auction(seen):
        steps = np.cumsum(seen.counted.prices[place])
        low, high = (int(np.searchsorted(steps, steps[-1] * part)) for part in (0.1, 0.9))
        spreads.append((high + 0.5) / (low + 0.5))
    return Figure(float(np.median(spreads))) if spreads else none(_NOBODY_WON)


def exact_ties(seen: Seen) -> Figure:
    """Return the share of the slots won whose next bid was equal; see `Observed`."""
    found = share(seen.observed.tied, seen.observed.decided, "nothing was won in the hours looked at")
    return found._replace(note=found.note or "in every seventh hour, as second price would have it")


def shading(seen: Seen) -> Figure:
    """Return what is paid for slots, of the maximum bids of those who won them."""
    items = _in_auction(seen)
    wins, paid = seen.counted.of("wins"), seen.counted.of("clearing_sum_micros")
    most = sum(int(wins[place]) * seen.book.line_items[place].max_bid_micros for place in items)
    return share(sum(int(paid[place]) for place in items), most, _NOBODY_WON)


def inside_the_hour(seen: Seen) -> Figure:
    """Return the win share of matched slots in the first ten minutes over that in the last.

    It is that of the paced line item where it is furthest from 1; who spends as soon as possible is not.
    """
    tenths, found = seen.observed.tenths, list[tuple[float, str]]()
    for place in _in_auction(seen):
        item = seen.book.line_items[place]
        if not item.pacing.released:
            continue
        matched, wins = tenths[[0, -1], place].T
        if matched.all():
            first, last = wins / matched
            found.append((float(first / last) if last else float("inf"), item.name))
    if not found:
        return none(_NOBODY_WON.replace("in the auction", "with pacing"))
    ratio, name = max(found, key=lambda one: abs(np.log(max(one[0], 1e-9))))
    return Figure(ratio, name)


def _in_auction(seen: Seen) -> list[int]:
    # Line items whose price the auction makes, with wins enough.
    def agreed(item: BookedLineItem) -> bool:
        return item.deal.terms(item.max_bid_micros).fixed_price

    wins = seen.counted.of("wins")
    return [
        place
        for place, item in enumerate(seen.book.line_items)
        if not agreed(item) and wins[place] >= _ENOUGH
    ]
