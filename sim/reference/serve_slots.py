"""One tick of some shards: every slot of every break is matched, checked, auctioned, shown and billed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import layout as at
from sim.events import NO_GENRE, POD_SHIFT
from sim.memory import MemoryArrays
from sim.reference.bids import bid_for, learn
from sim.reference.caps import impressions
from sim.reference.delivery import miss, rotate, win
from sim.reference.exchange import Opportunity, Price, Slot, TickExchange
from sim.reference.numbers import Row, halves, quantile
from sim.streams import GOLDEN, Purpose, mix


def serve_slots(
    pods: NDArray[np.void],
    book: at.BookArrays,
    market: at.MarketArrays,
    tick: at.TickArrays,
    memory: MemoryArrays,
    price: Price,
    result: at.TickResult,
) -> int:
    """Return how many EVENT records of won slots and ghosts were written to *result*, and count in it.

    Shards are served one after another. Leases in `tick.quotes` and *memory* are updated in place. *price* is
    the auction format's `price(bid, rival, ambient, floor, parameter)` in micros per impression.
    """
    exchange = TickExchange(book, market, tick, memory, price)
    for pod in exchange.pods(pods, result):
        matched = matching(exchange, pod)
        shown: list[Row] = []
        missed: list[Row] = []
        for position in range(pod.slots):
            slot = open_slot(exchange, pod, position, shown, missed)
            placed = [item for item in matched if in_its_place(slot, item)]
            bids = [bid for item in placed if (bid := ask(exchange, slot, item))]
            auction(exchange, slot, bids)
            for bid in bids:
                exchange.write_bid(slot, bid.item, bid.bid, floor_of(bid))
    return exchange.close(tick, memory, result)


def serve_crowds(*given: Any) -> int:
    """Return what `serve_slots` does: how many line items there are makes no difference here."""
    return serve_slots(*given)


# 1. Flight and status, then targeting.


def matching(exchange: TickExchange, pod: Row) -> list[Row]:
    """Return the line items in flight whose targeting the pod meets; one of the title's genres is enough."""
    by, kind = exchange.admitted, exchange.viewers[pod.viewer].kind
    genres = [genre for genre in (pod.genre, pod.second_genre) if genre != NO_GENRE]
    wanted = set[int]().union(*(by["genre"][genre] for genre in genres))
    refused = set[int]().union(*(by["not_genre"][genre] for genre in genres))
    matched = (exchange.live & by["kind"][kind] & wanted) - refused
    for trait in at.ONE_VALUED:
        matched &= by[trait][getattr(pod, trait)]
    return [exchange.items[i] for i in sorted(matched)]


def in_its_place(slot: Slot, item: Row) -> bool:
    """Return whether the slot is at an end of the pod that the line item buys, if it buys one."""
    first, last = slot.position == 0, slot.position + 1 == slot.pod.slots
    wanted = (first and item.ends & at.FIRST) or (last and item.ends & at.LAST)
    return not item.ends or bool(wanted)


def open_slot(exchange: TickExchange, pod: Row, position: int, shown: list[Row], missed: list[Row]) -> Slot:
    """Return the slot at *position* of a pod with its floor and the ambient bid, counted as offered."""
    market, number = exchange.market, (pod.id << POD_SHIFT) + position
    draw, floor = slot_draw(exchange, number), int(market.floors[pod.device, pod.placement])
    best, second = outside_bids(exchange, pod, draw, floor)
    slot = Slot(
        id=number,
        draw=draw,
        second=pod.second + position * pod.slot_seconds,
        pod=pod,
        viewer=exchange.viewers[pod.viewer],
        position=position,
        floor=floor,
        position_floor=int(market.position_floors[pod.device, pod.placement]),
        ambient=best,
        second_outside=second,
        shown=shown,
        missed=missed,
    )
    exchange.stock(slot, "avails")
    exchange.stock(slot, "ad_seconds", pod.slot_seconds)
    return slot


def slot_draw(exchange: TickExchange, number: int) -> int:
    """Return the draw of the slot of that id."""
    return mix(number * GOLDEN + int(exchange.market.salts[Purpose.slot]))


def outside_bids(exchange: TickExchange, pod: Row, draw: int, floor: int) -> tuple[int, int]:
    """Return the best two bids from outside for the slot with that *draw*, 0 for one below the *floor*."""
    market, region = exchange.market, exchange.viewers[pod.viewer].region
    cell = int(exchange.tick.ambient_cells[region, pod.device, pod.genre])
    draw = mix(draw ^ int(market.salts[Purpose.ambient]))
    if len(market.rival_rates):
        bids = rival_bids(market, cell, int(market.rival_floors[pod.device, pod.placement]), draw)
    elif halves(draw)[0] < market.ambient_presence:
        bid = quantile(market.ambient, mix(draw)) * cell >> at.FACTOR_BITS
        bids = min(bid, at.AMBIENT_MOST), 0
    else:
        bids = 0, 0
    best, second = (bid if bid >= floor else 0 for bid in bids)
    return best, second


def rival_bids(market: at.MarketArrays, number: int, floor: int, draw: int) -> tuple[int, int]:
    """Return the bids of the best two of a *number* of rivals, by the tables of that number and *floor*."""
    if number < 0:
        return 0, 0
    rate, heard = int(market.rival_rates[number]), int(market.rivals_heard[floor])
    wide, narrow = market.rivals[number, floor].tolist()
    first = quantile(market.ambient, mix(draw))
    second = first + quantile(market.ambient, mix(mix(draw)))

    def bid(share: int) -> int:
        # The share of values that lie above this rival's, in 1/RIVAL_STEPS**3.
        if share >= heard:
            return 0
        fine = share < at.RIVAL_STEPS**2
        bids, step = (narrow, at.RIVAL_STEPS) if fine else (wide, at.RIVAL_STEPS**2)
        place, way = divmod(share, step)
        return int(bids[place] + (bids[place + 1] - bids[place]) * way // step)

    return bid(first * rate >> at.RIVAL_BITS), bid(second * rate >> at.RIVAL_BITS)


# 2. The checks, in the order in which they are made: the first that fails is the reason that is counted.


def capped(exchange: TickExchange, chance: Opportunity) -> bool:
    """Return whether the viewer has had all the impressions that some cap allows in its present window."""
    return any(impressions(exchange, chance, cap) >= cap.limit for cap in chance.item.capped_by)


def separated(_: TickExchange, chance: Opportunity) -> bool:
    """Return whether the pod already carries an ad of this advertiser or of this separated category.

    A ghost keeps its own line item out of the rest of the pod, as the ad would have done.
    """
    shown, item = chance.slot.shown, chance.item
    mine = any(ghost is item for ghost in chance.slot.missed)
    return mine or any(ad.advertiser == item.advertiser or ad.category == item.category >= 0 for ad in shown)


def throttled(exchange: TickExchange, chance: Opportunity) -> bool:
    """Return whether the pacing policy sits this slot out."""
    draw = exchange.draw(chance.slot, Purpose.throttle, chance.item.key)
    return bool(halves(draw)[1] >= chance.quote.participation)


CHECKS: dict[str, Callable[[TickExchange, Opportunity], bool]] = {
    "blocked_daypart": lambda _, chance: not chance.quote.open,
    "blocked_creative": lambda _, chance: not fitting(chance),
    "blocked_budget_lifetime": lambda _, chance: chance.quote.lifetime < chance.least_lease,
    "blocked_budget_daily": lambda _, chance: chance.quote.daily < chance.least_lease,
    "blocked_allowance": lambda _, chance: chance.quote.allowance < chance.least_lease,
    "blocked_frequency_cap": capped,
    "blocked_separation": separated,
    "blocked_throttle": throttled,
}
"""Why a line item must not bid, in the words of the funnel; budgets and the allowance are what is leased."""


def fitting(chance: Opportunity) -> list[Row]:
    """Return the approved creatives that are no longer than the slot."""
    return [creative for creative in chance.item.approved if creative.seconds <= chance.slot.pod.slot_seconds]


# 3. The bid, and the auction.


def ask(exchange: TickExchange, slot: Slot, item: Row) -> Opportunity | None:
    """Return a line item's bid for a slot that it matches, or None where a check fails."""
    bid = bid_for(exchange, slot, item)
    chance = Opportunity(slot, item, exchange.quotes[item.place], bid)
    exchange.tally(item, "requests_matched")
    for reason, fails in CHECKS.items():
        if fails(exchange, chance):
            exchange.tally(item, reason)
            return None
    exchange.outcomes[item.place] = "lost_below_floor", -2
    exchange.tally(item, "bids")
    exchange.tally(item, "bid_sum_micros", bid)
    return chance


def floor_of(bid: Opportunity) -> int:
    """Return the floor that a bid must reach: its deal's, or the slot's, higher for a place that it buys."""
    slot, item = bid.slot, bid.item
    if item.floor >= 0:
        return int(item.floor)
    return slot.position_floor if item.ends else slot.floor


def auction(exchange: TickExchange, slot: Slot, bids: list[Opportunity]) -> None:
    """Sell a slot: to a deal that is served ahead, else to the highest bid, that of ambient demand included.

    Only bids at their floors or above are heard. Among deals the highest priority wins, then the highest bid,
    then a hash of slot and line item. Bids of the winner's own advertiser price nothing. Whoever holds the
    viewer out competes with nobody: it has a ghost where it would have won if it alone were served, too.
    """
    heard = [bid for bid in bids if bid.bid >= floor_of(bid) and bid.bid > 0]
    absent = [bid for bid in heard if held_out(exchange, bid)]
    served = [bid for bid in heard if not held_out(exchange, bid)]
    for bid in bids:
        if bid.bid < floor_of(bid) or bid.bid == 0:
            exchange.tally(bid.item, "lost_below_floor")

    def rank(bid: Opportunity) -> tuple[int, int, int]:
        return bid.item.priority, bid.bid, exchange.draw(slot, Purpose.tie, bid.item.key)

    for bid in bids:
        if bid.item.shade >= 0:
            others = [
                (other.item.priority << at.PRIORITY_BITS) + other.bid for other in served if other is not bid
            ]
            learn(exchange, bid.item, max(floor_of(bid), slot.ambient, *others, 0))
    best = max(served, key=rank, default=None)
    ambient = 0, slot.ambient, exchange.draw(slot, Purpose.tie)
    for bid in absent:
        if (best and rank(best) > rank(bid)) or (slot.ambient > 0 and ambient > rank(bid)):
            continue
        against = [other.bid for other in served if other.item.advertiser != bid.item.advertiser]
        ghost(exchange, bid, max(against, default=0))
        heard = [other for other in heard if other is not bid]
    if slot.ambient > 0 and (best is None or ambient > rank(best)):
        for bid in heard:
            exchange.lose(bid.item, "lost_ambient")
        rival = max(best.bid if best else 0, slot.second_outside)
        sell_to_ambient(exchange, slot, slot.ambient, rival, slot.floor, slot.pod.slot_seconds)
    elif best:
        for bid in heard:
            if bid is not best:
                exchange.lose(bid.item, "lost_deal" if best.item.priority else "lost_outbid", best.item)
        others = [bid.bid for bid in served if bid.item.advertiser != best.item.advertiser]
        rival, floor = max(others, default=0), floor_of(best)
        exchange.stock(slot, "filled")
        win(exchange, best, rotate(exchange, best, fitting(best)), price_of(exchange, best, rival), floor)
    else:
        exchange.stock(slot, "unfilled")


def price_of(exchange: TickExchange, bid: Opportunity, rival: int) -> int:
    """Return what a bid pays that wins over *rival*, the highest bid of another advertiser."""
    if bid.item.priority:
        return bid.bid
    return exchange.price(bid.bid, rival, bid.slot.ambient, floor_of(bid), exchange.market.parameter)


def held_out(exchange: TickExchange, bid: Opportunity) -> bool:
    """Return whether the line item never serves the viewer, so that the effect of its ads can be measured."""
    draw = mix(bid.slot.viewer.id * GOLDEN ^ int(exchange.market.salts[Purpose.holdout]))
    return bool(halves(mix(draw ^ bid.item.key))[1] < bid.item.held_out)


def ghost(exchange: TickExchange, bid: Opportunity, rival: int) -> None:
    """Write what a line item would have won: it counts in its caps, and is neither shown nor billed."""
    bid.slot.missed.append(bid.item)
    creative, paid = rotate(exchange, bid, fitting(bid)), price_of(exchange, bid, rival)
    miss(exchange, bid, creative, paid, floor_of(bid))


def sell_to_ambient(
    exchange: TickExchange, slot: Slot, bid: int, rival: int, floor: int, seconds: int
) -> None:
    """Count an ad of ambient demand, and what it pays."""
    exchange.stock(slot, "filled_ambient")
    exchange.stock(slot, "sold_seconds", seconds)
    paid = exchange.price(bid, rival, 0, floor, exchange.market.parameter)
    exchange.stock(slot, "revenue_ambient_micros", paid)
