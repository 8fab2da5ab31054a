"""Beside a run: what is done with its hours while it goes on, in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self


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
