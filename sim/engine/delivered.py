"""Hours on their way to the sink: sites close them, and what is counted from their events comes in here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import reduce

from sim.engine.leaks import facts_of
from sim.engine.setup import Setup
from sim.engine.site import Closed
from sim.engine.supply import Supply, files_of, lost_of, total
from sim.events import FUNNEL, Counted, Fact, Hour, Sink

HOURS_TOGETHER, EVENTS_TOGETHER = 24, 250_000
"""So many hours are closed at once, or fewer that have so many events: memory stays as it is."""
_EVENTS = [FUNNEL.index(name) for name in ("wins", "ghosts")]


class Delivered:
    """Gives a sink each hour, in order, some hours after it was played."""

    def __init__(self, setup: Setup, supply: Supply, sink: Sink, *, by_day: bool = False) -> None:
        """Deliver to a *sink*; where sites write events they have them *by day*."""
        self._by_day = by_day
        self._market, self._book, self._supply, self._sink = setup.market, setup.book, supply, sink
        self._waiting: list[Hour] = []
        """Hours that are played and not closed."""
        self._closing: deque[Callable[[], None]] = deque()
        """Each collects some hours that sites are closing, and gives them to the sink."""

    def __call__(self, hour: Hour) -> None:
        """Take the next hour, without its events."""
        self._waiting.append(hour)
        events = sum(int(each.funnel[:, _EVENTS].sum()) for each in self._waiting)
        # By the day, as a matrix of who lost to whom is too large for every hour.
        day_over = self.day_over(hour.hour)
        if day_over or len(self._waiting) == HOURS_TOGETHER or events >= EVENTS_TOGETHER:
            self._close(day_over=day_over)

    def day_over(self, hour: int) -> bool:
        """Return whether a UTC day is over with *hour*, or the market."""
        over, horizon = hour + 1, self._market.horizon
        return over == horizon.hours or horizon.at(over).hour == 0

    def may_rest(self, hour: int) -> bool:
        """Return whether sites may be asked what they are when *hour* is over."""
        return not self._by_day or self.day_over(hour)

    def _close(self, *, day_over: bool) -> None:
        hours, self._waiting = self._waiting, []
        collected = self._supply.close(day_over=day_over)
        self._closing.append(lambda: self._deliver(hours, collected()))

    def hand_over(self) -> None:
        """Give the sink the hours that are closed: all but those that sites were told to close last.

        This is called while sites play, who would wait for it at the end of an hour.
        """
        while len(self._closing) > 1:
            self._closing.popleft()()

    def flush(self) -> None:
        """Give the sink all hours that it was not given."""
        if self._waiting:
            self._close(day_over=False)
        while self._closing:
            self._closing.popleft()()

    def _deliver(self, hours: Sequence[Hour], closed: Sequence[Closed]) -> None:
        lost, files = lost_of(closed), files_of(closed)
        for place, hour in enumerate(hours):
            of_sites = [one.hours[place] for one in closed]
            # Tick by tick, and within each the sites in order.
            events, bids = (
                tuple(part for tick in zip(*ticks, strict=True) for part in tick)
                for ticks in ([one.events for one in of_sites], [one.bids for one in of_sites])
            )
            counted = [one.counted[place] for one in closed if one.counted is not None]
            followed = [one.followed[place] for one in closed if one.followed is not None]
            now = hour._replace(
                parts=events,
                bids=tuple(part for part in bids if len(part)),
                counted=reduce(_plus, counted) if counted else None,
                conversions=total([each.conversions for each in followed]),
                lift=total([each.lift for each in followed]),
                lost=lost if hour is hours[-1] else None,
                files=files if hour is hours[-1] else None,
            )
            self._sink(now)

    def facts(self) -> list[Fact]:
        """Return what became known by the end."""
        leaked = self._supply.leaked()
        return facts_of(self._market, self._book, *leaked) if leaked is not None and leaked.size else []


def _plus(one: Counted, other: Counted) -> Counted:
    return Counted(one.sums + other.sums, one.viewers + other.viewers)
