"""The supply side: leases go out to the sites, their shards run, and their results are merged in order."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from sim import laws
from sim.book.arrays import mask
from sim.engine.executors import Host
from sim.engine.kept import State, Ticks, Told, part, under
from sim.engine.lasting import MOST_TOLD, LastingSite
from sim.engine.release import Release, parts_of
from sim.engine.setup import Setup
from sim.engine.site import Brought, Closed, Order, Releasing, Site
from sim.engine.traffic import Loops
from sim.events import FUNNEL, PAID_FOR, Files
from sim.layout import FACTOR_BITS, TickArrays
from sim.streams import Purpose, mix

_SPEND = FUNNEL.index("spend_micros")
_SUMS = np.array(
    [[(name == whole) - (name in parts) for whole, parts in laws.FUNNEL_SUMS.values()] for name in FUNNEL],
    np.int64,
)
"""FUNNEL × sums that are zero where law 7 holds."""


_NO_SPANS = np.zeros((0, 2), np.int64)


@dataclass(frozen=True, slots=True)
class Merged:
    """What one tick brought in all shards."""

    outcomes: NDArray[np.int64] | None
    """Line items × PAID_FOR, where a policy plans by them."""
    funnel: NDArray[np.int64]
    inventory: NDArray[np.int64]
    frequency: NDArray[np.int64]
    landscape: NDArray[np.int64]


class Supply:
    """Serves the ticks: leases go out, the sites play, and what they bring is merged."""

    def __init__(
        self,
        setup: Setup,
        sites: Sequence[tuple[range, Host[Site]]],
        loops: Loops,
        *,
        bids_of: int = 0,
        keeps: bool = False,
    ) -> None:
        """Take the *sites* at their beginning, each with its shards.

        *bids_of* is a threshold on 32 bits: the share of viewers of whom every bid is written. With *keeps*
        it can be kept.
        """
        book = setup.book
        self._market, self._setup, self._sites = setup.market, setup, sites
        self._loops, self._keys = loops, np.array([item.key for item in book.line_items], np.uint64)
        self._lease_salt, self._release_salt = (
            int(setup.salts[purpose]) for purpose in (Purpose.lease, Purpose.release)
        )
        paced = np.array([item.pacing.released for item in book.line_items], bool)
        self._release = Release(setup.shares, paced, loops)
        self._paths = [item.path for item in book.line_items]
        self._moments, self._hours_of_day = setup.rhythm.moment_at, setup.rhythm.hours_of_day
        self._floors_since = [tick for tick, _ in setup.market.floors_since]
        self._bids_of, self._keeps = bids_of, keeps
        self._digested = bytearray()
        """The digests of the events of all shards and ticks that are closed."""
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
    ) -> Callable[[], Merged]:
        """Have the sites play a tick, and return what gives what it brought, once they have.

        *quotes* are QUOTE records of what each line item bids and may spend in all shards together; *live*
        is whether it is in flight and active; *shades* are those of `TickArrays`; *carried* is what of its
        allowance is not new in this tick.
        """
        tick = hour * self._market.ticks_per_hour + part
        order = self._order(tick, quotes, live, shades, carried)
        leased = order.tick.quotes
        begun = [
            site.begin(Site.play, order._replace(tick=order.tick._replace(quotes=leased[_rows(shards)])))
            for shards, site in self._sites
        ]
        # Only now: a worker that has nothing to play makes the next hour's ad breaks, while the calling
        # thread merges, plans and records.
        if part == 0 and self.looks_ahead:
            self.foresee(hour + 1)
        self._setup.look_ahead(tick + 1)
        return lambda: self._merged([result() for result in begun], quotes)

    def _merged(self, brought: Sequence[Brought], quotes: NDArray[np.void]) -> Merged:
        # In the order of the shards.
        funnel = reduce(np.add, [one.funnel for one in brought])
        self._release.learn(np.concatenate([one.left for one in brought]), funnel)
        self._assert_lawful(funnel, quotes)
        merged = Merged(
            outcomes=_summed("outcomes", brought) if self._setup.outcomes else None,
            funnel=funnel,
            inventory=_summed("inventory", brought),
            frequency=_summed("frequency", brought),
            landscape=_summed("landscape", brought),
        )
        if self._keeps:
            self._ticks.add(_told(merged))
        return merged

    def _order(
        self,
        tick: int,
        quotes: NDArray[np.void],
        live: NDArray[np.bool_],
        shades: NDArray[np.int64],
        carried: NDArray[np.int64],
    ) -> Order:
        # With the leases of all shards.
        hour, seconds = self._setup.seconds(tick)
        highest, parts = self.highest(quotes), parts_of(seconds)
        leased, releasing = self._leases(hour, tick, quotes, highest), None
        if len(parts) > 1:
            addresses = self._addresses(self._release_salt, tick)
            known = self._release.terms(tick, highest, carried, quotes["allowance"].copy())
            releasing = Releasing(*known, addresses)
        return Order(
            hour,
            seconds,
            bisect_right(self._floors_since, tick) - 1,
            TickArrays(
                spans=_NO_SPANS,
                quotes=leased,
                live=mask(live),
                windows=self._setup.windows[hour],
                ambient_cells=self._setup.cells[self._moments[hour]],
                parts=3600 * hour + parts[1:],
                releases=np.zeros((len(leased), 0, len(quotes)), np.int64),
                hours=self._hours_of_day[hour],
                bids_of=self._bids_of,
                shades=shades,
            ),
            releasing,
        )

    def close(self, *, day_over: bool) -> Callable[[], list[Closed]]:
        """Have the sites close the hours that were served, and return what gives what they tell.

        Closings are collected in the order in which they began.
        """
        begun = [site.begin(Site.close, day_over=day_over) for _, site in self._sites]

        def collected() -> list[Closed]:
            closed = [result() for result in begun]
            for digests in zip(*(one.digests for one in closed), strict=True):  # tick by tick
                for digest in digests:
                    self._digested += digest
            return closed

        return collected

    def digest(self) -> str:
        """Return the SHA-256 of the digests of all shards' events that are closed, hexadecimal."""
        return hashlib.sha256(self._digested).hexdigest()

    def keep(self) -> tuple[Told, State]:
        """Return what the ticks brought since it was last kept, and what it is now.

        All hours are closed and collected, and the next one was not foreseen.
        """
        ticks, self._ticks = self._ticks.told(), Ticks()
        state = {"digests": np.frombuffer(bytes(self._digested), np.uint8)}
        state |= {"shards": np.array([[shards.start, shards.stop] for shards, _ in self._sites])}
        state |= under("release", self._release.keep())
        kept = [site.begin(Site.keep) for _, site in self._sites]
        for place, result in enumerate(kept):
            state |= under(f"batch{place}", result())
        return ticks, state

    @property
    def heavy(self) -> bool:
        """Return whether so much waits for a worker to be lost that sites should be eased."""
        return any(isinstance(site, LastingSite) and site.weight > MOST_TOLD for _, site in self._sites)

    def ease(self) -> None:
        """Ask sites what they are now, so that nothing they were told need be told again."""
        for result in [site.begin(Site.keep) for _, site in self._sites]:
            result()

    def leaked(self) -> NDArray[np.int64] | None:
        """Return billed impressions, and those beyond a cap, 2 × line items; None where no cap leaks."""
        found = [result() for result in [site.begin(Site.leaked) for _, site in self._sites]]
        return total(found)

    def restore(self, state: State) -> None:
        """Become what was kept, of the same sites."""
        self._digested = bytearray(state["digests"].tobytes())
        self._release.restore(part("release", state))
        for place, (_, site) in enumerate(self._sites):
            site.begin(Site.restore, part(f"batch{place}", state))

    def foresee(self, hour: int) -> None:
        """Let workers make the ad breaks of *hour*, the next one that is served."""
        if hour < self._market.horizon.hours:
            for _, site in self._sites:
                site.begin(Site.foresee, hour)

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


def _rows(shards: range) -> slice:
    return slice(shards.start, shards.stop)


def _summed(name: str, brought: Sequence[Brought]) -> NDArray[np.int64]:
    found: NDArray[np.int64] = reduce(np.add, map(attrgetter(name), brought))
    return found


def total(found: Sequence[NDArray[np.int64] | None]) -> NDArray[np.int64] | None:
    """Return the sum of what some sites found, None where none of them did."""
    known = [one for one in found if one is not None]
    return reduce(np.add, known) if known else None


def files_of(closed: Sequence[Closed]) -> Files | None:
    """Return the files that some sites have written of a day, None where they were not asked."""
    known = [one.files for one in closed if one.files is not None]
    return reduce(Files.plus, known) if known else None


def lost_of(closed: Sequence[Closed]) -> NDArray[np.void] | None:
    """Return the LOST records of some sites as one, in the same order; None where they were not asked."""
    known = [one.lost for one in closed if one.lost is not None]
    if not known:
        return None
    found = np.concatenate(known)
    # As a number without a sign, ambient demand is the highest of the winners.
    cells = found["line_item"].astype(np.uint64) << np.uint64(32) | found["winner"].astype(np.uint32)
    _, first, cell = np.unique(cells, return_index=True, return_inverse=True)
    bids = np.zeros(len(first), np.int64)
    np.add.at(bids, cell, found["bids"])
    found = found[first]
    found["bids"] = bids
    return found
