"""How long a run takes: without compiling its loops, which happens once on a machine and no second time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from numba.core import event

_events: Any = event  # ships no types


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Yield what returns the seconds of the block so far, those of compiling left out."""
    began = perf_counter()
    with _events.install_timer("numba:compile", lambda _: None) as compiling:
        yield lambda: perf_counter() - began - (compiling.duration if compiling.done else 0.0)
