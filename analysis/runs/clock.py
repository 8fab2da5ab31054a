"""How long a run takes, and when it was over: by a clock that never steps back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic, perf_counter
from typing import Any, cast

from analysis.runs.versions import now


@dataclass(frozen=True, slots=True)
class Began:
    """When something began: what follows it is later, even where the clock of the machine was set back."""

    at: datetime = field(default_factory=now)
    _since: float = field(default_factory=monotonic)

    def passed(self) -> datetime:
        """Return the moment it is now, counted from the beginning."""
        return self.at + timedelta(seconds=monotonic() - self._since)


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    """Yield what returns the seconds of the block so far.

    Those of compiling are left out: it happens once on a machine, and no second time.
    """
    from numba.core import event  # noqa: PLC0415 - runs that are only read need none of numba

    began, events = perf_counter(), cast("Any", event)  # ships no types
    with events.install_timer("numba:compile", lambda _: None) as compiling:
        yield lambda: perf_counter() - began - (compiling.duration if compiling.done else 0.0)
