"""What line items would have won of a dynamic pod, had they not held its viewer out."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.bids_written import OUTCOME
from sim.kernels.holdout import ghost
from sim.kernels.knapsack import knapsack, worth
from sim.kernels.numbers import SALT, STAGE
from sim.kernels.offers import IN_AUCTION, ad_floor, rotate_within, weight_of
from sim.layout import OPTION


@njit(cache=True, nogil=True)
def pod_ghosts(
    book, market, quotes, memory, price, result, written, pod, slot, known, identity,
    options, n, gone, priorities, in_pod, codes, stamp,
):  # fmt: skip
    """Return how many EVENT records there are with those of the *gone* line items that have a ghost.

    They stand at the end of *options*, after the *n* that are on offer. One has a ghost if the best set would
    hold it, were it alone added to what is on offer; it is marked in *in_pod*.
    """
    items, creatives, events, salts = book.line_items, book.creatives, result.events, market.salts
    ad_floors, device, placement = market.ad_floors, pod.device, pod.placement
    seconds, slots = np.int64(pod.seconds), np.int64(pod.slots)
    trial = np.empty(n + 1, OPTION)
    for a in range(len(options) - 1, len(options) - 1 - gone, -1):
        trial[:n] = options[:n]
        trial[n] = options[a]
        together = priorities | 1 << items[options[a].item].priority
        for o in range(n + 1):
            if trial[o].item >= 0:
                trial[o].value &= IN_AUCTION
                trial[o].value += weight_of(together, items[trial[o].item].priority)
        chosen = knapsack(trial, seconds, slots)
        in_pod[a] = 0
        total, left, ambient = np.int64(0), seconds, np.int64(0)
        placed = np.zeros(n + 1, np.uint8)
        for o in chosen:
            placed[o] = 1
            total += trial[o].value
            left -= trial[o].seconds
        if placed[n] == 0:
            continue
        in_pod[a] = 1
        for o in range(n):
            if trial[o].item < 0 and placed[o] == 0:
                ambient = max(ambient, trial[o].value)
        second = np.int64(pod.second)
        for position in range(len(chosen)):
            option = trial[chosen[position]]
            if option.item < 0:
                second += option.seconds
                continue
            i, bid = np.int64(option.item), option.value & IN_AUCTION
            item, room = items[i], left + option.seconds
            address = slot ^ item.key ^ salts[SALT.rotation]
            creative = rotate_within(creatives, item, ad_floors, bid, room, device, placement, address)
            shown = np.int64(creatives[creative].seconds)
            left = room - shown
            if chosen[position] != n:
                second += shown
                continue
            ahead = option.value > IN_AUCTION
            rival = np.int64(0)
            if market.needs_rival and not ahead:
                without = worth(trial, seconds, slots, np.int64(option.advertiser))
                rival = without - (total - option.value)
            floor = ad_floor(ad_floors, item, shown, device, placement)
            result.funnel[i, STAGE.ghosts] += 1
            memory.notes.bid_outcomes[i] = OUTCOME.ghost
            paid = bid if ahead else price(bid, rival, 0, floor, market.parameter)
            place, terms = (position, len(chosen), second), (bid, paid, floor, ambient)
            ghost(
                book, salts, quotes[i], memory, events[written], pod, slot, known, identity, codes,
                i, creative, place, terms, stamp,
            )  # fmt: skip
            written += 1
            break
    return written
