"""One tick of some shards: every slot of every break is matched, checked, auctioned, shown and billed."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim import events as e
from sim.kernels.bids import affinity_of, bid_factor, codes_of, observe, paced_bid, worth_of
from sim.kernels.bids_written import AMBIENT, OUTCOME, is_written, note_bid, write_bids
from sim.kernels.candidates import admit, let_in, let_stay, pays_any, stands_back
from sim.kernels.caps import bar_known, count, tell_time
from sim.kernels.checks import (
    bid_of,
    counter,
    floor_of,
    matching,
    recognised,
)
from sim.kernels.columns import (
    DENSE,
    add_up,
    best_of_others,
    bid_all,
    how_many,
    keep_apart,
    leave,
    let_bid,
    lose_to,
    lose_to_ambient,
    second_best,
    sort_out,
    take_part,
    who_bids,
)
from sim.kernels.delivery import bill, describe, locate, play, remember, rotate, settle
from sim.kernels.holdout import absent_from, ghosts
from sim.kernels.memory import borrowed, fetch
from sim.kernels.numbers import GOLDEN, HALF, SALT, STAGE, STOCK, mix
from sim.kernels.outside import outside_of, second_outside
from sim.kernels.release import NEVER, release
from sim.layout import CLOCK_STREAM, FACTOR_BITS, PRIORITY_BITS
from sim.memory import COLUMNS, CROWD

_ALWAYS = 1 << 32
_AHEAD = 8  # pods: what is remembered of a viewer is in memory, too far away to wait for
_IN_AUCTION = (1 << PRIORITY_BITS) - 1


@njit(cache=True, nogil=True)
def serve_slots(pods, book, market, tick, memory, price, result):
    """Return how many EVENT records of won slots and ghosts were written to *result*, and count in it.

    Shards are served one after another. Leases in `tick.quotes` and *memory* are updated in place. *price* is
    the auction format's compiled `price(bid, rival, ambient, floor, parameter)` in micros per impression. No
    bids are written, whatever the tick says.
    """
    return _serve(pods, book, market, tick, memory, price, result, False)


@njit(cache=True, nogil=True)
def serve_crowds(pods, book, market, tick, memory, price, result):
    """Return what `serve_slots` does, sooner where many line items match, and write bids that are asked for.

    What it does more would cost all others a sixth of their time.
    """
    return _serve(pods, book, market, tick, memory, price, result, True)


@njit(cache=True, nogil=True, forceinline=True)
def _serve(pods, book, market, tick, memory, price, result, crowds):
    # *crowds* is a constant in each of its two callers: what asks for it is compiled for one.
    pods, book, market = borrowed(pods), borrowed(book), borrowed(market)
    tick, memory, result = borrowed(tick), borrowed(memory), borrowed(result)
    items, caps, creatives, notes = book.line_items, book.caps, book.creatives, memory.notes
    live, windows, cells = tick.live, tick.windows, tick.ambient_cells
    shades, landscape = tick.shades, result.landscape
    floors, position_floors = market.floors, market.position_floors
    viewers, counts, seen, frequency = memory.viewers, memory.counts, memory.seen, memory.frequency
    lost_to = memory.lost_to
    events, funnel, inventory = result.events, result.funnel, result.inventory
    parameter, salts, needs_rival = market.parameter, market.salts, market.needs_rival
    rival_rates, rival_floors = market.rival_rates, market.rival_floors
    salt_slot, salt_ambient = salts[SALT.slot], salts[SALT.ambient]
    salt_value, salt_throttle = salts[SALT.value], salts[SALT.throttle]
    salt_tie, salt_rotation, salt_delivery = salts[SALT.tie], salts[SALT.rotation], salts[SALT.delivery]
    homes, match, by, salt_identity = memory.homes, market.match, market.counted_by, salts[SALT.identity]
    devices, crowd = len(floors), len(rival_rates) > 0
    candidates, bidders, codes, barred, present, slow = (
        notes.candidates, notes.bidders, notes.codes, notes.barred, notes.present, notes.slow
    )  # fmt: skip
    absent, ghosted, missed, missed_bids = notes.absent, notes.ghosted, notes.missed, notes.missed_bids
    factors, affinities = notes.factors, notes.affinities
    asked, asked_bids, asked_floors = notes.asked, notes.asked_bids, notes.asked_floors
    met, suited, quick, columns = notes.met, notes.suited, notes.quick, notes.columns
    shown_advertisers, shown_categories = notes.shown_advertisers, notes.shown_categories
    # Deals, places and holdouts that nobody has bought are not looked for in each slot.
    deals, placed, holding, shading = False, False, False, len(landscape) > 0
    for i in range(len(items)):
        holding |= items[i].held_out > 0
        placed |= items[i].ends != 0
        deals |= items[i].ends != 0 or items[i].priority != 0 or items[i].floor >= 0
        barred[i] = 0
    exacting, streams = placed or holding, False
    for c in range(len(caps)):
        streams |= caps[c].clock == CLOCK_STREAM
        notes.in_pod[c] = 0
    written = 0
    for s in range(len(tick.quotes)):
        quotes, releases = tick.quotes[s], tick.releases[s]
        coming, due, change = 0, tick.parts[0] if len(tick.parts) else NEVER, np.int64(-1)
        begin, end = tick.spans[s, 0], tick.spans[s, 1]
        many, throttled, columned = 0, False, crowds and CROWD <= len(items) <= COLUMNS and not holding
        if crowds and columned:
            throttled = sort_out(items, quotes, book.values.shape[1], columns, suited)
            quick[:] = 0
            many = let_bid(quotes, suited, quick)
        for p in range(begin, end):
            if p + _AHEAD < end:
                later = np.int64(pods[p + _AHEAD].viewer)
                fetch(viewers, later)
                fetch(counts, later)
                fetch(seen, later)
            pod, stamp = pods[p], p + 1
            device, placement, slot_seconds = pod.device, pod.placement, np.int64(pod.slot_seconds)
            slots, person = np.int64(pod.slots), viewers[pod.viewer]
            # As numbers of their own: read from the pod inside the checks, they double the time of the tick.
            begun = np.int64(pod.second)
            if begun >= due:
                coming, due = release(quotes, tick.parts, releases, coming, begun)
                if crowds and columned:
                    many = let_bid(quotes, suited, quick)  # a release may let more of them bid
            floor, position_floor = floors[device, placement], position_floors[device, placement]
            cell, place = cells[person.region, device, pod.genre], rival_floors[device, placement]
            inventory[device, placement, STOCK.avails] += slots
            inventory[device, placement, STOCK.ad_seconds] += slots * slot_seconds
            able, width, writing = 0, 0, False
            if crowds:
                for w in range(len(live)):
                    met[w] = slow[w] = matching(pod, person, live, book.masks, w)
                writing = is_written(tick.bids_of, salts, person.id)
                # Of those who bid in columns; where each bid is written it is looked at alone.
                width = how_many(met, quick) if many >= CROWD and not writing else 0
                if width < CROWD or width * DENSE < len(items):
                    width = 0
                else:
                    for w in range(len(live)):
                        slow[w] &= ~quick[w]
            for w in range(len(live)):
                word = slow[w] if crowds else matching(pod, person, live, book.masks, w)
                able = admit(word, w, items, quotes, funnel, slots, slot_seconds, placed, candidates, able)
            viewer, session = np.int64(pod.viewer), np.int64(pod.session)
            known, identity = np.int64(-1), np.int64(-1)
            if able + width > 0:
                if match == _ALWAYS or recognised(match, salt_identity, person.id, session):
                    known = np.int64(counter(by, viewer, homes[pod.viewer], device, devices))
                    identity = np.int64(counter(by, person.id, person.household, device, devices))
                if begun >= change:
                    change = tell_time(caps, windows, begun, present)
                bar_known(book, memory, known, viewer, session, by, streams, stamp)
                if crowds and width > 0:
                    take_part(columns, len(items), met, quick, slots, slot_seconds, barred, stamp)
                if not exacting:
                    able = let_in(items, quotes, notes, funnel, able, slots, stamp)
                if holding:
                    absent_from(items, candidates, able, person.id, salts[SALT.holdout], absent)
                    ghosted[:able] = 0
                for c in range(able):
                    i = candidates[c]
                    affinities[i] = affinity_of(book.normal, salts, items[i], person.id)
                if len(book.tilts) > 0:
                    codes_of(pod, person, tick.hours, codes)
            if able + width == 0:  # more than half of all pods
                unsold, revenue = np.int64(0), np.int64(0)
                for position in range(slots):
                    slot = mix(np.uint64((pod.id << e.POD_SHIFT) + position) * GOLDEN + salt_slot)
                    draw, ambient, steps = outside_of(market, slot, salt_ambient, cell, place, floor)
                    if ambient == 0:
                        unsold += 1
                        continue
                    runner_up = np.int64(0)
                    if crowd and needs_rival:
                        runner_up = second_outside(market, draw, steps, cell, place, floor)
                    revenue += price(ambient, runner_up, 0, floor, parameter)
                inventory[device, placement, STOCK.unfilled] += unsold
                inventory[device, placement, STOCK.filled_ambient] += slots - unsold
                inventory[device, placement, STOCK.sold_seconds] += (slots - unsold) * slot_seconds
                inventory[device, placement, STOCK.revenue_ambient_micros] += revenue
                continue
            shown, apart = 0, 0
            for position in range(slots):
                second = pod.second + position * slot_seconds
                slot = mix(np.uint64((pod.id << e.POD_SHIFT) + position) * GOLDEN + salt_slot)
                draw, ambient, steps = outside_of(market, slot, salt_ambient, cell, place, floor)

                bids, gone, heard_of, noted = 0, 0, 0, 0
                # A bid of a deal that is served ahead ranks above all others.
                best, best_bid, best_tie, rival = -1, np.int64(0), np.uint64(0), np.int64(0)
                for c in range(able):
                    i = candidates[c]
                    item, quote = items[i], quotes[i]
                    # Who pays any bid has been let in: nothing but luck keeps it from a slot.
                    if (exacting or not pays_any(quote)) and stands_back(
                        book.values, notes, salt_value, item, quote, funnel[i], i, slot, position, slots,
                        shown, stamp, holding and ghosted[c],
                    ):  # fmt: skip
                        continue
                    if quote.participation < _ALWAYS:
                        luck = np.int64(mix(slot ^ item.key ^ salt_throttle) >> HALF)
                        if luck >= quote.participation:
                            funnel[i, STAGE.blocked_throttle] += 1
                            continue
                    if item.plain == 1:
                        bid = bid_of(book.values, item, quote, slot ^ item.key ^ salt_value)
                    else:
                        factors[i] = bid_factor(book, salts, item, slot, affinities[i], codes)
                        bid = paced_bid(shades, salts, item, quote, slot, factors[i])
                    funnel[i, STAGE.bids] += 1
                    funnel[i, STAGE.bid_sum_micros] += bid
                    least = floor_of(item, floor, position_floor) if deals else floor
                    if shading:
                        asked[heard_of], asked_bids[heard_of], asked_floors[heard_of] = i, -1, least
                        heard_of += 1
                    if crowds and writing:
                        note_bid(notes, noted, i, bid, least, OUTCOME.lost_below_floor)
                        noted += 1
                    if bid < least or bid == 0:
                        funnel[i, STAGE.lost_below_floor] += 1
                        continue
                    if crowds and writing:
                        notes.bid_outcomes[i] = OUTCOME.won
                    if deals:
                        bid += np.int64(item.priority) << PRIORITY_BITS
                    if holding and absent[c]:
                        missed[gone], missed_bids[gone] = c, bid
                        gone += 1
                        continue
                    if shading:
                        asked_bids[heard_of - 1] = bid
                    bidders[bids] = i
                    bids += 1
                    if best < 0 or bid >= best_bid:
                        tie = mix(slot ^ item.key ^ salt_tie)
                        if best < 0 or bid > best_bid or tie > best_tie:
                            # The dethroned bid is a rival unless it is of the same advertiser.
                            if best >= 0 and items[best].advertiser != item.advertiser:
                                rival = best_bid
                            best, best_bid, best_tie = i, bid, tie
                            continue
                    if items[best].advertiser != item.advertiser and bid > rival:
                        rival = bid

                if crowds and width > 0:
                    top = bid_all(
                        columns, len(items), book.values, slot, floor, salt_value, salt_throttle, throttled
                    )
                    if top >= 0:
                        i, tie = who_bids(columns, len(items), top, slot, salt_tie)
                        if (
                            shading
                        ):  # nobody in columns shades: their bids are heard, and no floor is asked for
                            asked[heard_of], asked_bids[heard_of] = i, top
                            asked[heard_of + 1] = i
                            asked_bids[heard_of + 1] = second_best(columns, len(items), i)
                            heard_of += 2
                        if best < 0 or top > best_bid or (top == best_bid and tie > best_tie):
                            if best >= 0 and items[best].advertiser != items[i].advertiser:
                                rival = best_bid
                            best, best_bid, best_tie = i, top, tie
                        if needs_rival:
                            others = best_of_others(columns, len(items), items[best].advertiser)
                            rival = max(rival, others)

                if heard_of > 0:
                    observe(landscape, items, quotes, asked, asked_bids, asked_floors, heard_of, ambient)
                if gone > 0:  # who loses is one of the bidders, and who would have won a ghost
                    standing = best, best_bid, best_tie, rival, ambient
                    written, bids = ghosts(
                        book, market, quotes, memory, price, result, written, pod, position, slot,
                        known, identity, standing, candidates, missed[:gone], missed_bids, ghosted, bidders,
                        bids, codes, stamp,
                    )  # fmt: skip
                outside_wins = ambient > best_bid or (ambient == best_bid and mix(slot ^ salt_tie) > best_tie)
                if crowds and writing:
                    for k in range(noted):
                        i = notes.bid_items[k]
                        if notes.bid_outcomes[i] != OUTCOME.won or (i == best and not outside_wins):
                            continue
                        notes.bid_outcomes[i], notes.lost_to[i] = OUTCOME.lost_ambient, AMBIENT
                        if not outside_wins:
                            ahead = best_bid > _IN_AUCTION
                            notes.bid_outcomes[i] = OUTCOME.lost_deal if ahead else OUTCOME.lost_outbid
                            notes.lost_to[i] = best
                    number = (pod.id << e.POD_SHIFT) + position
                    write_bids(
                        notes, noted, result.bids, result.bids_written, number, second, person.id, ambient
                    )
                if best < 0 and ambient == 0:
                    inventory[device, placement, STOCK.unfilled] += 1
                    continue
                if outside_wins:
                    for b in range(bids):
                        funnel[bidders[b], STAGE.lost_ambient] += 1
                        lost_to[len(items), bidders[b]] += 1
                    if crowds and width > 0:
                        lose_to_ambient(columns, len(items))
                    inventory[device, placement, STOCK.filled_ambient] += 1
                    inventory[device, placement, STOCK.sold_seconds] += slot_seconds
                    runner_up = np.int64(0)
                    if crowd and needs_rival:  # seldom asked for, and dear
                        runner_up = second_outside(market, draw, steps, cell, place, floor)
                    inventory[device, placement, STOCK.revenue_ambient_micros] += price(
                        ambient, max(best_bid, runner_up), 0, floor, parameter
                    )
                    continue
                ahead = best_bid > _IN_AUCTION
                best_bid &= _IN_AUCTION
                for b in range(bids):
                    loses = bidders[b] != best
                    funnel[bidders[b], STAGE.lost_deal if ahead else STAGE.lost_outbid] += loses
                    lost_to[best, bidders[b]] += loses
                if crowds and width > 0:
                    lose_to(columns, len(items), best, ahead, funnel, lost_to)

                item, quote = items[best], quotes[best]
                least = floor_of(item, floor, position_floor)
                shown_advertisers[shown] = item.advertiser
                shown_categories[shown] = item.category
                shown += 1
                event = events[written]
                written += 1
                describe(event, pod, person, identity)
                locate(event, pod, position, pod.slots, second)
                if item.plain == 0 and item.worths == item.values and item.worth_form == item.form:
                    # Most bid by what a slot is worth, and that was found for the bid.
                    worth = (quote.max_bid * factors[best]) >> FACTOR_BITS
                else:
                    worth = worth_of(book, salts, item, quote, slot, person.id, codes)
                paid = best_bid if ahead else price(best_bid, rival, ambient, least, parameter)
                settle(event, best, quote, worth, best_bid, paid, least, ambient)
                creative = rotate(creatives, item, slot_seconds, slot ^ item.key ^ salt_rotation)
                play(event, book, creative, pod, 0, mix(slot ^ item.key ^ salt_delivery))
                inventory[device, placement, STOCK.sold_seconds] += event.duration_s

                if bill(event, quote, funnel[best], inventory[device, placement]):
                    count(book, memory, item, viewer, known, session, stamp)
                    funnel[best, STAGE.new_viewers] += remember(seen, frequency, pod.viewer, best)
                left = slots - position - 1
                if left > 0 and not exacting:
                    able, apart = let_stay(items, quotes, notes, funnel, able, apart, best, left, stamp)
                if crowds and width > 0 and left > 0:
                    keep_apart(columns, len(items), item.advertiser, item.category, left, barred, stamp)
                if crowds and columned and not pays_any(quote):
                    # What its leases pay now depends on the bid: it is asked one by one.
                    bit = np.uint64(1) << np.uint64(best & 63)
                    if crowds and width > 0 and left > 0 and quick[best >> 6] & bit:
                        leave(columns, best, left)
                        candidates[able] = best
                        able += 1
                    quick[best >> 6] &= ~bit
        if crowds and columned:
            add_up(columns, len(items), funnel, lost_to)
        result.ends[s] = written
    return written
