"""How long a run takes does not count how long its loops took to compile."""

from __future__ import annotations

from itertools import count

import pytest
from numba.core import event

from analysis.runs import clock


def test_seconds_of_compiling_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = count()
    for owner, name in ((clock, "perf_counter"), (event, "timer")):
        monkeypatch.setattr(owner, name, lambda: next(moments))
    with clock.stopwatch() as seconds:
        assert seconds() == 1
        with event.trigger_event("numba:compile"):
            for _ in range(100):
                next(moments)
        assert seconds() == 3  # its two ends were asked for, a second each, and a hundred lie between
