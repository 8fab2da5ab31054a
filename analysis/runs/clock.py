"""How long a run takes: without compiling its loops, which happens once on a machine and no second time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, cast


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Yield what returns the seconds of the block so far, those of compiling left out."""
    from numba.core import event  # noqa: PLC0415 - runs that are only read need none of numba

    began, events = perf_counter(), cast("Any", event)  # ships no types
    with events.install_timer("numba:compile", lambda _: None) as compiling:
        yield lambda: perf_counter() - began - (compiling.duration if compiling.done else 0.0)
