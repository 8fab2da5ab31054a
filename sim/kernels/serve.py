"""One tick of one shard: every slot of every ad break is matched, checked, auctioned, shown and billed."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim import events as e
from sim import layout as at
from sim.kernels.numbers import HALF, LOW, mix, quantile
from sim.layout import CLOCK_MINUTE, CLOCK_POD, CLOCK_TICK
from sim.streams import GOLDEN, Purpose

_GOLDEN = np.uint64(GOLDEN)
_SLOT = int(Purpose.slot)
_AMBIENT = int(Purpose.ambient)
_VALUE = int(Purpose.value)
_THROTTLE = int(Purpose.throttle)
_TIE = int(Purpose.tie)
_ROTATION = int(Purpose.rotation)
_DELIVERY = int(Purpose.delivery)
_PPM = 1_000_000
_WINDOW = 0xFFFFFF

(
    _MATCHED,
    _DAYPART,
    _CREATIVE,
    _LIFETIME,
    _DAILY,
    _ALLOWANCE,
    _CAP,
    _SEPARATION,
    _THROTTLED,
    _BIDS,
    _BELOW_FLOOR,
    _LOST_AMBIENT,
    _OUTBID,
    _WINS,
    _ERRORS,
    _INVALID,
    _IMPRESSIONS,
    _BID_SUM,
    _CLEARING_SUM,
    _FLOOR_SUM,
    _SPEND,
    _NEW_VIEWERS,
) = range(len(e.FUNNEL))
_AVAILS, _FILLED, _FILLED_AMBIENT, _UNFILLED, _REVENUE, _REVENUE_AMBIENT, _AD_SECONDS = range(len(e.INVENTORY))

# Position of a single bit, by the top six bits of its product with a de Bruijn sequence.
_DE_BRUIJN = 0x03F79D71B4CB0A89
_BIT = np.zeros(64, np.int64)
for _i in range(64):
    _BIT[((_DE_BRUIJN << _i) & ((1 << 64) - 1)) >> 58] = _i
_SEQUENCE = np.uint64(_DE_BRUIJN)


@njit(cache=True, nogil=True)
def serve(pods, book, market, tick, shard, price, result):  # type: ignore[no-untyped-def]
    """Return how many EVENT records of won slots were written to *result*, whose counters are added to.

    Leases in `tick.quotes` and the memory in *shard* are updated in place. *price* is the auction format's
    compiled `price(bid, rival, ambient, floor, parameter)` in micros per impression.
    """
    items, quotes = book.line_items, tick.quotes
    candidates = np.empty(len(items), np.int64)
    bidders = np.empty(len(items), np.int64)
    shown_advertisers = np.empty(256, np.int64)
    shown_categories = np.empty(256, np.int64)
    written = 0
    for p in range(len(pods)):
        pod = pods[p]
        person = shard.viewers[pod.viewer]
        matched = _match(book.masks, tick.live, pod, person.kind, candidates)
        floor = market.floors[pod.device, pod.placement]
        ambient_scale = tick.ambient_scale[person.region, pod.device, pod.genre]
        inventory = result.inventory[pod.device, pod.placement]
        shown = 0
        for position in range(pod.slots):
            slot_id = (pod.id << e.POD_SHIFT) + position
            second = pod.second + position * pod.slot_seconds
            slot = mix(np.uint64(slot_id) * _GOLDEN + market.salts[_SLOT])
            inventory[_AVAILS] += 1
            inventory[_AD_SECONDS] += pod.slot_seconds
            ambient = _ambient(market, slot, ambient_scale, floor)

            bids = 0
            best, best_bid, best_tie, rival = -1, np.int64(0), np.uint64(0), np.int64(0)
            for c in range(matched):
                i = candidates[c]
                item, quote, funnel = items[i], quotes[i], result.funnel[i]
                funnel[_MATCHED] += 1
                if quote.open == 0:
                    funnel[_DAYPART] += 1
                    continue
                if item.creatives == 0 or item.shortest > pod.slot_seconds:
                    funnel[_CREATIVE] += 1
                    continue
                bid = _bid(book.values, item, quote, slot, market.salts[_VALUE])
                if quote.lifetime < bid:
                    funnel[_LIFETIME] += 1
                    continue
                if quote.daily < bid:
                    funnel[_DAILY] += 1
                    continue
                if quote.allowance < bid:
                    funnel[_ALLOWANCE] += 1
                    continue
                if _capped(book, tick.windows, shard.counts, pod, second, item):
                    funnel[_CAP] += 1
                    continue
                if _separated(shown_advertisers, shown_categories, shown, item):
                    funnel[_SEPARATION] += 1
                    continue
                if quote.participation < _PPM:
                    draw = mix(slot ^ item.key ^ market.salts[_THROTTLE]) >> HALF
                    if np.int64((draw * np.uint64(_PPM)) >> HALF) >= quote.participation:
                        funnel[_THROTTLED] += 1
                        continue
                funnel[_BIDS] += 1
                funnel[_BID_SUM] += bid
                if bid < floor or bid == 0:
                    funnel[_BELOW_FLOOR] += 1
                    continue
                bidders[bids] = i
                bids += 1
                if best < 0 or bid >= best_bid:
                    tie = mix(slot ^ item.key ^ market.salts[_TIE])
                    if best < 0 or bid > best_bid or tie > best_tie:
                        # The dethroned bid is a rival unless it is of the same advertiser.
                        if best >= 0 and items[best].advertiser != item.advertiser:
                            rival = best_bid
                        best, best_bid, best_tie = i, bid, tie
                        continue
                if items[best].advertiser != item.advertiser and bid > rival:
                    rival = bid

            if best < 0:
                if ambient > 0:
                    inventory[_FILLED_AMBIENT] += 1
                    inventory[_REVENUE_AMBIENT] += price(ambient, 0, 0, floor, market.parameter)
                else:
                    inventory[_UNFILLED] += 1
                continue
            ambient_tie = mix(slot ^ market.salts[_TIE])
            if ambient > best_bid or (ambient == best_bid and ambient_tie > best_tie):
                for b in range(bids):
                    result.funnel[bidders[b], _LOST_AMBIENT] += 1
                inventory[_FILLED_AMBIENT] += 1
                inventory[_REVENUE_AMBIENT] += price(ambient, best_bid, 0, floor, market.parameter)
                continue
            for b in range(bids):
                if bidders[b] != best:
                    result.funnel[bidders[b], _OUTBID] += 1

            item, quote = items[best], quotes[best]
            shown_advertisers[shown] = item.advertiser
            shown_categories[shown] = item.category
            shown += 1
            event = result.events[written]
            written += 1
            event.slot_id = slot_id
            event.ts = second
            event.pod_position = position
            event.line_item = best
            event.bid_micros = best_bid
            event.price_micros = price(best_bid, rival, ambient, floor, market.parameter)
            event.floor_micros = floor
            event.ambient_micros = ambient
            _describe(event, pod, person)
            creative = _rotate(book.creatives, item, pod.slot_seconds, slot ^ item.key ^ market.salts[_ROTATION])
            event.creative = creative
            event.duration_s = book.creatives[creative].seconds
            rates = book.rates[creative, pod.device, pod.placement]
            _show(event, rates, mix(slot ^ item.key ^ market.salts[_DELIVERY]))

            funnel = result.funnel[best]
            funnel[_WINS] += 1
            funnel[_CLEARING_SUM] += event.price_micros
            funnel[_FLOOR_SUM] += floor
            inventory[_FILLED] += 1
            if event.rendered == 0:
                funnel[_ERRORS] += 1
            elif event.invalid == 1:
                funnel[_INVALID] += 1
            else:
                event.charged_micros = event.price_micros
                quote.lifetime -= event.price_micros
                quote.daily -= event.price_micros
                quote.allowance -= event.price_micros
                funnel[_IMPRESSIONS] += 1
                funnel[_SPEND] += event.price_micros
                inventory[_REVENUE] += event.price_micros
                _count(book, tick.windows, shard.counts, pod, second, item)
                funnel[_NEW_VIEWERS] += _remember(shard, pod.viewer, best)
    return written


@njit(cache=True, nogil=True)
def _match(masks, live, pod, kind, candidates):  # type: ignore[no-untyped-def]
    n = 0
    for w in range(len(live)):
        admits = masks.genre[pod.genre, w]
        refuses = masks.not_genre[pod.genre, w]
        if pod.second_genre != e.NO_GENRE:
            admits |= masks.genre[pod.second_genre, w]
            refuses |= masks.not_genre[pod.second_genre, w]
        word = live[w] & admits & ~refuses & masks.kind[kind, w] & masks.device[pod.device, w]
        word &= masks.placement[pod.placement, w] & masks.tier[pod.title_tier, w]
        while word != 0:
            lowest = word & (~word + np.uint64(1))
            candidates[n] = 64 * w + _BIT[np.int64((lowest * _SEQUENCE) >> np.uint64(58))]
            n += 1
            word ^= lowest
    return n


@njit(cache=True, nogil=True)
def _ambient(market, slot, scale, floor):  # type: ignore[no-untyped-def]
    draw = mix(slot ^ market.salts[_AMBIENT])
    if np.int64(draw & LOW) >= market.ambient_presence:
        return np.int64(0)
    bid = quantile(market.ambient, mix(draw)) * scale // _PPM
    return bid if bid >= floor else np.int64(0)


@njit(cache=True, nogil=True)
def _bid(values, item, quote, slot, salt):  # type: ignore[no-untyped-def]
    worth = quote.max_bid
    if item.values >= 0:
        worth = worth * quantile(values[item.values], mix(slot ^ item.key ^ salt)) // _PPM
    return min(worth * quote.multiplier // _PPM, quote.max_bid)


@njit(cache=True, nogil=True)
def _window(caps, windows, c, pod, second):  # type: ignore[no-untyped-def]
    clock = caps[c].clock
    if clock == CLOCK_TICK:
        return np.int64(windows[c])
    if clock == CLOCK_MINUTE:
        return (second // (60 * caps[c].length)) & _WINDOW
    if clock == CLOCK_POD:
        return pod.id & ((1 << at.POD_BITS) - 1)
    return np.int64(pod.session) & _WINDOW


@njit(cache=True, nogil=True)
def _capped(book, windows, counts, pod, second, item):  # type: ignore[no-untyped-def]
    for k in range(item.first_cap, item.first_cap + item.caps):
        c = book.cap_links[k]
        word = np.int64(counts[pod.viewer, c])
        if (word & 0xFF) >= book.caps[c].limit and word >> 8 == _window(book.caps, windows, c, pod, second):
            return True
    return False


@njit(cache=True, nogil=True)
def _count(book, windows, counts, pod, second, item):  # type: ignore[no-untyped-def]
    for k in range(item.first_cap, item.first_cap + item.caps):
        c = book.cap_links[k]
        word = np.int64(counts[pod.viewer, c])
        window = _window(book.caps, windows, c, pod, second)
        counts[pod.viewer, c] = word + 1 if word >> 8 == window else (window << 8) + 1


@njit(cache=True, nogil=True)
def _separated(advertisers, categories, shown, item):  # type: ignore[no-untyped-def]
    for k in range(shown):
        if advertisers[k] == item.advertiser or (item.category >= 0 and categories[k] == item.category):
            return True
    return False


@njit(cache=True, nogil=True)
def _rotate(creatives, item, seconds, address):  # type: ignore[no-untyped-def]
    last = item.first_creative + item.creatives
    total = 0
    for k in range(item.first_creative, last):
        if creatives[k].seconds <= seconds:
            total += creatives[k].weight
    draw = np.int64(((mix(address) >> HALF) * np.uint64(total)) >> HALF)
    for k in range(item.first_creative, last):
        if creatives[k].seconds <= seconds:
            draw -= creatives[k].weight
            if draw < 0:
                return k
    return last - 1


@njit(cache=True, nogil=True)
def _describe(event, pod, person):  # type: ignore[no-untyped-def]
    event.viewer_id = person.id
    event.session_id = pod.session
    event.placement = pod.placement
    event.region = person.region
    event.device = pod.device
    event.genre = pod.genre
    event.second_genre = pod.second_genre
    event.title_tier = pod.title_tier
    event.age_band = person.age_band
    event.gender = person.gender


@njit(cache=True, nogil=True)
def _show(event, rates, draw):  # type: ignore[no-untyped-def]
    event.charged_micros = 0
    event.watch_seconds = 0
    event.measurable = event.viewable = event.started = event.q25 = event.q50 = event.q75 = event.completed = 0
    event.skipped = event.muted = event.clicked = event.qr_scanned = 0
    event.rendered = (draw & LOW) >= rates[at.RATE_ERROR]
    event.invalid = event.rendered == 1 and (draw >> HALF) < rates[at.RATE_INVALID]
    if event.rendered == 0 or event.invalid == 1:
        return
    draw = mix(draw)
    seen, watched = draw & LOW, draw >> HALF
    event.measurable = seen < rates[at.RATE_MEASURABLE]
    if watched >= rates[at.RATE_STARTED]:
        return
    event.started = 1
    event.viewable = seen < rates[at.RATE_VIEWABLE]
    event.q25 = watched < rates[at.RATE_Q25]
    event.q50 = watched < rates[at.RATE_Q50]
    event.q75 = watched < rates[at.RATE_Q75]
    event.completed = watched < rates[at.RATE_COMPLETED]
    if event.completed == 1:
        event.watch_seconds = event.duration_s
    else:
        # Where in its quarter the viewer left, in proportion to the draw.
        quarter = np.int64(event.q25) + np.int64(event.q50) + np.int64(event.q75)
        above, below = np.int64(rates[at.RATE_STARTED + quarter]), np.int64(rates[at.RATE_STARTED + quarter + 1])
        width = above - below
        event.watch_seconds = event.duration_s * (quarter * width + above - np.int64(watched)) // (4 * width)
    draw = mix(draw)
    event.skipped = event.completed == 0 and (draw & LOW) < rates[at.RATE_SKIPPED]
    event.muted = (draw >> HALF) < rates[at.RATE_MUTED]
    draw = mix(draw)
    event.clicked = (draw & LOW) < rates[at.RATE_CLICKED]
    event.qr_scanned = (draw >> HALF) < rates[at.RATE_QR]


@njit(cache=True, nogil=True)
def _remember(shard, viewer, i):  # type: ignore[no-untyped-def]
    before = np.int64(shard.seen[viewer, i])
    if before == 255:
        return 0
    shard.seen[viewer, i] = before + 1
    if before > 0:
        shard.frequency[i, _bucket(before)] -= 1
    shard.frequency[i, _bucket(before + 1)] += 1
    return 1 if before == 0 else 0


@njit(cache=True, nogil=True)
def _bucket(count):  # type: ignore[no-untyped-def]
    if count <= 2:
        return count - 1
    if count <= 5:
        return 2
    return 3 if count <= 9 else 4
