"""The supply side: leases go out to the shards, the shards run, and their results are merged in order."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from sim import laws
from sim.book.arrays import mask
from sim.engine.batch import Batch, Served
from sim.engine.executors import Executor
from sim.engine.leases import rotation, split
from sim.engine.release import Release
from sim.engine.setup import Setup
from sim.events import EVENT, FUNNEL, LOST, PAID_FOR
from sim.layout import FACTOR_BITS, TickArrays
from sim.streams import Purpose


@dataclass(frozen=True, slots=True)
class Merged:
    """What one tick brought in all shards."""

    events: list[NDArray[np.uint8]]
    """EVENT records of each batch."""
    outcomes: NDArray[np.int64] | None
    """Line items × PAID_FOR, where a policy plans by them."""
    funnel: NDArray[np.int64]
    inventory: NDArray[np.int64]
    frequency: NDArray[np.int64]
    landscape: NDArray[np.int64]


class Supply:
    """Serves the ticks: leases go out, one executor runs all batches, and their results are merged."""

    def __init__(self, setup: Setup, batches: list[Batch], executor: Executor) -> None:
        book = setup.book
        self._market, self._setup, self._batches, self._executor = setup.market, setup, batches, executor
        self._lease_salt = int(setup.salts[Purpose.lease])
        self._keys = [item.key for item in book.line_items]
        paced = np.array([item.pacing.released for item in book.line_items], bool)
        self._release = Release(setup.sums, paced, int(setup.salts[Purpose.release]), self._keys)
        self._paths = [item.path for item in book.line_items]
        self._moments, self._hours_of_day = setup.rhythm.moment_at, setup.rhythm.hours_of_day
        self._counts = any(item.pacing.counting for item in book.line_items)
        self._floors_since = [tick for tick, _ in setup.market.floors_since]
        self.digest = hashlib.sha256()
        """Of the digests of all shards' events so far."""

    def serve(
        self,
        hour: int,
        part: int,
        quotes: NDArray[np.void],
        live: NDArray[np.bool_],
        shades: NDArray[np.int64],
        carried: NDArray[np.int64],
    ) -> Merged:
        """Return what one tick brought, merged in the order of the shards.

        *quotes* are QUOTE records of what each line item bids and may spend in all shards together; *live*
        is whether it is in flight and active; *shades* are those of `TickArrays`; *carried* is what of its
        allowance is not new in this tick.
        """
        ticks = self._market.ticks_per_hour
        seconds = slice(part * 3600 // ticks, (part + 1) * 3600 // ticks)
        words, cells = mask(live), self._setup.cells[self._moments[hour]]
        windows, clock = self._setup.windows[hour], self._hours_of_day[hour]
        rules = self._setup.rules[bisect_right(self._floors_since, hour * ticks + part) - 1]

        tick, highest = hour * ticks + part, self.highest(quotes)
        leased = self._leases(hour, tick, quotes, highest)
        parts, released = self._release.by_part(
            hour,
            tick,
            seconds,
            leased["allowance"],
            highest,
            carried,
            quotes["allowance"],
        )
        leased["allowance"] = released[:, 0]
        # Not contiguous, it would have the tick compiled once more, for another type.
        times, later = 3600 * hour + parts[1:], np.ascontiguousarray(released[:, 1:])

        def served_by(batch: Batch) -> Served:
            own = slice(batch.shards.start, batch.shards.stop)
            spans, added = batch.spans(hour, seconds), later[own]
            tick = TickArrays(spans, leased[own], words, windows, cells, times, added, clock, shades)
            return batch.serve(tick, rules)

        served = self._executor.map(served_by, self._batches)
        for one in served:
            for digest in one.digests:
                self.digest.update(digest)
        funnel = reduce(np.add, [one.funnel for one in served])
        self._release.learn(leased["allowance"], funnel)
        self._assert_lawful(funnel, quotes)
        return Merged(
            events=[one.events for one in served],
            outcomes=self._outcomes(served) if self._counts else None,
            funnel=funnel,
            inventory=reduce(np.add, [one.inventory for one in served]),
            frequency=reduce(np.add, [one.frequency for one in served]),
            landscape=reduce(np.add, [one.landscape for one in served]),
        )

    def _assert_lawful(self, funnel: NDArray[np.int64], quotes: NDArray[np.void]) -> None:
        def path(place: int) -> str:
            return self._paths[place]

        columns = dict(zip(FUNNEL, funnel.T, strict=True))
        most = np.minimum(np.minimum(quotes["lifetime"], quotes["daily"]), quotes["allowance"])
        for verdict in (laws.at_most(2, columns["spend_micros"], most, path), laws.funnel(columns, path)):
            assert verdict.holds, verdict.findings

    def lost(self) -> NDArray[np.void]:
        """Return the LOST records of all ticks since this was last asked, by line item and winner."""
        items = len(self._keys)
        bids = np.zeros((items + 1, items), np.int64)
        for batch in self._batches:
            bids += batch.state.lost_to
            batch.state.lost_to[:] = 0
        item, winner = np.nonzero(bids.T)
        lost = np.zeros(len(item), LOST)
        lost["line_item"], lost["bids"] = item, bids[winner, item]
        lost["winner"] = np.where(winner == items, -1, winner)
        return lost

    def _outcomes(self, served: Sequence[Served]) -> NDArray[np.int64]:
        found = np.zeros((len(self._keys), len(PAID_FOR)), np.int64)
        for one in served:
            events = one.events.view(EVENT)
            for at, outcome in enumerate(PAID_FOR):
                owners = events["line_item"][events[outcome] == 1]
                found[:, at] += np.bincount(owners, minlength=len(self._keys))
        return found

    def highest(self, quotes: NDArray[np.void]) -> NDArray[np.int64]:
        """Return the highest possible bid of each line item, micros: a remainder below it is dust."""
        highest = (quotes["bid"] * self._setup.top_factors) >> FACTOR_BITS
        return np.asarray(np.minimum(highest, quotes["max_bid"]))

    def _leases(
        self, hour: int, tick: int, quotes: NDArray[np.void], highest: NDArray[np.int64]
    ) -> NDArray[np.void]:
        addresses = rotation(self._lease_salt, tick, self._keys)
        # A lease pays for its bids because no bid is above the maximum, which the tick relies on.
        assert (quotes["bid"] <= quotes["max_bid"]).all()
        leased, names = np.tile(quotes, (self._market.shards, 1)), ("lifetime", "daily", "allowance")
        micros = np.stack([quotes[name] for name in names])
        for name, part in zip(
            names, split(micros, highest, self._setup.bounds(hour), addresses), strict=True
        ):
            leased[name] = part
        return leased
