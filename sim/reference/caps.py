"""Caps: whose impressions they count, in which window, and how many there are."""

from __future__ import annotations

from sim import layout as at
from sim.reference.exchange import Opportunity, Slot, TickExchange
from sim.reference.numbers import Row, halves
from sim.streams import GOLDEN, Purpose, mix


def impressions(exchange: TickExchange, chance: Opportunity, cap: Row) -> int:
    """Return how many impressions *cap* has counted in its present window."""
    counter = counted_by(exchange, chance.slot, cap)
    if counter is None:
        return 0
    window, count = exchange.memory.get((counter, cap.place), (0, 0))
    return count if window == window_now(exchange, chance.slot, cap) else 0


def counted_by(exchange: TickExchange, slot: Slot, cap: Row) -> int | None:
    """Return whose counter *cap* goes by, or None where the session is not matched to anyone.

    Pods and streams are known to the player: their caps are the viewer's own.
    """
    if cap.clock in {at.CLOCK_POD, at.CLOCK_STREAM}:
        return int(slot.pod.viewer)
    position = slot.pod.viewer
    return exchange.counted(slot, position, exchange.homes[position]) if recognised(exchange, slot) else None


def recognised(exchange: TickExchange, slot: Slot) -> bool:
    """Return whether the slot's session is matched to an identity."""
    person = mix(slot.viewer.id * GOLDEN ^ int(exchange.market.salts[Purpose.identity]))
    return halves(mix(person + slot.pod.session))[0] < exchange.market.match


def window_now(exchange: TickExchange, slot: Slot, cap: Row) -> int:
    """Return the number of the window that a slot falls into by the clock of *cap*."""
    window = int(exchange.tick.windows[cap.place])
    clocks = {
        at.CLOCK_TICK: window,
        at.CLOCK_MINUTE: (slot.pod.second // 60 + window) // max(cap.length, 1),
        at.CLOCK_POD: slot.pod.id % (1 << at.POD_BITS),
        at.CLOCK_STREAM: slot.pod.session,
    }
    return int(clocks[cap.clock]) % (1 << 24)
