"""A site: where some shards live. It plays their ticks, and counts what their hours brought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import groupby, pairwise
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.auction import AuctionFormat
from sim.engine.batch import Batch, Served
from sim.engine.hashed import Hashed
from sim.engine.kept import State, part, under
from sim.engine.traffic import Loops, Traffic
from sim.events import EVENT, FUNNEL, PAID_FOR, Counted, Files
from sim.layout import BookArrays, MarketArrays, TickArrays

_GHOSTS = FUNNEL.index("ghosts")


class Terms(NamedTuple):
    """What all sites of a run have in common."""

    book: BookArrays
    rules: Sequence[MarketArrays]
    auction: AuctionFormat
    dynamic: bool
    outcomes: bool
    """Whether a policy plans by them."""
    records: bool
    """Whether hours are closed: without, nobody asks for events."""
    sends: bool
    """Whether events leave the site."""
    clerk: Clerk | None
    scribe: Scribing | None
    """Where events are written by sites."""
    follower: Callable[[NDArray[np.void]], Follower] | None
    """Makes one for VIEWER records, where the market has something to follow."""


class SiteHour(NamedTuple):
    """What the shards of a site brought in an hour."""

    hour: int
    events: tuple[NDArray[np.void], ...]
    """EVENT records of each tick, shard after shard."""
    ends: tuple[NDArray[np.int64], ...]
    """Where those of each shard end, by tick."""
    bids: tuple[NDArray[np.void], ...]
    """BID records of each tick."""
    ghosts: bool
    """Whether there are any among the events."""


class Clerk(Protocol):
    """Counts hours where they were played."""

    def count(self, hours: Sequence[SiteHour]) -> list[Counted]:
        """Return what is counted of each of the *hours*, the next ones."""


class Scribe(Protocol):
    """Writes hours where they were played."""

    def write(self, hours: Sequence[SiteHour]) -> None:
        """Take the next *hours*; PacelineError where a disk does not."""

    def finish(self) -> Files:
        """Return the files of the day that is over."""


Scribing = Callable[[range, Sequence[NDArray[np.int32]]], Scribe]
"""Makes a scribe for some shards, given the ids of the viewers of each."""


class Followed(NamedTuple):
    """What became of an hour's events; None for what the market has not."""

    conversions: NDArray[np.int64] | None
    """Line items × CONVERSIONS."""
    lift: NDArray[np.int64] | None
    """Line items × LIFT to date, at the end of a UTC day."""


class Follower(Protocol):
    """Follows viewers beyond the ads that they saw."""

    def add(self, hour: int, events: NDArray[np.void], *, day_over: bool) -> Followed:
        """Return what became of the EVENT records of the next *hour*."""

    def leaked(self) -> NDArray[np.int64]:
        """Return billed impressions, and those beyond a cap, 2 × line items; none where no cap leaks."""

    def keep(self) -> State:
        """Return what is counted so far."""

    def restore(self, state: State, hours: int) -> None:
        """Go on from what was kept after so many *hours*."""


class Releasing(NamedTuple):
    """What `releases` is given for a tick that has several parts."""

    bids: NDArray[np.int64]
    prices: NDArray[np.int64]
    at_once: NDArray[np.int64]
    shares: NDArray[np.int64]
    addresses: NDArray[np.uint64]


class Order(NamedTuple):
    """A tick as a site is told to play it."""

    hour: int
    seconds: slice
    """Of the hour."""
    rules: int
    """Which of the rules are in force."""
    tick: TickArrays
    """With the leases of the site's shards as quotes; spans and releases are the site's to find."""
    releasing: Releasing | None


class Brought(NamedTuple):
    """What a tick brought in the shards of a site."""

    funnel: NDArray[np.int64]
    inventory: NDArray[np.int64]
    frequency: NDArray[np.int64]
    landscape: NDArray[np.int64]
    left: NDArray[np.int64]
    """Of the leases, shards × line items."""
    outcomes: NDArray[np.int64] | None
    """Line items × PAID_FOR, where a policy plans by them."""


class Closed(NamedTuple):
    """What a site tells of hours that are over."""

    digests: list[bytes]
    """Of each tick: the `events_digest` of each shard, one after the other."""
    hours: list[SiteHour]
    """As they are sent: where events stay they have none."""
    counted: list[Counted] | None
    """Of each hour, where a clerk counts them."""
    followed: list[Followed] | None
    """Of each hour, where the market has something to follow."""
    lost: NDArray[np.void] | None
    """LOST records of the day that is over, as `Batch.lost` has them; None where none is."""
    files: Files | None
    """Of the day that is over, where a scribe writes them."""


class Site:
    """Some shards, and the events of hours that are not closed."""

    def __init__(
        self, shards: range, traffic: Callable[[range, Loops], Traffic], loops: Loops | str, terms: Terms
    ) -> None:
        """Make it of *shards* and the *traffic* of their viewers; *loops* may be the name of a module."""
        self._loops = import_module(loops) if isinstance(loops, str) else loops
        self._shards, self._terms = shards, terms
        about = terms.book, terms.rules[0], terms.auction, self._loops
        homes = traffic(shards, self._loops)
        # Who is sent events, or writes them, keeps them.
        again = not (terms.sends or terms.scribe)
        self._batch = Batch(homes, *about, dynamic=terms.dynamic, again=again)
        self._hashed = Hashed(self._loops)
        self._follower = terms.follower(homes.viewers) if terms.follower else None
        ids = [homes.viewers["id"][begin:end] for begin, end in pairwise(homes.begins.tolist())]
        self._scribe = terms.scribe(shards, ids) if terms.scribe else None
        self._hours = 0
        """How many it has played."""
        self._ticks: list[tuple[int, Served]] = []
        """Those that are not closed, with their hours."""

    def foresee(self, hour: int) -> None:
        """Make the ad breaks of *hour*, the next one; they depend on nothing that is sold."""
        self._batch.foresee(hour)

    def play(self, order: Order) -> Brought:
        """Return what a tick brought, whose hour was foreseen."""
        if not self._ticks:
            self._batch.room.empty()
        leased, later = order.tick.quotes, order.tick.releases
        if order.releasing:
            released = self._loops.releases(
                np.ascontiguousarray(leased["allowance"]),
                *order.releasing._replace(
                    addresses=order.releasing.addresses + np.uint64(self._shards.start)
                ),
            )
            leased["allowance"] = released[:, 0]
            # Not contiguous, it would have the tick compiled once more, for another type.
            later = np.ascontiguousarray(released[:, 1:])
        spans = self._batch.spans(order.hour, order.seconds)
        tick = order.tick._replace(spans=spans, releases=later)
        served = self._batch.serve(tick, self._terms.rules[order.rules])
        self._hours = order.hour + 1
        if self._terms.records:
            self._ticks.append((order.hour, served))
        return Brought(
            served.funnel,
            served.inventory,
            served.frequency,
            served.landscape,
            leased["allowance"].copy(),
            _outcomes(served) if self._terms.outcomes else None,
        )

    def close(self, *, day_over: bool) -> Closed:
        """Return what the hours brought that were played since this was last asked for.

        Where the *day* is *over*, also who lost to whom in it.
        """
        ticks, self._ticks = self._ticks, []
        hours = [_hour(hour, [served for _, served in some]) for hour, some in groupby(ticks, lambda t: t[0])]
        clerk, sends, scribe = self._terms.clerk, self._terms.sends, self._scribe
        if scribe:
            scribe.write(hours)
        return Closed(
            digests=[self._hashed.digests(served.events, served.ends) for _, served in ticks],
            counted=clerk.count(hours) if clerk else None,
            followed=self._follow(hours, day_over=day_over) if self._follower else None,
            hours=hours if sends else [hour._replace(events=(), ends=(), bids=()) for hour in hours],
            lost=self._batch.lost() if day_over else None,
            files=scribe.finish() if scribe and day_over else None,
        )

    def _follow(self, hours: Sequence[SiteHour], *, day_over: bool) -> list[Followed]:
        assert self._follower
        found = []
        for hour in hours:
            last = day_over and hour is hours[-1]
            # As bytes, because NumPy copies records field by field.
            events = np.concatenate([part.view(np.uint8) for part in hour.events]).view(EVENT)
            found.append(self._follower.add(hour.hour, events, day_over=last))
        return found

    def leaked(self) -> NDArray[np.int64] | None:
        """Return what `Follower` does, None where there is none."""
        return self._follower.leaked() if self._follower else None

    def keep(self) -> State:
        """Return what is remembered after an hour that is closed, whose next one was not foreseen.

        What a scribe was given of a day is not: where there is one, the day is over.
        """
        assert not self._ticks
        follower = under("followed", self._follower.keep()) if self._follower else {}
        return self._batch.keep() | follower | {"hours": np.array([self._hours])}

    def restore(self, state: State) -> None:
        """Remember what was kept."""
        self._batch.restore(state)
        self._hours = int(state["hours"][0])
        if self._follower:
            self._follower.restore(part("followed", state), self._hours)


def _hour(hour: int, ticks: Sequence[Served]) -> SiteHour:
    return SiteHour(
        hour,
        tuple(served.events for served in ticks),
        tuple(served.ends for served in ticks),
        tuple(served.bids for served in ticks),
        any(served.funnel[:, _GHOSTS].any() for served in ticks),
    )


def _outcomes(served: Served) -> NDArray[np.int64]:
    items = len(served.funnel)
    found = np.zeros((items, len(PAID_FOR)), np.int64)
    for at, outcome in enumerate(PAID_FOR):
        owners = served.events["line_item"][served.events[outcome] == 1]
        found[:, at] = np.bincount(owners, minlength=items)
    return found
