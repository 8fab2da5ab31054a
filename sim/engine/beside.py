"""Beside a run: what is done with its hours while it goes on, in a thread of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple, Self

from sim.engine.delivered import EVENTS_TOGETHER, HOURS_TOGETHER


class Beside:
    """Runs one task after another in a thread of its own, or at once where there is one worker only."""

    def __init__(self, workers: int = 1) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="beside") if workers > 1 else None
        self._begun: deque[_Begun] = deque()

    def run(self, task: Callable[[], None], events: int = 0) -> None:
        """Have *task*, which holds so many *events*, run after those before; their error is raised here.

        It waits for them while they are more hours or hold more events than are delivered at once.
        """
        if not self._pool:
            task()
            return
        while self._begun and (self._begun[0].result.done() or self._full(events)):
            self._begun.popleft().result.result()
        before = self._begun[-1].result if self._begun else None

        def after() -> None:
            if before:
                before.result()  # it is over; after an error nothing begins
            task()

        self._begun.append(_Begun(self._pool.submit(after), events))

    def _full(self, events: int) -> bool:
        waiting = events + sum(begun.events for begun in self._begun)
        return len(self._begun) >= HOURS_TOGETHER or waiting > EVENTS_TOGETHER

    def wait(self) -> None:
        """Wait until all tasks are over, whose error is raised here."""
        while self._begun:
            self._begun.popleft().result.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            if self._pool:
                self._pool.shutdown(wait=True, cancel_futures=True)


class _Begun(NamedTuple):
    result: Future[None]
    events: int
