"""The sink has every hour once and in order, and takes them while sites play."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.engine.executors import Executor, Host
from sim.engine.executors.here import here
from sim.engine.run import Simulation
from sim.engine.setup import Setup
from sim.events import Hour
from tests.bookings import book, market
from tests.engine.test_kept import campaigns

DAYS = 4


class Watched(Executor):
    """Another executor, of which is known how many calls of a tick are begun and not asked for."""

    remote = False

    def __init__(self, inner: Executor) -> None:
        self.workers, self._inner, self.playing = inner.workers, inner, 0

    @property
    def sites(self) -> int:
        return self._inner.sites

    def host(self, make: Callable[[], Any]) -> Host[Any]:
        return WatchedHost(self, self._inner.host(make))

    def __exit__(self, *error: object) -> None:
        return


class WatchedHost(Host[Any]):
    def __init__(self, owner: Watched, inner: Host[Any]) -> None:
        self._owner, self._inner = owner, inner

    def begin(self, method: Any, *given: Any, **named: Any) -> Callable[[], Any]:
        result = self._inner.begin(method, *given, **named)
        if method.__name__ != "play":
            return result
        self._owner.playing += 1

        def asked() -> Any:
            self._owner.playing -= 1
            return result()

        return asked


def test_hours_are_delivered_while_sites_play() -> None:
    hours: list[int] = []
    playing: list[bool] = []
    where = market(days=DAYS, shards=4)
    with here(2) as threads:
        executor = Watched(threads)

        def sink(hour: Hour) -> None:
            hours.append(hour.hour)
            playing.append(executor.playing > 0)

        Simulation(Setup(where, book(campaigns(), where), 7), sink, executor).run()
    assert hours == list(range(24 * DAYS))
    # The last two closings have nothing to be played beside them.
    assert playing[: -2 * 24] == [True] * 24 * (DAYS - 2)
