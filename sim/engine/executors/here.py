"""Workers of this process: the calling thread, or threads, as compiled loops release Python's lock."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar

from sim.engine.executors import Executor, Host

_LOCK_S = 0.0002
"""How long a thread waits for Python's lock until it asks for it, in place of Python's 5 ms."""
T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")


class Serial(Executor):
    """The calling thread, which does what was begun when a result is asked for."""

    workers = 1
    remote = False

    @property
    def sites(self) -> int:
        """Return one: nothing is done beside it."""
        return 1

    def host(self, make: Callable[[], T]) -> Host[T]:
        """Return what is made when it is needed first."""
        return _Lazy(make)

    def __exit__(self, *_: object) -> None:
        return


class Threads(Executor):
    """Threads, which do at once what they are told."""

    remote = False

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._threads: list[ThreadPoolExecutor] = []

    @property
    def sites(self) -> int:
        """Return one for each thread: two would let them end at one time, and cost more than that gains."""
        return self.workers

    def host(self, make: Callable[[], T]) -> Host[T]:
        """Return what a thread of its own makes now."""
        thread = ThreadPoolExecutor(1, thread_name_prefix="site")
        self._threads.append(thread)
        return _Threaded(thread, make)

    def __enter__(self) -> Self:
        _PATIENCE.shorten()
        return self

    def __exit__(self, *_: object) -> None:
        _PATIENCE.restore()
        for thread in self._threads:
            thread.shutdown(wait=False, cancel_futures=True)
        for thread in self._threads:
            thread.shutdown(wait=True)


class _Patience:
    # How long threads wait for Python's lock, of which a process has one: less while any run has threads.
    # One that comes out of a loop waits while the calling thread plans, and loops are not much longer.
    def __init__(self) -> None:
        self._lock, self._runs, self._before = Lock(), 0, 0.0

    def shorten(self) -> None:
        with self._lock:
            self._runs += 1
            if self._runs == 1:
                self._before = sys.getswitchinterval()
                sys.setswitchinterval(min(self._before, _LOCK_S))

    def restore(self) -> None:
        with self._lock:
            self._runs -= 1
            if self._runs == 0:
                sys.setswitchinterval(self._before)


_PATIENCE = _Patience()


def here(workers: int = 1) -> Executor:
    """Return the executor of so many *workers* in this process."""
    return Threads(workers) if workers > 1 else Serial()


class _Lazy(Host[T], Generic[T]):
    def __init__(self, make: Callable[[], T]) -> None:
        self._make, self._hosted = make, list[T]()
        self._begun: deque[tuple[Future[Any], Callable[[T], Any]]] = deque()

    def begin(
        self, method: Callable[Concatenate[T, P], R], *given: P.args, **named: P.kwargs
    ) -> Callable[[], R]:
        result: Future[R] = Future()
        self._begun.append((result, lambda hosted: method(hosted, *given, **named)))
        return partial(self._result, result)

    def _result(self, asked: Future[R]) -> R:
        while not asked.done():
            if not self._hosted:
                self._hosted.append(self._make())
            result, call = self._begun.popleft()
            result.set_result(call(self._hosted[0]))
        return asked.result()


class _Threaded(Host[T], Generic[T]):
    # Threads that share what there is to do would wait for each other: who comes to a site first would hold
    # a thread up until the site is free, while the other site has things to do.
    def __init__(self, thread: ThreadPoolExecutor, make: Callable[[], T]) -> None:
        self._thread = thread
        self._made = thread.submit(make)
        self._last: Future[Any] = self._made

    def begin(
        self, method: Callable[Concatenate[T, P], R], *given: P.args, **named: P.kwargs
    ) -> Callable[[], R]:
        before, made = self._last, self._made

        def call() -> R:
            before.result()  # it is done, and raises what nobody asked for
            return method(made.result(), *given, **named)

        self._last = begun = self._thread.submit(call)
        return begun.result
