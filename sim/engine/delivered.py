"""Hours on their way to the sink: sites close them, and what is counted from their events comes in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from sim.engine.conversions import ConversionTracker
from sim.engine.kept import State, part, under
from sim.engine.leaks import Leaks
from sim.engine.lift import LiftCount
from sim.engine.setup import Setup
from sim.engine.site import Closed
from sim.engine.supply import Supply, lost_of
from sim.events import FUNNEL, Counted, Fact, Hour, Sink
from sim.market.market import Market

HOURS_TOGETHER, EVENTS_TOGETHER = 24, 250_000
"""So many hours are closed at once, or fewer that have so many events: memory stays as it is."""
_EVENTS = [FUNNEL.index(name) for name in ("wins", "ghosts")]


class Delivered:
    """Gives a sink each hour, in order, some hours after it was played, with its conversions."""

    def __init__(self, setup: Setup, supply: Supply, sink: Sink, *, counts: bool = True) -> None:
        """Take the *sink*; without *counts* there are no events to count from."""
        market, book = setup.market, setup.book
        self._horizon, self._supply, self._sink = market.horizon, supply, sink
        self._leaks = Leaks(market, book) if counts and not market.identity.perfect else None
        self._tracker = self._lift = None
        if counts and market.conversions.on:
            terms, viewers = market.conversions, market.population.viewers
            self._tracker = ConversionTracker(terms, book, viewers, setup.salts)
            self._lift = LiftCount(terms, book, setup.everyone, setup.arrays.masks.kind, setup.salts)
        self._waiting: list[Hour] = []
        """Hours that are played and not closed."""
        self._closing: Callable[[], None] = _nothing
        """Collects those that sites are closing, and gives them to the sink."""

    def __call__(self, hour: Hour) -> None:
        """Take the next hour, without its events."""
        self._waiting.append(hour)
        events = sum(int(each.funnel[:, _EVENTS].sum()) for each in self._waiting)
        # By the day, as a matrix of who lost to whom is too large for every hour.
        day_over = self._day_over(hour)
        if day_over or len(self._waiting) == HOURS_TOGETHER or events >= EVENTS_TOGETHER:
            self._close(day_over=day_over)

    def _day_over(self, hour: Hour) -> bool:
        over = hour.hour + 1
        return over == self._horizon.hours or self._horizon.at(over).hour == 0

    def _close(self, *, day_over: bool) -> None:
        # While these are closed those before are delivered.
        hours, self._waiting = self._waiting, []
        collected, before = self._supply.close(day_over=day_over), self._closing
        self._closing = lambda: self._deliver(hours, collected())
        before()

    def flush(self) -> None:
        """Give the sink all hours that it was not given."""
        if self._waiting:
            self._close(day_over=False)
        closing, self._closing = self._closing, _nothing
        closing()

    def _deliver(self, hours: Sequence[Hour], closed: Sequence[Closed]) -> None:
        lost = lost_of(closed)
        for place, hour in enumerate(hours):
            of_sites = [one.hours[place] for one in closed]
            # Tick by tick, and within each the sites in order.
            events, bids = (
                tuple(part for tick in zip(*ticks, strict=True) for part in tick)
                for ticks in ([one.events for one in of_sites], [one.bids for one in of_sites])
            )
            counted = [one.counted[place] for one in closed if one.counted is not None]
            now = hour._replace(
                parts=events,
                bids=tuple(part for part in bids if len(part)),
                counted=reduce(_plus, counted) if counted else None,
                lost=lost if hour is hours[-1] else None,
            )
            self._sink(self._followed(now))

    def _followed(self, hour: Hour) -> Hour:
        if self._leaks or self._tracker:
            hour = hour.joined()
        if self._leaks:
            self._leaks.add(hour.hour, hour.events)
        if self._tracker and self._lift:
            hour = hour._replace(conversions=self._tracker.add(hour))
            self._lift.add(hour.hour, hour.events, self._tracker.converted)
            if self._day_over(hour):
                hour = hour._replace(lift=self._lift.rows())
        return hour

    def facts(self) -> list[Fact]:
        """Return what became known by the end."""
        return self._leaks.facts() if self._leaks else []

    def keep(self) -> State:
        """Return what is counted so far, once all was flushed."""
        kept: State = {}
        for name, count in (("leaks", self._leaks), ("conversions", self._tracker), ("lift", self._lift)):
            kept |= under(name, count.keep()) if count else {}
        return kept

    def restore(self, state: State, hours: int) -> None:
        """Go on from what was kept after so many *hours*."""
        if self._leaks:
            self._leaks.restore(part("leaks", state))
        if self._tracker and self._lift:
            self._tracker.restore(part("conversions", state), hours)
            self._lift.restore(part("lift", state))


def needs_events(market: Market) -> bool:
    """Return whether hours are followed event by event on their way."""
    return market.conversions.on or not market.identity.perfect


def _plus(one: Counted, other: Counted) -> Counted:
    return Counted(one.sums + other.sums, one.viewers + other.viewers)


def _nothing() -> None:
    return
