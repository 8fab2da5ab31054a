"""What a slot is worth to a line item, what is bid for it, and what a bidder learns of those that win."""

from __future__ import annotations

from sim import layout as at
from sim.reference.exchange import Slot, TickExchange
from sim.reference.numbers import Row, halves, value
from sim.streams import GOLDEN, Purpose, mix

_ONE = 1 << at.FACTOR_BITS


def bid_for(exchange: TickExchange, slot: Slot, item: Row) -> int:
    """Return the bid of a line item for a slot, micros per impression."""
    quote, row = exchange.quotes[item.place], item.values
    if item.plain:
        own = exchange.draw(slot, Purpose.value, item.key)
        found = value(exchange.book.values[row], item.form, own) if row >= 0 else _ONE
    else:
        found = factor(exchange, slot, item, row, item.form)
    paced = int(min(quote.bid * found >> at.FACTOR_BITS, quote.max_bid))
    return shaded(exchange, slot, item, paced) if item.shade >= 0 else paced


def worth_of(exchange: TickExchange, slot: Slot, item: Row) -> int:
    """Return what a slot is worth to a line item, micros per impression."""
    most = exchange.quotes[item.place].max_bid
    return int(most * factor(exchange, slot, item, item.worths, item.worth_form) >> at.FACTOR_BITS)


def factor(exchange: TickExchange, slot: Slot, item: Row, row: int, form: int) -> int:
    """Return what the maximum bid is multiplied with: by a row of the value tables, then by each tilt."""
    book = exchange.book
    found = value(book.values[row], form, draw(exchange, slot, item)) if row >= 0 else _ONE
    for tilt in range(item.first_tilt, item.first_tilt + item.tilts):
        code = tilted_by(exchange, slot, at.TILTED[book.tilted_by[tilt]])
        found = min(found * int(book.tilts[tilt, code]) >> at.FACTOR_BITS, at.MOST_FACTOR)
    return found


def tilted_by(exchange: TickExchange, slot: Slot, trait: str) -> int:
    """Return the value that a *trait* has in a slot, by code; that of `hour` is the viewer's own."""
    if trait == "hour":
        return int(exchange.tick.hours[slot.viewer.region])
    return int(getattr(slot.viewer if trait in at.VIEWER_TRAITS else slot.pod, trait))


def draw(exchange: TickExchange, slot: Slot, item: Row) -> int:
    """Return the draw of a slot's worth: of the slot alone, or in parts of the viewer and of all bidders.

    The parts are normal deviates, weighted so that their sum is one; the draw is the share that is below it.
    """
    salts = exchange.market.salts
    own = exchange.draw(slot, Purpose.value, item.key)
    if item.noise == 1 << at.WEIGHT_BITS:
        return own
    person = mix(slot.viewer.id * GOLDEN ^ int(salts[Purpose.affinity]))
    parts = [
        (item.noise, own),
        (item.affinity, mix(person ^ item.key)),
        (item.common, exchange.draw(slot, Purpose.common)),
    ]
    total = sum(weight * deviate(exchange, part) for weight, part in parts)
    return share_below(exchange, total >> at.WEIGHT_BITS)


def deviate(exchange: TickExchange, draw: int) -> int:
    """Return the normal deviate of a 64-bit *draw*, whose last bit is the sign, in 1/2**NORMAL_BITS."""
    distance = value(exchange.book.normal, at.TAILED, draw)
    return -distance if draw & 1 else distance


def share_below(exchange: TickExchange, deviate: int) -> int:
    """Return the share of normal deviates below one, as a 64-bit draw."""
    span, table = at.NORMAL_MOST << at.NORMAL_BITS, exchange.book.below
    step = 2 * span >> at.TABLE_BITS
    index, way = divmod(min(max(deviate + span, 0), 2 * span - 1), step)
    below, above = int(table[index]), int(table[index + 1])
    return (below + ((above - below) * way // step)) << 2


def shaded(exchange: TickExchange, slot: Slot, item: Row, worth: int) -> int:
    """Return the shaded bid for a slot of that *worth*, no more than it; some bids explore what is between.

    All others are spread over one step of the maximum bid, or bidders who learned the same would tie.
    """
    quote = exchange.quotes[item.place]
    place, way = divmod(worth * quote.scale >> 16, 1 << 20)
    below, above = exchange.tick.shades[item.shade, place : place + 2].tolist()
    bid = below + ((above - below) * way >> 20)
    low, high = halves(exchange.draw(slot, Purpose.shade, item.key))
    room = worth - bid
    if low >= item.explore:
        room = min(room, quote.max_bid // at.SHADE_STEPS)
    return int(bid + (room * high >> 32))


def learn(exchange: TickExchange, item: Row, least: int) -> None:
    """Count that *least* is the least bid of a line item that would have won."""
    quote = exchange.quotes[item.place]
    within = -(-least * quote.scale // (1 << 36)) if least <= quote.max_bid else at.SHADE_STEPS + 1
    exchange.landscape[item.shade, within] += 1
