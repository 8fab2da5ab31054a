"""Hours on their way to the sink: what is counted from their events is counted here."""

from __future__ import annotations

from sim.engine.conversions import ConversionTracker
from sim.engine.kept import State, part, under
from sim.engine.leaks import Leaks
from sim.engine.lift import LiftCount
from sim.engine.setup import Setup
from sim.events import Fact, Hour, Sink


class Delivered:
    """Gives a sink each hour with its conversions, and counts where caps leak."""

    def __init__(self, setup: Setup, sink: Sink, *, counts: bool = True) -> None:
        """Take the *sink*; without *counts* there are no events to count from."""
        market, book = setup.market, setup.book
        self._horizon, self._sink = market.horizon, sink
        self._leaks = Leaks(market, book) if counts and not market.identity.perfect else None
        self._tracker = self._lift = None
        if counts and market.conversions.on:
            terms, viewers = market.conversions, market.population.viewers
            self._tracker = ConversionTracker(terms, book, viewers, setup.salts)
            self._lift = LiftCount(terms, book, setup.everyone, setup.arrays.masks.kind, setup.salts)

    def __call__(self, hour: Hour) -> None:
        """Take the next hour."""
        if self._leaks or self._tracker:
            hour = hour.joined()
        if self._leaks:
            self._leaks.add(hour.hour, hour.events)
        if self._tracker and self._lift:
            hour = hour._replace(conversions=self._tracker.add(hour))
            self._lift.add(hour.hour, hour.events, self._tracker.converted)
            over = hour.hour + 1
            if over == self._horizon.hours or self._horizon.at(over).hour == 0:
                hour = hour._replace(lift=self._lift.rows())
        self._sink(hour)

    def facts(self) -> list[Fact]:
        """Return what became known by the end."""
        return self._leaks.facts() if self._leaks else []

    def keep(self) -> State:
        """Return what is counted so far."""
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
