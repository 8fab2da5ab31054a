"""One tick of some shards with dynamic pods, for reading."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim import layout as at
from sim.events import POD_SHIFT
from sim.memory import MemoryArrays
from sim.reference.bids import learn
from sim.reference.delivery import miss, rotate, win
from sim.reference.exchange import Opportunity, Price, Slot, TickExchange
from sim.reference.knapsack import best, knapsack, worth
from sim.reference.numbers import Row, rows
from sim.reference.serve_slots import ask, held_out, matching, outside_bids, sell_to_ambient, slot_draw
from sim.streams import Purpose, mix

FORCED = 1 << 40
"""Above all bids of a pod; deals are served ahead all the same."""


@dataclass(frozen=True)
class Offer:
    """An ad that a pod may hold: a line item's bid, or one of ambient demand."""

    bid: int
    tie: int
    seconds: int
    floor: int
    """Of an ad of those seconds and that bidder."""
    from_: Opportunity | None = None

    @property
    def priority(self) -> int:
        """Return how far ahead of the auction it is served, 0 in the auction."""
        return int(self.from_.item.priority) if self.from_ else 0

    @property
    def group(self) -> tuple[str, int]:
        """Return of what a pod holds one ad."""
        if not self.from_:
            return "ambient", self.tie  # the same for the two of a place
        item = self.from_.item
        return ("category", item.category) if item.category >= 0 else ("advertiser", item.advertiser)


def serve_pods(
    pods: NDArray[np.void],
    book: at.BookArrays,
    market: at.MarketArrays,
    tick: at.TickArrays,
    memory: MemoryArrays,
    price: Price,
    result: at.TickResult,
) -> int:
    """Return how many EVENT records of won places and ghosts were written to *result*, and count in it.

    Arguments are those of `serve_slots`. A line item is asked once for each pod, whichever of its creatives
    it may show, and bids the same for all of them; its draws have the address of the pod's first slot.
    """
    exchange = TickExchange(book, market, tick, memory, price)
    for pod in exchange.pods(pods, result):
        slot = open_pod(exchange, pod)
        asked = [ask(exchange, slot, item) for item in matching(exchange, pod)]
        offers = [offer for bid in asked if bid and (offer := offer_of(exchange, bid))]
        absent = [offer for offer in offers if offer.from_ and held_out(exchange, offer.from_)]
        served = [offer for offer in offers if not any(offer is one for one in absent)]
        served += ambient_offers(exchange, slot)
        for bid in asked:
            if bid and bid.item.shade >= 0:
                learn(exchange, bid.item, least_bid(exchange, bid, served))
        lost = [offer for offer in absent if not ghost(exchange, slot, served, offer)]
        compose(exchange, slot, served, lost)
        ambient = max((offer.bid for offer in served if not offer.from_), default=0)
        for bid in asked:
            if bid:
                floor = next((offer.floor for offer in offers if offer.from_ is bid), None)
                if floor is None:
                    floor = floor_for(exchange, slot, bid.item.shortest, bid.item)
                exchange.write_bid(replace(slot, ambient=ambient), bid.item, bid.bid, floor)
    return exchange.close(tick, memory, result)


# 1. The pod as a slot of all its seconds: so a line item's checks see it.


def open_pod(exchange: TickExchange, pod: Row) -> Slot:
    """Return the pod as one slot, which has the draws of its first place, counted as offered."""
    pod.ambient_seconds, pod.slot_seconds = pod.slot_seconds, pod.seconds
    number = pod.id << POD_SHIFT
    slot = Slot(number, slot_draw(exchange, number), pod.second, pod, exchange.viewers[pod.viewer])
    exchange.stock(slot, "avails", pod.slots)
    exchange.stock(slot, "ad_seconds", pod.seconds)
    return slot


# 2. What is offered: each line item's shortest ad that may be sold, and ads of ambient demand.


def floor_for(exchange: TickExchange, slot: Slot, seconds: int, item: Row | None = None) -> int:
    """Return the floor of an ad of *seconds*: the deal's, or the market's for a bought place or any place."""
    if item and item.floor >= 0:
        return int(item.floor)
    bought = int(bool(item and item.ends))
    return int(exchange.market.ad_floors[bought, seconds, slot.pod.device, slot.pod.placement])


def sellable(exchange: TickExchange, bid: Opportunity, room: int) -> list[Row]:
    """Return the creatives that are no longer than *room* and whose floor the bid reaches."""
    return [
        creative
        for creative in bid.item.approved
        if creative.seconds <= room
        and bid.bid >= floor_for(exchange, bid.slot, creative.seconds, bid.item)
        and bid.bid > 0
    ]


def offer_of(exchange: TickExchange, bid: Opportunity) -> Offer | None:
    """Return what a line item offers, or None, counted as lost, where its bid reaches no floor.

    A longer ad brings no more: the best set is found with the shortest one.
    """
    creatives = sellable(exchange, bid, bid.slot.pod.seconds)
    if not creatives:
        exchange.tally(bid.item, "lost_below_floor")
        return None
    seconds = min(creative.seconds for creative in creatives)
    tie = tie_of(exchange.draw(bid.slot, Purpose.tie, bid.item.key))
    return Offer(bid.bid, tie, seconds, floor_for(exchange, bid.slot, seconds, bid.item), bid)


def ambient_offers(exchange: TickExchange, slot: Slot) -> list[Offer]:
    """Return the ads of ambient demand: as many as the pod may hold, and rivals to them."""
    pod, offers = slot.pod, []
    seconds = pod.ambient_seconds
    for position in range(pod.slots if seconds <= pod.seconds else 0):
        draw, floor = slot_draw(exchange, slot.id + position), floor_for(exchange, slot, seconds)
        tie = tie_of(mix(draw ^ int(exchange.market.salts[Purpose.tie])))
        bids = outside_bids(exchange, pod, draw, floor)
        offers += [Offer(bid, tie, seconds, floor) for bid in bids if bid]
    return offers


def tie_of(draw: int) -> int:
    """Return a 64-bit *draw* as a tie, which lies around zero, so that more ads are no better."""
    return (draw >> (64 - at.TIE_BITS)) - (1 << (at.TIE_BITS - 1))


def least_bid(exchange: TickExchange, bid: Opportunity, offers: list[Offer]) -> int:
    """Return the least bid with which a line item would be in the pod: what it would keep the others from.

    One whose bid reaches no floor is taken as if its shortest ad were offered.
    """
    pod = bid.slot.pod
    own = next((offer for offer in offers if offer.from_ is bid), None)
    if own is None:
        floor = floor_for(exchange, bid.slot, bid.item.shortest, bid.item)
        own = Offer(0, 0, bid.item.shortest, floor, bid)
        offers = [*offers, own]
    table, place = options(offers), offers.index(own)
    table["value"][place] = 0
    without = best_value(table, pod)
    table["value"][place] = FORCED
    return max(own.floor, without - (best_value(table, pod) - FORCED))


def best_value(table: NDArray[np.void], pod: Row) -> int:
    """Return the value of the best set of options for a pod."""
    return best(rows(table), pod.seconds, pod.slots).value


# 3. The best set, its order and its prices.


@dataclass(frozen=True)
class Placed:
    """An ad in its place in the pod."""

    offer: Offer
    slot: Slot
    """The place, with the highest bid of ambient demand that found none."""
    value: int
    """What it adds to the pod, the weight of a deal included."""
    rival: int
    """What it keeps the rest from."""
    creative: Row | None
    """What a line item shows there; ambient demand's own ad, if None."""


def compose(exchange: TickExchange, slot: Slot, offers: list[Offer], absent: list[Offer]) -> None:
    """Fill the pod with the best set of *offers*, and count the others, and the *absent*, as lost."""
    ads = lay_out(exchange, slot, offers)
    exchange.stock(slot, "unfilled", slot.pod.slots - len(ads))
    if not ads:
        return
    lost(exchange, [*offers, *absent], ads)
    for ad in ads:
        offer = ad.offer
        if not (offer.from_ and ad.creative):
            sell_to_ambient(exchange, ad.slot, offer.bid, ad.rival, offer.floor, offer.seconds)
            continue
        exchange.stock(slot, "filled")
        won = replace(offer.from_, slot=ad.slot)
        win(exchange, won, ad.creative, *paid(exchange, ad, offer.from_, ad.creative))


def ghost(exchange: TickExchange, slot: Slot, offers: list[Offer], absent: Offer) -> bool:
    """Return whether an offer to a viewer who is held out would be in the best set if it alone were added.

    If so it is written as a ghost, in the place that it would have had.
    """
    for ad in lay_out(exchange, slot, [*offers, absent]):
        if ad.offer is absent and absent.from_ and ad.creative:
            missed = replace(absent.from_, slot=ad.slot)
            miss(exchange, missed, ad.creative, *paid(exchange, ad, absent.from_, ad.creative))
            return True
    return False


def paid(exchange: TickExchange, ad: Placed, bid: Opportunity, creative: Row) -> tuple[int, int]:
    """Return what a line item pays for its place, and the floor of the ad that it shows."""
    floor = floor_for(exchange, ad.slot, creative.seconds, bid.item)
    if bid.item.priority:
        return bid.bid, floor
    return exchange.price(bid.bid, ad.rival, 0, floor, exchange.market.parameter), floor


def lay_out(exchange: TickExchange, slot: Slot, offers: list[Offer]) -> list[Placed]:
    """Return the best set of *offers* in the order of play.

    The winner pays what the format makes of its bid and of what it keeps the rest from: how much more the
    best set without its advertiser would be worth than what the pod holds beside it.
    """
    pod, table = slot.pod, options(offers)
    chosen = knapsack(table, pod.seconds, pod.slots).tolist()
    total = int(table["value"][chosen].sum())
    unplaced = [offer.bid for o, offer in enumerate(offers) if o not in chosen and not offer.from_]
    # An event has how many ads share its pod.
    shared = Row(**{**vars(pod), "slots": len(chosen)})
    slot = replace(slot, ambient=max(unplaced, default=0), pod=shared)
    left = pod.seconds - int(table["seconds"][chosen].sum())
    ads = []
    for position, o in enumerate(chosen):
        offer, advertiser, rival = offers[o], int(table["advertiser"][o]), 0
        if not offer.priority:
            rival = worth(table, pod.seconds, pod.slots, advertiser) - (total - int(table["value"][o]))
        place = replace(slot, id=slot.id - slot.position + position, position=position)
        creative, seconds = None, offer.seconds
        if offer.from_:
            # What is left of the seconds goes, in the order of play, to those who would show a longer ad.
            room = left + offer.seconds
            creative = rotate(exchange, offer.from_, sellable(exchange, offer.from_, room))
            seconds, left = creative.seconds, room - creative.seconds
        ads.append(Placed(offer, place, int(table["value"][o]), rival, creative))
        slot = replace(slot, second=slot.second + seconds)
    return ads


def options(offers: list[Offer]) -> NDArray[np.void]:
    """Return the *offers* as OPTION records."""
    table = np.zeros(len(offers), at.OPTION)
    groups = list(dict.fromkeys(offer.group for offer in offers))
    priorities = sorted({offer.priority for offer in offers} - {0})
    for o, offer in enumerate(offers):
        item = offer.from_.item if offer.from_ else None
        weight = 0
        if offer.priority:
            rank = min(priorities.index(offer.priority), 7)
            weight = 1 << (at.DEAL_SHIFT + at.DEAL_BITS * rank)
        table[o] = (
            offer.bid + weight,
            offer.tie,
            item.place if item else -1,
            groups.index(offer.group),
            item.advertiser if item else -1 - o,
            offer.seconds,
            item.ends if item else 0,
        )
    return table


def lost(exchange: TickExchange, offers: list[Offer], ads: list[Placed]) -> None:
    """Count the line items whose ads are not in the pod.

    Those that may not share a pod with one of its ads lost to that ad, all others to the least of its ads.
    """
    least = min(ads, key=lambda ad: (ad.value, ad.offer.tie)).offer
    kept_apart = {ad.offer.group: ad.offer for ad in ads}
    for offer in offers:
        if offer.from_ and not any(offer is ad.offer for ad in ads):
            winner = kept_apart.get(offer.group, least)
            reason = "lost_deal" if winner.priority else "lost_outbid" if winner.from_ else "lost_ambient"
            exchange.lose(offer.from_.item, reason, winner.from_.item if winner.from_ else None)
