"""The supply side: leases go out to the shards, the shards run, and their results are merged in order."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
from numpy.typing import NDArray

from sim import laws
from sim.book.arrays import mask
from sim.engine.batch import Batch, Served
from sim.engine.executors import Executor
from sim.engine.kept import State, Ticks, Told, part, under
from sim.engine.release import Release, parts_of
from sim.engine.setup import Setup
from sim.engine.traffic import Loops
from sim.events import FUNNEL, LOST, PAID_FOR
from sim.layout import FACTOR_BITS, TickArrays
from sim.streams import Purpose, mix

_SPEND = FUNNEL.index("spend_micros")
_SUMS = np.array(
    [[(name == whole) - (name in parts) for whole, parts in laws.FUNNEL_SUMS.values()] for name in FUNNEL],
    np.int64,
)
"""FUNNEL × sums that are zero where law 7 holds."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What one tick brought in all shards."""

    events: list[NDArray[np.void]]
    """EVENT records of each batch."""
    bids: list[NDArray[np.void]]
    """BID records of each batch that has any."""
    outcomes: NDArray[np.int64] | None
    """Line items × PAID_FOR, where a policy plans by them."""
    funnel: NDArray[np.int64]
    inventory: NDArray[np.int64]
    frequency: NDArray[np.int64]
    landscape: NDArray[np.int64]


class Supply:
    """Serves the ticks: leases go out, one executor runs all batches, and their results are merged."""

    def __init__(
        self,
        setup: Setup,
        batches: list[Batch],
        executor: Executor,
        loops: Loops,
        *,
        digests: bool = True,
        bids_of: int = 0,
        keeps: bool = False,
    ) -> None:
        """Take the *batches* at their beginning; without *digests* events are not hashed.

        *bids_of* is a threshold on 32 bits: the share of viewers of whom every bid is written. With *keeps*
        it can be kept.
        """
        book = setup.book
        self._market, self._setup, self._batches, self._executor = setup.market, setup, batches, executor
        self._loops, self._keys = loops, np.array([item.key for item in book.line_items], np.uint64)
        self._lease_salt, self._release_salt = (
            int(setup.salts[purpose]) for purpose in (Purpose.lease, Purpose.release)
        )
        paced = np.array([item.pacing.released for item in book.line_items], bool)
        self._release = Release(setup.shares, paced, loops)
        self._paths = [item.path for item in book.line_items]
        self._moments, self._hours_of_day = setup.rhythm.moment_at, setup.rhythm.hours_of_day
        self._counts = any(item.pacing.counting for item in book.line_items)
        self._floors_since = [tick for tick, _ in setup.market.floors_since]
        self._digests, self._bids_of, self._keeps = digests, bids_of, keeps
        self._digested = bytearray()
        """The digests of the events of all shards and ticks so far."""
        self._hashing: list[Callable[[], list[bytes]]] = []
        """The digests of the last tick's events."""
        self._ticks = Ticks()
        """What the ticks brought since it was last kept."""
        self.looks_ahead = True
        """Whether the ad breaks of the next hour are made while one is served: not if it is kept then."""

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
        tick = hour * self._market.ticks_per_hour + part
        _, seconds = self._setup.seconds(tick)
        words, cells = mask(live), self._setup.cells[self._moments[hour]]
        windows, clock = self._setup.windows[hour], self._hours_of_day[hour]
        rules = self._setup.rules[bisect_right(self._floors_since, tick) - 1]

        highest, parts = self.highest(quotes), parts_of(seconds)
        leased = self._leases(hour, tick, quotes, highest)
        later = np.zeros((len(leased), 0, len(quotes)), np.int64)
        if len(parts) > 1:
            addresses = self._addresses(self._release_salt, tick)
            about = np.ascontiguousarray(leased["allowance"]), highest, carried, quotes["allowance"].copy()
            released = self._release.by_part(tick, *about, addresses)
            leased["allowance"] = released[:, 0]
            # Not contiguous, it would have the tick compiled once more, for another type.
            later = np.ascontiguousarray(released[:, 1:])
        times, ahead = 3600 * hour + parts[1:], self.looks_ahead

        def served_by(batch: Batch) -> Served:
            own = slice(batch.shards.start, batch.shards.stop)
            spans, added = batch.spans(hour, seconds), later[own]
            if (
                part == 0 and ahead
            ):  # only now: a batch makes the ad breaks of one hour after those of another
                self._foresee(batch, hour + 1)
            tick = TickArrays(
                spans, leased[own], words, windows, cells, times, added, clock, self._bids_of, shades
            )
            return batch.serve(tick, rules)

        # In this order a worker that has nothing to serve makes the next hour's ad breaks, then hashes, while
        # the calling thread merges, plans and records.
        begun = [self._executor.begin(partial(served_by, batch)) for batch in self._batches]
        served = [result() for result in begun]
        self._hash(served)
        funnel = reduce(np.add, [one.funnel for one in served])
        self._release.learn(leased["allowance"].copy(), funnel)
        self._assert_lawful(funnel, quotes)
        merged = Merged(
            events=[one.events for one in served],
            bids=[one.bids for one in served if len(one.bids)],
            outcomes=self._outcomes(served) if self._counts else None,
            funnel=funnel,
            inventory=reduce(np.add, [one.inventory for one in served]),
            frequency=reduce(np.add, [one.frequency for one in served]),
            landscape=reduce(np.add, [one.landscape for one in served]),
        )
        if self._keeps:
            self._ticks.add(_told(merged))
        return merged

    def digest(self) -> str:
        """Return the SHA-256 of the digests of all shards' events so far, hexadecimal."""
        self._hash([])
        return hashlib.sha256(self._digested).hexdigest()

    def keep(self) -> tuple[Told, State]:
        """Return what the ticks brought since it was last kept, and what it is now.

        The next hour was not foreseen.
        """
        self._hash([])
        ticks, self._ticks = self._ticks.told(), Ticks()
        state = {"digests": np.frombuffer(bytes(self._digested), np.uint8)}
        state |= {"shards": np.array([[batch.shards.start, batch.shards.stop] for batch in self._batches])}
        state |= under("release", self._release.keep())
        for place, batch in enumerate(self._batches):
            state |= under(f"batch{place}", batch.keep())
        return ticks, state

    def restore(self, state: State) -> None:
        """Become what was kept, of the same batches."""
        self._digested = bytearray(state["digests"].tobytes())
        self._release.restore(part("release", state))
        for place, batch in enumerate(self._batches):
            batch.restore(part(f"batch{place}", state))

    def foresee(self, hour: int) -> None:
        """Let workers make the ad breaks of *hour*, the next one that is served."""
        for batch in self._batches:
            self._foresee(batch, hour)

    def _foresee(self, batch: Batch, hour: int) -> None:
        if hour < self._market.horizon.hours:
            batch.foresee(hour, self._executor)

    def _hash(self, served: Sequence[Served]) -> None:
        # No tick waits for its own digests, but for those of the tick before.
        for digests in self._hashing:
            for digest in digests():
                self._digested += digest
        self._hashing = [self._executor.begin(one.digests) for one in served] if self._digests else []

    def _assert_lawful(self, funnel: NDArray[np.int64], quotes: NDArray[np.void]) -> None:
        # The law asks less of each tick than to say what is wrong with it.
        most = np.minimum(np.minimum(quotes["lifetime"], quotes["daily"]), quotes["allowance"])
        if not ((funnel @ _SUMS).any() or funnel.min(initial=0) < 0 or (funnel[:, _SPEND] > most).any()):
            return

        def path(place: int) -> str:
            return self._paths[place]

        columns = dict(zip(FUNNEL, funnel.T, strict=True))
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
            for at, outcome in enumerate(PAID_FOR):
                owners = one.events["line_item"][one.events[outcome] == 1]
                found[:, at] += np.bincount(owners, minlength=len(self._keys))
        return found

    def highest(self, quotes: NDArray[np.void]) -> NDArray[np.int64]:
        """Return the highest possible bid of each line item, micros: a remainder below it is dust."""
        highest = (quotes["bid"] * self._setup.top_factors) >> FACTOR_BITS
        return np.asarray(np.minimum(highest, quotes["max_bid"]))

    def _leases(
        self, hour: int, tick: int, quotes: NDArray[np.void], highest: NDArray[np.int64]
    ) -> NDArray[np.void]:
        # A lease pays for its bids because no bid is above the maximum, which the tick relies on.
        assert (quotes["bid"] <= quotes["max_bid"]).all()
        addresses = self._addresses(self._lease_salt, tick)
        leased: NDArray[np.void] = self._loops.lease(quotes, highest, self._setup.bounds(hour), addresses)
        return leased

    def _addresses(self, salt: int, tick: int) -> NDArray[np.uint64]:
        found: NDArray[np.uint64] = self._loops.rotation(np.uint64(mix(salt + tick)), self._keys)
        return found


def _told(merged: Merged) -> Told:
    # A tick as one of several.
    outcomes = merged.outcomes
    if outcomes is None:
        outcomes = np.zeros((0, len(PAID_FOR)), np.int64)
    return Told(merged.funnel[None], outcomes[None], merged.landscape[None])
