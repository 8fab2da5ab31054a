"""One tick of some shards with dynamic pods: each gets the best set of ads for its seconds."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim import events as e
from sim.kernels.bids import codes_of, step_of, valued_bid, worth_of
from sim.kernels.bids_written import AMBIENT, OUTCOME, is_written, note_bid, write_bids
from sim.kernels.candidates import admit, cannot_pay
from sim.kernels.caps import bar_known, count, tell_time
from sim.kernels.checks import bid_of, counter, matching, recognised
from sim.kernels.delivery import bill, describe, locate, play, remember, settle
from sim.kernels.holdout import absent_from
from sim.kernels.knapsack import knapsack, worth
from sim.kernels.memory import borrowed
from sim.kernels.numbers import GOLDEN, HALF, SALT, STAGE, STOCK, mix
from sim.kernels.offers import IN_AUCTION, ad_floor, offer, rotate_within, weight_of
from sim.kernels.outside import outside_bid, rival_bids
from sim.kernels.pod_ghosts import pod_ghosts
from sim.kernels.release import NEVER, release
from sim.layout import CLOCK_STREAM, OPTION, TILTED

_ALWAYS = 1 << 32
_MOST_ADS = 1 << e.POD_SHIFT
_TILTED = len(TILTED)
_FORCED = np.int64(1 << 40)  # above all bids of a pod; deals are served ahead all the same
_NOBODY = np.int64(-1 << 40)


@njit(cache=True, nogil=True)
def serve_pods(pods, book, market, tick, memory, price, result):
    """Return how many EVENT records of won places and ghosts were written to *result*, and count in it.

    The arguments are those of `serve_slots`; how a pod is sold the readable twin says.
    """
    pods, book, market = borrowed(pods), borrowed(book), borrowed(market)
    tick, memory, result = borrowed(tick), borrowed(memory), borrowed(result)
    items, caps, creatives, notes = book.line_items, book.caps, book.creatives, memory.notes
    barred, present = notes.barred, notes.present
    live, windows, cells = tick.live, tick.windows, tick.ambient_cells
    shades, landscape = tick.shades, result.landscape
    ad_floors = market.ad_floors
    viewers, seen, frequency = memory.viewers, memory.seen, memory.frequency
    lost_to = memory.lost_to
    events, funnel, inventory = result.events, result.funnel, result.inventory
    outside, presence, rivals = market.ambient, market.ambient_presence, market.rivals
    rival_rates, rival_floors, heard = market.rival_rates, market.rival_floors, market.rivals_heard
    parameter, salts, needs_rival = market.parameter, market.salts, market.needs_rival
    salt_slot, salt_ambient, salt_value = salts[SALT.slot], salts[SALT.ambient], salts[SALT.value]
    salt_throttle = salts[SALT.throttle]
    salt_tie, salt_rotation, salt_delivery = salts[SALT.tie], salts[SALT.rotation], salts[SALT.delivery]
    homes, match, by, salt_identity = memory.homes, market.match, market.counted_by, salts[SALT.identity]
    devices, crowd = ad_floors.shape[2], len(rival_rates) > 0
    candidates = np.empty(len(items), np.uint32)
    codes = np.zeros(_TILTED, np.int64)
    # Those of line items that hold the viewer out stand at the end, the first of them last.
    options = np.empty(2 * len(items) + 2 * _MOST_ADS + 1, OPTION)
    refused, shading = np.empty(len(items), np.int64), len(landscape) > 0
    in_pod = np.empty(len(options), np.uint8)
    absent, holding = np.zeros(len(items), np.uint8), False
    for each in range(len(items)):
        holding |= items[each].held_out > 0
    barred[:], notes.in_pod[:], streams = 0, 0, False
    for c in range(len(caps)):
        streams |= caps[c].clock == CLOCK_STREAM
    # Of a group a pod holds one ad: of a separated category, or of an advertiser who is in none.
    group_of = _groups(items)
    local, met = np.zeros(len(items), np.int64), np.full(len(items), -1, np.int64)
    written = 0
    for s in range(len(tick.quotes)):
        quotes, releases = tick.quotes[s], tick.releases[s]
        coming, due, change = 0, tick.parts[0] if len(tick.parts) else NEVER, np.int64(-1)
        begin, end = tick.spans[s, 0], tick.spans[s, 1]
        for p in range(begin, end):
            pod, stamp = pods[p], p + 1
            device, placement, seconds = pod.device, pod.placement, np.int64(pod.seconds)
            person = viewers[pod.viewer]
            able = 0
            for w in range(len(live)):
                word = matching(pod, person, live, book.masks, w)
                able = admit(word, w, items, quotes, funnel, 1, seconds, False, candidates, able)
            begun = np.int64(pod.second)
            if begun >= due:
                coming, due = release(quotes, tick.parts, releases, coming, begun)
            viewer, session = np.int64(pod.viewer), np.int64(pod.session)
            known, identity = np.int64(-1), np.int64(-1)
            if match == _ALWAYS or recognised(match, salt_identity, person.id, session):
                known = np.int64(counter(by, viewer, homes[pod.viewer], device, devices))
                identity = np.int64(counter(by, person.id, person.household, device, devices))
            if able > 0:
                if begun >= change:
                    change = tell_time(caps, windows, begun, present)
                bar_known(book, memory, known, viewer, session, by, streams, stamp)
            slot = mix(np.uint64(pod.id << e.POD_SHIFT) * GOLDEN + salt_slot)
            inventory[device, placement, STOCK.avails] += pod.slots
            inventory[device, placement, STOCK.ad_seconds] += seconds

            if len(book.tilts) > 0:
                codes_of(pod, person, tick.hours, codes)
            if holding:
                absent_from(items, candidates, able, person.id, salts[SALT.holdout], absent)
            n, gone, groups, priorities, unheard, noted = 0, 0, 0, 0, 0, 0
            writing = is_written(tick.bids_of, salts, person.id)
            for c in range(able):
                i = candidates[c]
                item, quote = items[i], quotes[i]
                bid = quote.most
                if item.plain == 1:
                    bid = bid_of(book.values, item, quote, slot ^ item.key ^ salt_value)
                if cannot_pay(quote, bid, funnel[i], 1):
                    continue
                if barred[i] == stamp:
                    funnel[i, STAGE.blocked_frequency_cap] += 1
                    continue
                if quote.participation < _ALWAYS:
                    luck = np.int64(mix(slot ^ item.key ^ salt_throttle) >> HALF)
                    if luck >= quote.participation:
                        funnel[i, STAGE.blocked_throttle] += 1
                        continue
                if item.plain == 0:
                    bid = valued_bid(book, shades, salts, item, quote, slot, person.id, codes)
                funnel[i, STAGE.bids] += 1
                funnel[i, STAGE.bid_sum_micros] += bid
                # A longer ad brings no more: the set is found with the shortest whose floor the bid reaches.
                shortest = seconds + 1
                for k in range(item.first_creative, item.first_creative + item.creatives):
                    length = np.int64(creatives[k].seconds)
                    if length < shortest and bid >= ad_floor(ad_floors, item, length, device, placement):
                        shortest = length
                if writing:
                    length = shortest if shortest <= seconds and bid > 0 else np.int64(item.shortest)
                    least = ad_floor(ad_floors, item, length, device, placement)
                    note_bid(notes, noted, i, bid, least, OUTCOME.lost_below_floor)
                    noted += 1
                if shortest > seconds or bid == 0:
                    funnel[i, STAGE.lost_below_floor] += 1
                    refused[unheard] = i
                    unheard += item.shade >= 0
                    continue
                notes.bid_outcomes[i] = OUTCOME.won
                group = group_of[i]
                if met[group] != p:
                    met[group], local[group] = p, groups
                    groups += 1
                option = options[len(options) - 1 - gone if absent[c] else n]
                offer(option, bid, mix(slot ^ item.key ^ salt_tie))
                option.item, option.advertiser, option.group = i, item.advertiser, local[group]
                option.seconds, option.ends = shortest, item.ends
                if absent[c]:
                    gone += 1
                    refused[unheard] = i
                    unheard += item.shade >= 0
                    continue
                priorities |= 1 << item.priority
                n += 1
            for o in range(n):
                options[o].value += weight_of(priorities, items[options[o].item].priority)
            bidders = n

            # Ambient demand offers as many ads as the pod may hold, with the luck of a slot of its own each.
            usual = np.int64(pod.slot_seconds)
            for k in range(np.int64(pod.slots) if usual <= seconds else 0):
                own = mix(np.uint64((pod.id << e.POD_SHIFT) + k) * GOLDEN + salt_slot)
                cell, place = cells[person.region, device, pod.genre], rival_floors[device, placement]
                floor, draw = ad_floors[0, usual, device, placement], mix(own ^ salt_ambient)
                if crowd:
                    bid, second = rival_bids(outside, rivals, rival_rates, heard, cell, place, floor, draw)
                else:
                    bid, second = outside_bid(outside, presence, cell, floor, draw), np.int64(0)
                groups += bid > 0
                while bid > 0:  # of a place one is in the pod, and the second prices the first
                    offer(options[n], bid, mix(own ^ salt_tie))
                    options[n].item, options[n].advertiser, options[n].group = -1, bidders - 1 - n, groups - 1
                    options[n].seconds, options[n].ends = usual, 0
                    n += 1
                    bid, second = second, np.int64(0)

            if shading:
                for o in range(bidders):
                    i = np.int64(options[o].item)
                    if items[i].shade >= 0:
                        floor = ad_floor(ad_floors, items[i], np.int64(options[o].seconds), device, placement)
                        least = max(floor, _least(options[:n], o, seconds, np.int64(pod.slots)))
                        landscape[items[i].shade, step_of(least, quotes[i])] += 1
                for r in range(unheard):  # as if they were offered, too
                    item, group = items[refused[r]], group_of[refused[r]]
                    options[n].item, options[n].advertiser, options[n].tie = refused[r], item.advertiser, 0
                    options[n].group = local[group] if met[group] == p else groups
                    options[n].seconds, options[n].ends = item.shortest, item.ends
                    floor = ad_floor(ad_floors, item, np.int64(item.shortest), device, placement)
                    least = max(floor, _least(options[: n + 1], n, seconds, np.int64(pod.slots)))
                    landscape[item.shade, step_of(least, quotes[refused[r]])] += 1

            if gone > 0:
                written = pod_ghosts(
                    book, market, quotes, memory, price, result, written, pod, slot, known, identity,
                    options, n, gone, priorities, in_pod, codes, stamp,
                )  # fmt: skip
            chosen = knapsack(options[:n], seconds, np.int64(pod.slots))
            inventory[device, placement, STOCK.unfilled] += pod.slots - len(chosen)
            if len(chosen) == 0:
                write_bids(
                    notes, noted, result.bids, result.bids_written, pod.id << e.POD_SHIFT, begun, person.id,
                    np.int64(0),
                )  # fmt: skip
                continue
            in_pod[:n] = 0
            total, left, least = np.int64(0), seconds, chosen[0]
            for o in chosen:
                in_pod[o] = 1
                total += options[o].value
                left -= options[o].seconds
                if options[o].value < options[least].value or (
                    options[o].value == options[least].value and options[o].tie < options[least].tie
                ):
                    least = o
            _lost(funnel, lost_to, notes, options, 0, bidders, chosen, in_pod, least)
            if gone > 0:
                _lost(
                    funnel, lost_to, notes, options, len(options) - gone, len(options), chosen, in_pod, least
                )
            ambient, best_outside = np.int64(0), np.int64(0)
            for o in range(bidders, n):
                best_outside = max(best_outside, options[o].value)
                if in_pod[o] == 0:
                    ambient = max(ambient, options[o].value)

            if writing:
                write_bids(
                    notes, noted, result.bids, result.bids_written, pod.id << e.POD_SHIFT, begun, person.id,
                    best_outside,
                )  # fmt: skip
            second = begun
            for position in range(len(chosen)):
                option = options[chosen[position]]
                i, bid = np.int64(option.item), option.value & IN_AUCTION
                ahead = option.value > IN_AUCTION
                rival = np.int64(0)
                if needs_rival and not ahead:
                    # What the winner keeps the rest from: the value of the best set without its advertiser.
                    without = worth(options[:n], seconds, np.int64(pod.slots), np.int64(option.advertiser))
                    rival = without - (total - option.value)
                if i < 0:
                    floor = ad_floors[0, usual, device, placement]
                    inventory[device, placement, STOCK.filled_ambient] += 1
                    inventory[device, placement, STOCK.revenue_ambient_micros] += price(
                        bid, rival, 0, floor, parameter
                    )
                    inventory[device, placement, STOCK.sold_seconds] += usual
                    second += usual
                    continue
                item, quote = items[i], quotes[i]
                address = slot ^ item.key ^ salt_rotation
                room = left + option.seconds
                creative = rotate_within(creatives, item, ad_floors, bid, room, device, placement, address)
                shown = np.int64(creatives[creative].seconds)
                left = room - shown
                floor = ad_floor(ad_floors, item, shown, device, placement)
                event = events[written]
                written += 1
                describe(event, pod, person, identity)
                locate(event, pod, position, len(chosen), second)
                worth_here = worth_of(book, salts, item, quote, slot, person.id, codes)
                paid = bid if ahead else price(bid, rival, 0, floor, parameter)
                settle(event, i, quote, worth_here, bid, paid, floor, ambient)
                play(event, book, creative, pod, 0, mix(slot ^ item.key ^ salt_delivery))
                inventory[device, placement, STOCK.sold_seconds] += shown
                second += shown

                if bill(event, quote, funnel[i], inventory[device, placement]):
                    count(book, memory, item, viewer, known, session, stamp)
                    funnel[i, STAGE.new_viewers] += remember(seen, frequency, pod.viewer, i)
        result.ends[s] = written
    return written


@njit(cache=True, nogil=True)
def _least(options, o, seconds, ads):
    # The least value with which option *o* would be in the best set: what it would keep the others from.
    value = options[o].value
    options[o].value = 0
    without = worth(options, seconds, ads, _NOBODY)
    options[o].value = _FORCED
    least = without - (worth(options, seconds, ads, _NOBODY) - _FORCED)
    options[o].value = value
    return least


@njit(cache=True, nogil=True)
def _groups(items):
    # For each line item the first one that is kept apart from it: no group has a number of its own.
    groups = np.empty(len(items), np.int64)
    for i in range(len(items)):
        groups[i] = i
        for j in range(i):
            if items[i].category >= 0:
                apart = items[j].category == items[i].category
            else:
                apart = items[j].category < 0 and items[j].advertiser == items[i].advertiser
            if apart:
                groups[i] = j
                break
    return groups


@njit(cache=True, nogil=True, forceinline=True)
def _lost(funnel, lost_to, notes, options, first, last, chosen, in_pod, least):
    # Who is kept apart from an ad of the pod lost to that one, everyone else to the least of them all.
    for o in range(first, last):
        if in_pod[o] == 1:
            continue
        winner = least
        for other in chosen:
            if options[other].group == options[o].group:
                winner = other
        i = options[o].item
        if options[winner].item < 0:
            notes.bid_outcomes[i], notes.lost_to[i] = OUTCOME.lost_ambient, AMBIENT
            funnel[options[o].item, STAGE.lost_ambient] += 1
            lost_to[len(lost_to) - 1, options[o].item] += 1
            continue
        lost_to[options[winner].item, options[o].item] += 1
        notes.bid_outcomes[i], notes.lost_to[i] = OUTCOME.lost_outbid, options[winner].item
        if options[winner].value > IN_AUCTION:
            notes.bid_outcomes[i] = OUTCOME.lost_deal
            funnel[options[o].item, STAGE.lost_deal] += 1
        else:
            funnel[options[o].item, STAGE.lost_outbid] += 1
