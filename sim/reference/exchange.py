"""What a tick knows and changes, as Python's own lists, sets and dictionaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.events import BID, BID_OUTCOMES, EVENT, FREQUENCY_BUCKETS, FUNNEL, INVENTORY
from sim.layout import (
    CLOCK_POD,
    COUNTED_DEVICE,
    ONE_VALUED,
    BookArrays,
    MarketArrays,
    TickArrays,
    TickResult,
)
from sim.memory import MemoryArrays
from sim.reference.counters import remember, remembered
from sim.reference.numbers import Row, halves, rows, write
from sim.streams import GOLDEN, Purpose, mix

Price = Callable[[int, int, int, int, int], int]


@dataclass(frozen=True)
class Slot:
    """A place for one ad, and what is known before anyone bids."""

    id: int
    draw: int
    """The slot's own draw, from which those of its bids are derived."""
    second: int
    pod: Row
    viewer: Row
    position: int = 0
    floor: int = 0
    position_floor: int = 0
    """The floor of bids that buy their place in the pod."""
    ambient: int = 0
    second_outside: int = 0
    """The bid of demand outside the registry; 0 where there is none, or none that reaches the floor."""
    shown: list[Row] = field(default_factory=list)
    """The line items whose ads the pod already carries."""
    missed: list[Row] = field(default_factory=list)
    """The line items that have a ghost in the pod."""


@dataclass(frozen=True)
class Opportunity:
    """A slot that a line item's targeting matches, and what it would bid."""

    slot: Slot
    item: Row
    quote: Row
    bid: int

    @property
    def least_lease(self) -> int:
        """Return what each lease must pay: the bid, or where it is not plain the highest that is made."""
        return int(self.bid if self.item.plain else self.quote.most)


class TickExchange:
    """One tick of some shards: what is sold, what is left to spend, who has seen what, what is counted."""

    def __init__(
        self, book: BookArrays, market: MarketArrays, tick: TickArrays, memory: MemoryArrays, price: Price
    ) -> None:
        self.book, self.market, self.tick, self.price = book, market, tick, price
        self.rates = book.rates
        self.viewers = rows(memory.viewers)
        self.leased = [rows(quotes) for quotes in tick.quotes]
        """What is left of the leases of each shard."""
        self.quotes: list[Row] = []
        """Those of the shard that is served."""
        self.coming: list[tuple[int, list[int]]] = []
        """The parts of the tick that are still to begin: when, and what each releases by line item."""
        self.items, caps, creatives = rows(book.line_items), rows(book.caps), rows(book.creatives)
        for item in self.items:
            links = book.cap_links[item.first_cap : item.first_cap + item.caps].tolist()
            item.capped_by = [caps[c] for c in links]
            item.approved = creatives[item.first_creative : item.first_creative + item.creatives]
        self.live = members(tick.live)
        masks = book.masks
        tables = dict(zip(ONE_VALUED, masks.pod, strict=True))
        tables |= {"kind": masks.kind, "genre": masks.genre, "not_genre": masks.not_genre}
        self.admitted = {trait: [members(mask) for mask in by] for trait, by in tables.items()}
        self.counters = len(memory.viewers)
        """How many there are: one for each viewer, or for each of its devices."""
        if market.counted_by == COUNTED_DEVICE:
            self.counters *= len(market.floors)
        self.memory = remembered(memory, self.counters)
        """For a counter and a cap: the window of the latest impression, and how many that window holds."""
        self.homes = memory.homes.tolist()
        self.seen = {(v, i): n for v, counts in enumerate(memory.seen.tolist()) for i, n in enumerate(counts)}
        """For a viewer and a line item: impressions to date."""
        self.funnel: Counter[tuple[int, str]] = Counter()
        self.lost_to: Counter[tuple[int, int]] = Counter()
        """For a winner and a line item: bids that it lost to that one."""
        self.inventory: Counter[tuple[int, int, str]] = Counter()
        self.landscape: Counter[tuple[int, int]] = Counter()
        """For a row of shades and a step of the maximum bid: in how many auctions that would have won."""
        self.events: list[dict[str, int]] = []
        self.bids: list[dict[str, int]] = []
        """Every bid of the viewers that the tick names."""
        self.outcomes: dict[int, tuple[str, int]] = {}
        """By the line item that bids for a slot: what became of its bid, and to whom it was lost."""

    def pods(self, pods: NDArray[np.void], result: TickResult) -> Iterator[Row]:
        """Yield the pods of one shard after another, whose leases are in force with what is released."""
        for shard, (begin, end) in enumerate(self.tick.spans.tolist()):
            self.quotes = self.leased[shard]
            self.coming = list(zip(self.tick.parts.tolist(), self.tick.releases[shard].tolist(), strict=True))
            for pod in rows(pods[begin:end]):
                self.release(pod.second)
                yield pod
            result.ends[shard] = len(self.events)

    def release(self, second: int) -> None:
        """Add to the allowances what the parts of the tick that began until *second* release."""
        while self.coming and self.coming[0][0] <= second:
            _, micros = self.coming.pop(0)
            for quote, released in zip(self.quotes, micros, strict=True):
                quote.allowance += released

    def counted(self, slot: Slot, person: int, household: int) -> int:
        """Return the number by which caps count for a slot, of those of its *person* and *household*."""
        device = person * len(self.market.floors) + slot.pod.device
        return int([person, household, device][self.market.counted_by])

    def draw(self, slot: Slot, purpose: Purpose, key: int = 0) -> int:
        """Return the draw that decides *purpose* for a slot and a line item, independent of all others."""
        return mix(slot.draw ^ key ^ int(self.market.salts[purpose]))

    def tally(self, item: Row, column: str, amount: int = 1) -> None:
        """Add to a line item's *column* of the funnel."""
        self.funnel[item.place, column] += amount

    def write_bid(self, slot: Slot, item: Row, bid: int, floor: int) -> None:
        """Write a bid for a slot, where the tick asks for those of its viewer."""
        person = mix(slot.viewer.id * GOLDEN ^ int(self.market.salts[Purpose.sample]))
        if halves(person)[1] >= self.tick.bids_of:
            return
        outcome, winner = self.outcomes[item.place]
        self.bids.append(
            {
                "slot_id": slot.id,
                "bid_micros": bid,
                "floor_micros": floor,
                "ambient_micros": slot.ambient,
                "ts": slot.second,
                "viewer_id": slot.viewer.id,
                "line_item": item.place,
                "lost_to": winner,
                "outcome": BID_OUTCOMES.index(outcome),
            }
        )

    def lose(self, item: Row, reason: str, winner: Row | None = None) -> None:
        """Count a bid that lost to the *winner*, None for ambient demand."""
        self.tally(item, reason)
        self.outcomes[item.place] = reason, winner.place if winner else -1
        self.lost_to[winner.place if winner else len(self.items), item.place] += 1

    def stock(self, slot: Slot, column: str, amount: int = 1) -> None:
        """Add to a *column* of the inventory."""
        self.inventory[slot.pod.device, slot.pod.placement, column] += amount

    def close(self, tick: TickArrays, memory: MemoryArrays, result: TickResult) -> int:
        """Put everything back into the arrays, and return how many events there were."""
        for quotes, left in zip(tick.quotes, self.leased, strict=True):
            write(quotes, left)
        lasting = {
            (counter, cap): known
            for (counter, cap), known in self.memory.items()
            if self.book.caps["clock"][cap] != CLOCK_POD
        }
        remember(memory, self.counters, lasting, self.book.caps["limit"].tolist())
        memory.frequency[:] = 0
        for (viewer, i), impressions in self.seen.items():
            memory.seen[viewer, i] = min(impressions, 255)
            if impressions > 0:
                memory.frequency[i, bucket(impressions)] += 1
        for (i, column), amount in self.funnel.items():
            result.funnel[i, FUNNEL.index(column)] += amount
        for (winner, i), bids in self.lost_to.items():
            memory.lost_to[winner, i] += bids
        for (device, placement, column), amount in self.inventory.items():
            result.inventory[device, placement, INVENTORY.index(column)] += amount
        for place, times in self.landscape.items():
            result.landscape[place] += times
        for k, event in enumerate(self.events):
            result.events[k] = tuple(event[name] for name in EVENT.names or ())
        for k, bid in enumerate(self.bids):
            result.bids[k] = tuple(bid[name] for name in BID.names or ())
        result.bids_written[0] = len(self.bids)
        return len(self.events)


def members(mask: NDArray[np.uint64]) -> set[int]:
    """Return the line items whose bits are set in the words of *mask*."""
    return {64 * w + b for w, word in enumerate(mask.tolist()) for b in range(64) if word >> b & 1}


def bucket(impressions: int) -> int:
    """Return the position in FREQUENCY_BUCKETS of a viewer with that many impressions."""
    least = [int(name.split("_")[1]) for name in FREQUENCY_BUCKETS]
    return max(k for k, n in enumerate(least) if n <= impressions)
