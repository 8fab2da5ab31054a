"""The processes that play replications, one on each core, begun once for all of them."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, Generic, NamedTuple, Self, TypeVar

from entities.errors import PacelineError

EXECUTORS = ("processes", "serial")
What = TypeVar("What")
Result = TypeVar("Result")
_playing: list[Callable[[Any], Any]] = []


class KilledError(PacelineError):
    """A process that plays was killed from outside, as systems do that run out of memory."""


class Failed(NamedTuple, Generic[What]):
    """A replication that came to nothing, and why."""

    task: What
    error: str


class Workers(Generic[What, Result]):
    """Plays tasks with a function, as many at a time as there are *workers*; one does it right here.

    The function goes to each process once, and each task when its turn comes.
    """

    def __init__(self, play: Callable[[What], Result], workers: int = 1) -> None:
        self.workers, self._play = workers, play
        self._pool: ProcessPoolExecutor | None = None

    def play(self, tasks: Iterable[What]) -> Iterator[Result | Failed[What]]:
        """Yield what comes of *tasks*, as it comes: in their order with one worker."""
        if self.workers == 1:
            yield from (_played(self._play, task) for task in tasks)
            return
        try:
            yield from self._spread(tasks)
        except BrokenProcessPool:
            raise KilledError("a worker process was killed, perhaps for want of memory") from None

    def _spread(self, tasks: Iterable[What]) -> Iterator[Result | Failed[What]]:
        pool = self._pool = self._pool or self._begun()
        waiting: dict[Future[Result | Failed[What]], int] = {}
        left = enumerate(tasks)
        while True:
            # A few ahead of the workers, so that none waits, and no more, so that a study can end early.
            with _deaf():  # workers begin with a task, and Ctrl-C is for whoever asked
                for number, task in left:
                    waiting[pool.submit(_play_there, task)] = number
                    if len(waiting) >= 2 * self.workers:
                        break
            if not waiting:
                return
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda one: waiting[one]):
                del waiting[future]
                yield future.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
            if kind is not None:  # what they play is worth nothing any more
                for child in multiprocessing.active_children():
                    child.terminate()

    def _begun(self) -> ProcessPoolExecutor:
        # Spawned, not forked: a fork copies the locks of threads that it does not have.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.workers, context, _begin, (self._play,))


@contextmanager
def _deaf() -> Iterator[None]:
    # Blocked and not ignored: it comes when the block is over, but never to processes that begin in it.
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(play: Callable[[Any], Any]) -> None:
    # Ctrl-C is for whoever asked; it ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _playing[:] = [play]


def _play_there(task: What) -> Any:
    return _played(_playing[0], task)


def _played(play: Callable[[What], Result], task: What) -> Result | Failed[What]:
    try:
        return play(task)
    except Exception as error:  # noqa: BLE001 - one replication that fails leaves the others
        return Failed(task, f"{type(error).__name__}: {error}")
