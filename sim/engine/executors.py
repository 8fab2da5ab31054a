"""Threads: how the shards of a tick are run, and what is done beside them. They change no result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Self, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Executor:
    """Runs as many shards at a time as it has *workers*: the compiled loops release Python's lock."""

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="shard") if workers > 1 else None

    def begin(self, task: Callable[[], R]) -> Callable[[], R]:
        """Let a worker do *task* after all that was begun before, and return what gives its result, once.

        One worker alone does it when the result is asked for.
        """
        return self._pool.submit(task).result if self._pool else task

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Return the results in the order of *items*."""
        begun = [self.begin(partial(function, item)) for item in items]
        return [result() for result in begun]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)


class Beside:
    """Runs one task at a time in a thread of its own, or at once where there is one worker only."""

    def __init__(self, workers: int = 1) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="beside") if workers > 1 else None
        self._last: Future[None] | None = None

    def run(self, task: Callable[[], None]) -> None:
        """Begin *task* when the one before it is over, whose error is raised here."""
        self.wait()
        if self._pool:
            self._last = self._pool.submit(task)
        else:
            task()

    def wait(self) -> None:
        """Wait until the task is over, whose error is raised here."""
        last, self._last = self._last, None
        if last:
            last.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            if self._pool:
                self._pool.shutdown(wait=True, cancel_futures=True)
