"""Who competes for the slots of a pod: who matches it, but those who are kept from the rest of it."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.checks import alike, bid_of, separated
from sim.kernels.memory import lowest
from sim.kernels.numbers import STAGE
from sim.layout import FIRST, LAST


@njit(cache=True, nogil=True, forceinline=True)
def admit(word, w, items, quotes, funnel, slots, seconds, placed, candidates, able):
    """Return how many *candidates* there are for a pod of so many *slots* with those of the *word* of bits.

    They are in order. Who is out of its daypart, or has no creative of so few *seconds*, is counted instead.
    """
    while word != 0:
        i = np.uint32(64 * w + lowest(word))
        word &= word - np.uint64(1)
        item, chances = items[i], slots
        if placed and item.ends != 0:
            chances = places(item.ends, slots)
        funnel[i, STAGE.requests_matched] += chances
        if quotes[i].open == 0:
            funnel[i, STAGE.blocked_daypart] += chances
        elif item.creatives == 0 or item.shortest > seconds:
            funnel[i, STAGE.blocked_creative] += chances
        else:
            candidates[able] = i
            able += 1
    return able


@njit(cache=True, nogil=True, forceinline=True)
def places(ends, slots):
    """Return how many of the *slots* of a pod are at the *ends* that are bought."""
    if slots == 1:
        return np.int64(1)
    return np.int64((ends & FIRST != 0) + (ends & LAST != 0))


@njit(cache=True, nogil=True, forceinline=True)
def takes(ends, position, slots):
    """Return whether the *position* is one of the *ends* of a pod of so many *slots*, 0 being any."""
    if ends == 0:
        return True
    return (ends & FIRST != 0 and position == 0) or (ends & LAST != 0 and position + 1 == slots)


@njit(cache=True, nogil=True, forceinline=True)
def let_in(items, quotes, notes, funnel, able, left, stamp):
    """Return how many of the first *able* candidates are let into a pod, all of whose slots are *left*.

    The others are counted. Who can pay some of its bids and not others stays.
    """
    candidates, barred = notes.candidates, notes.barred
    kept = 0
    for c in range(able):
        i = candidates[c]
        if not _cannot_pay_all(items[i], quotes[i], funnel[i], left):
            if barred[i] == stamp and pays_any(quotes[i]):
                funnel[i, STAGE.blocked_frequency_cap] += left
                continue
            candidates[kept] = i
            kept += 1
    return kept


@njit(cache=True, nogil=True, forceinline=True)
def let_stay(items, quotes, notes, funnel, able, apart, winner, left, stamp):
    """Return how many candidates stay after one has won a slot, and how many are kept *apart* from its ad.

    As `let_in` does it.
    """
    candidates, barred, kept_apart = notes.candidates, notes.barred, notes.apart
    still = 0
    for c in range(apart):  # a cap is looked at before the other ads of a pod are
        i = kept_apart[c]
        if barred[i] == stamp:
            funnel[i, STAGE.blocked_separation] -= left
            funnel[i, STAGE.blocked_frequency_cap] += left
        else:
            kept_apart[still] = i
            still += 1
    kept = 0
    for c in range(able):
        i = candidates[c]
        item = items[i]
        if i == winner and _cannot_pay_all(item, quotes[i], funnel[i], left):
            continue
        if pays_any(quotes[i]):
            if barred[i] == stamp:
                funnel[i, STAGE.blocked_frequency_cap] += left
                continue
            if alike(item, items[winner].advertiser, items[winner].category):
                funnel[i, STAGE.blocked_separation] += left
                kept_apart[still] = i
                still += 1
                continue
        candidates[kept] = i
        kept += 1
    return kept, still


@njit(cache=True, nogil=True, forceinline=True)
def pays_any(quote):
    """Return whether the leases of a line item pay any bid that it may make."""
    return min(quote.lifetime, quote.daily, quote.allowance) >= quote.max_bid


@njit(cache=True, nogil=True, forceinline=True)
def cannot_pay(quote, bid, stages, chances):
    """Return whether a lease does not pay *bid*, and count at the first of them so many *chances*."""
    if quote.lifetime < bid:
        stages[STAGE.blocked_budget_lifetime] += chances
    elif quote.daily < bid:
        stages[STAGE.blocked_budget_daily] += chances
    elif quote.allowance < bid:
        stages[STAGE.blocked_allowance] += chances
    else:
        return False
    return True


@njit(cache=True, nogil=True, forceinline=True)
def _cannot_pay_all(item, quote, stages, left):
    # A bid that is dear to know is not asked of who may not be able to pay it: that is so until it wins.
    return item.plain == 0 and not pays_any(quote) and cannot_pay(quote, quote.most, stages, left)


@njit(cache=True, nogil=True, forceinline=True)
def stands_back(
    values, notes, salt, item, quote, stages, i, slot, position, slots, shown, stamp, ghosted
):  # fmt: skip
    """Return whether line item *i* cannot have a slot, and count why, check by check.

    It is one that has not been let in, or may not be able to pay its bid.
    """
    if not takes(item.ends, position, slots):
        return True
    if not pays_any(quote):
        bid = quote.most
        if item.plain == 1:
            bid = bid_of(values, item, quote, slot ^ item.key ^ salt)
        if cannot_pay(quote, bid, stages, 1):
            return True
    if notes.barred[i] == stamp:
        stages[STAGE.blocked_frequency_cap] += 1
        return True
    if ghosted or separated(notes.shown_advertisers, notes.shown_categories, shown, item):
        stages[STAGE.blocked_separation] += 1
        return True
    return False
