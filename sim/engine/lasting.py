"""A site that outlives its worker: another one is told all that the lost one was told since it was kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import numpy as np

from sim.engine.executors import Executor, Host, WorkerLost
from sim.engine.kept import State
from sim.engine.site import Site

P = ParamSpec("P")
R = TypeVar("R")

PAUSES_S = (0.0, 1.0, 3.0)
"""So many workers may be lost over one call, and how long to wait then.

Who dies of it every time is not begun again for ever, and a cluster takes a moment to notice that a machine
is gone."""
MOST_TOLD = 64 << 20
"""Bytes of what it was told that wait for a worker to be lost; with more the site is asked what it is."""


@dataclass(eq=False)
class _Call:
    method: Callable[..., Any]
    given: tuple[Any, ...]
    named: dict[str, Any]
    result: Callable[[], Any] | None
    """None where it was asked for."""


class LastingSite(Host[Site]):
    """Hosts a site wherever an executor has workers; what is told is played again, to the same bytes."""

    def __init__(self, executor: Executor, make: Callable[[], Site]) -> None:
        self._executor, self._make = executor, make
        self._host = executor.host(make)
        self._state: State | None = None
        self._told: list[_Call] = []
        """All calls since the site was what *state* says."""
        self.weight = 0
        """Bytes of what it was told."""

    def begin(
        self, method: Callable[Concatenate[Site, P], R], *given: P.args, **named: P.kwargs
    ) -> Callable[[], R]:
        """Have it done, by another worker where this one is lost."""
        call = _Call(method, given, named, self._host.begin(method, *given, **named))
        if method == Site.restore:
            (self._state,), self._told = cast("tuple[State]", given), []
            return partial(self._result, call)
        self._told.append(call)
        self.weight += _weight(given)
        return partial(self._result, call)

    def _result(self, call: _Call) -> Any:
        for pause in PAUSES_S:
            assert call.result
            try:
                found = call.result()
            except WorkerLost:
                time.sleep(pause)
                self._begin_again()
                continue
            call.result = None
            if call.method == Site.keep:
                self._is_now(found, call)
            return found
        raise WorkerLost(
            f"{len(PAUSES_S)} workers were lost at the same hour of the market, one after another"
        )

    def _begin_again(self) -> None:
        self._host = self._executor.host(self._make)
        if self._state is not None:
            self._host.begin(Site.restore, self._state)
        for call in self._told:
            begun = self._host.begin(call.method, *call.given, **call.named)
            if call.result:
                call.result = begun

    def _is_now(self, state: State, call: _Call) -> None:
        self._state, self._told = state, self._told[self._told.index(call) + 1 :]
        self.weight = sum(_weight(each.given) for each in self._told)


def _weight(given: Any) -> int:
    if isinstance(given, np.ndarray):
        return given.nbytes
    if isinstance(given, dict):
        return _weight(tuple(given.values()))
    return sum(map(_weight, given)) if isinstance(given, tuple) else 0
