"""Bids in columns: where most of a book matches a pod, each step is taken for all of it before the next.

So the processor takes several line items at once. What a slot asks of one alone, the loop of `serve_slots`
does; here are those whose bid is a draw from a table, whose leases pay any bid, and that take any place in a
pod.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from sim import layout as at
from sim.kernels.bids import factor_at
from sim.kernels.candidates import pays_any
from sim.kernels.memory import lowest
from sim.kernels.numbers import (
    FRACTION_BITS,
    FRACTION_MASK,
    FRACTION_SHIFT,
    HALF,
    INDEX_SHIFT,
    LAST_STEP,
    STAGE,
    mix,
)
from sim.memory import COLUMN_ROWS, COLUMN_WIDTH

DENSE = 4
"""Where less than one in so many line items match, they are quicker one by one."""
_W = COLUMN_WIDTH
(
    _KEY, _ADVERTISER, _CATEGORY, _PARTICIPATION, _BID, _MOST, _ROW, _FORM, _FLOOR, _PRIORITY, _SHORTEST,
    _ALIVE, _APART, _TAKES_PART, _INDEX, _WAY, _BELOW, _ABOVE, _RANK,
    _MATCHED, _CREATIVE, _CAPPED, _SEPARATED, _THROTTLED, _BIDS, _SUM, _UNDER, _AMBIENT, _OUTBID,
) = (row * _W for row in range(COLUMN_ROWS))  # fmt: skip
"""Where each column begins, a line item at its place in the book. From _MATCHED on they are counters."""
_ALWAYS = 1 << 32
_ONE = 1 << at.FACTOR_BITS
_CONSTANT = -1
"""The form of a bid that is drawn from no table."""
_NEXT = np.uint64(1)


@njit(cache=True, nogil=True)
def sort_out(items, quotes, row, columns, suited):
    """Return whether any of those is throttled that can bid in *columns* where leases pay any bid.

    The bits of these are set in *suited*. What does not change in the tick is written to the columns. A *row*
    of the value tables has so many values.
    """
    suited[:] = 0
    throttled = False
    for i in range(len(items)):
        item, quote = items[i], quotes[i]
        columns[_KEY + i] = np.int64(item.key)
        columns[_ADVERTISER + i] = item.advertiser
        columns[_CATEGORY + i] = item.category
        columns[_PARTICIPATION + i] = quote.participation
        columns[_BID + i] = quote.bid
        columns[_MOST + i] = quote.max_bid
        columns[_ROW + i] = max(item.values, 0) * row
        columns[_FORM + i] = item.form if item.values >= 0 else _CONSTANT
        columns[_FLOOR + i] = item.floor
        columns[_PRIORITY + i] = np.int64(item.priority) << at.PRIORITY_BITS
        columns[_SHORTEST + i] = item.shortest
        drawn = item.values < 0 or item.form != at.ATOMS
        if item.plain and item.ends == 0 and quote.open and item.creatives > 0 and drawn:
            suited[i >> 6] |= np.uint64(1) << np.uint64(i & 63)
            throttled |= quote.participation < _ALWAYS
    return throttled


@njit(cache=True, nogil=True)
def let_bid(quotes, suited, quick):
    """Return how many bid in columns: those in *quick*, and now all *suited* whose leases pay any bid."""
    for w in range(len(suited)):
        word = suited[w] & ~quick[w]
        while word != 0:
            bit = lowest(word)
            word &= word - np.uint64(1)
            if pays_any(quotes[64 * w + bit]):
                quick[w] |= np.uint64(1) << np.uint64(bit)
    return how_many(suited, quick)


@njit(cache=True, nogil=True, forceinline=True)
def how_many(met, quick):
    """Return how many bits *met* and *quick* have in common."""
    found = np.int64(0)
    for w in range(len(met)):
        word = met[w] & quick[w]
        word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
        word = (word & np.uint64(0x3333333333333333)) + (
            (word >> np.uint64(2)) & np.uint64(0x3333333333333333)
        )
        word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        found += np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))
    return found


@njit(cache=True, nogil=True)
def take_part(columns, n, met, quick, slots, seconds, barred, pod):
    """Let those of the *n* line items of a book whose bits are in *met* and *quick* take part in a pod."""
    for w in range(len(met)):
        word = met[w] & quick[w]
        for bit in range(64):
            k = 64 * w + bit
            matches = np.int64((word >> np.uint64(bit)) & np.uint64(1))
            fits = np.int64(columns[_SHORTEST + k] <= seconds)
            columns[_MATCHED + k] += matches * slots
            columns[_CREATIVE + k] += matches * (1 - fits) * slots
            columns[_ALIVE + k] = matches & fits
            columns[_APART + k] = 0
    for k in range(n):
        free = np.int64(barred[k] != pod)
        columns[_CAPPED + k] += columns[_ALIVE + k] * (1 - free) * slots
        columns[_ALIVE + k] &= free


@njit(cache=True, nogil=True)
def bid_all(columns, n, values, slot, floor, salt_value, salt_throttle, throttled):
    """Return the best of the bids of the *n* line items for a slot, below a deal's priority; -1 for none."""
    takes_part = _ALIVE
    if throttled:
        takes_part = _TAKES_PART
        for k in range(n):
            luck = np.int64(mix(slot ^ np.uint64(columns[_KEY + k]) ^ salt_throttle) >> HALF)
            heeds = np.int64(luck < columns[_PARTICIPATION + k])
            columns[_TAKES_PART + k] = columns[_ALIVE + k] & heeds
            columns[_THROTTLED + k] += columns[_ALIVE + k] & (1 - heeds)
    n, tail = (n + 7) & ~7, np.int64(0)  # behind the last one nobody is alive
    for k in range(n):
        draw = mix(slot ^ np.uint64(columns[_KEY + k]) ^ salt_value)
        index = np.int64(draw >> INDEX_SHIFT)
        columns[_INDEX + k] = columns[_ROW + k] + index
        columns[_WAY + k] = np.int64((draw >> FRACTION_SHIFT) & FRACTION_MASK)
        tail |= np.int64(index == LAST_STEP) & np.int64(columns[_FORM + k] == at.TAILED)
    of_all = values.reshape(-1)
    if len(values) > 0:  # where all are constant there is no table to look at
        for k in range(n):
            place = np.uint64(columns[_INDEX + k])
            columns[_BELOW + k], columns[_ABOVE + k] = of_all[place], of_all[place + _NEXT]
    if tail:  # one in a thousand
        for k in range(n):
            base = columns[_ROW + k]
            if columns[_INDEX + k] == base + LAST_STEP and columns[_FORM + k] == at.TAILED:
                draw = mix(slot ^ np.uint64(columns[_KEY + k]) ^ salt_value)
                factor = factor_at(values, base // values.shape[1], at.TAILED, draw)
                columns[_BELOW + k] = columns[_ABOVE + k] = factor
    best = np.int64(-1)
    for k in range(n):
        below = columns[_BELOW + k]
        factor = below + (((columns[_ABOVE + k] - below) * columns[_WAY + k]) >> FRACTION_BITS)
        factor = factor if columns[_FORM + k] != _CONSTANT else np.int64(_ONE)
        bid = min((columns[_BID + k] * factor) >> at.FACTOR_BITS, columns[_MOST + k])
        own = columns[_FLOOR + k]
        least = own if own >= 0 else floor
        bids = columns[takes_part + k]
        heard = bids & np.int64(bid >= least) & np.int64(bid > 0)
        columns[_BIDS + k] += bids
        columns[_SUM + k] += bids * bid
        columns[_UNDER + k] += bids - heard
        rank = bid + columns[_PRIORITY + k] if heard else np.int64(-1)
        columns[_RANK + k] = rank
        best = max(best, rank)
    return best


@njit(cache=True, nogil=True)
def who_bids(columns, n, best, slot, salt_tie):
    """Return which of the line items whose bid is the *best* wins a tie, and its draw."""
    # All of them, for no branch can be foretold; nearly always there is one.
    found, many = np.int64(n), np.int64(0)
    for k in range(n):
        same = columns[_RANK + k] == best
        found = min(found, np.int64(k if same else n))
        many += same
    tie = mix(slot ^ np.uint64(columns[_KEY + found]) ^ salt_tie)
    for k in range(found + 1, n if many > 1 else 0):
        if columns[_RANK + k] == best:
            luck = mix(slot ^ np.uint64(columns[_KEY + k]) ^ salt_tie)
            if luck > tie:
                found, tie = np.int64(k), luck
    return found, tie


@njit(cache=True, nogil=True)
def best_of_others(columns, n, advertiser):
    """Return the best bid of other advertisers, 0 for none."""
    found = np.int64(0)
    for k in range(n):
        rank = columns[_RANK + k]
        found = max(found, rank if columns[_ADVERTISER + k] != advertiser else np.int64(0))
    return found


@njit(cache=True, nogil=True)
def second_best(columns, n, first):
    """Return the best bid but that of the *first*, -1 for none."""
    found = np.int64(-1)
    for k in range(n):
        found = max(found, columns[_RANK + k] if k != first else np.int64(-1))
    return found


@njit(cache=True, nogil=True)
def lose_to_ambient(columns, n):
    """Count the bids that were heard as lost to ambient demand."""
    for k in range(n):
        columns[_AMBIENT + k] += np.int64(columns[_RANK + k] >= 0)


@njit(cache=True, nogil=True)
def lose_to(columns, n, winner, ahead, funnel, lost_to):
    """Count the bids that were heard as lost to line item *winner*, but its own, to a deal if *ahead*."""
    for k in range(n):
        lost_to[winner, k] += np.int32(columns[_RANK + k] >= 0)
    if ahead:
        for k in range(n):
            funnel[k, STAGE.lost_deal] += columns[_RANK + k] >= 0
        funnel[winner, STAGE.lost_deal] -= columns[_RANK + winner] >= 0
    else:
        for k in range(n):
            columns[_OUTBID + k] += np.int64(columns[_RANK + k] >= 0)
        columns[_OUTBID + winner] -= np.int64(columns[_RANK + winner] >= 0)
    lost_to[winner, winner] -= np.int32(columns[_RANK + winner] >= 0)


@njit(cache=True, nogil=True)
def keep_apart(columns, n, advertiser, category, left, barred, pod):
    """Count who must not follow an ad of that advertiser and category in the *left* slots of the pod."""
    no_category = np.int64(category < 0)
    for k in range(n):
        alive, apart = columns[_ALIVE + k], columns[_APART + k]
        # A cap is looked at before the other ads of a pod are.
        capped = (alive | apart) & np.int64(barred[k] == pod)
        same = np.int64(columns[_ADVERTISER + k] == advertiser)
        same |= np.int64(columns[_CATEGORY + k] == category) & (1 - no_category)
        now = alive & (1 - capped) & same
        columns[_CAPPED + k] += capped * left
        columns[_SEPARATED + k] += (now - (apart & capped)) * left
        columns[_ALIVE + k] = alive & (1 - capped) & (1 - now)
        columns[_APART + k] = (apart & (1 - capped)) | now


@njit(cache=True, nogil=True, forceinline=True)
def leave(columns, k, left):
    """Take a line item that has won a slot out of the columns, for the *left* slots of the pod."""
    apart = columns[_APART + k]
    columns[_SEPARATED + k] -= apart * left
    columns[_CAPPED + k] -= (1 - apart) * left
    columns[_APART + k] = 0


@njit(cache=True, nogil=True)
def add_up(columns, n, funnel, lost_to):
    """Add what was counted in the columns to the funnel, and begin anew."""
    ambient = len(lost_to) - 1
    for k in range(n):
        funnel[k, STAGE.requests_matched] += columns[_MATCHED + k]
        funnel[k, STAGE.blocked_creative] += columns[_CREATIVE + k]
        funnel[k, STAGE.blocked_frequency_cap] += columns[_CAPPED + k]
        funnel[k, STAGE.blocked_separation] += columns[_SEPARATED + k]
        funnel[k, STAGE.blocked_throttle] += columns[_THROTTLED + k]
        funnel[k, STAGE.bids] += columns[_BIDS + k]
        funnel[k, STAGE.bid_sum_micros] += columns[_SUM + k]
        funnel[k, STAGE.lost_below_floor] += columns[_UNDER + k]
        funnel[k, STAGE.lost_ambient] += columns[_AMBIENT + k]
        funnel[k, STAGE.lost_outbid] += columns[_OUTBID + k]
        lost_to[ambient, k] += columns[_AMBIENT + k]
    columns[_MATCHED:] = 0
