"""How far a study is: a bar on a terminal, elsewhere a line every tenth of the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from rich.progress import BarColumn, Progress, TextColumn

if TYPE_CHECKING:
    from rich.console import Console

    from analysis.study import run as study


class StudyProgress:
    """Shows how far a study is: replications, their speed and the time left."""

    def __init__(self, out: Console, clock: Callable[[], float] = time.perf_counter) -> None:
        self._out, self._clock = out, clock
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.completed:.0f} of {task.total:.0f}"),
            TextColumn("{task.fields[left]}"),
            console=out,
            transient=True,
            expand=True,
            disable=not out.is_terminal,
        )
        self._task = self._bar.add_task("starting", total=None, left="")
        self._began, self._tenths = clock(), 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, now: study.Progress) -> None:
        """Show how far the study is."""
        played, over = now.done - now.before, now.done + len(now.failed)
        left = ""
        if played:
            seconds = (self._clock() - self._began) / played * (now.total - over)
            left = f"{timedelta(seconds=round(seconds))} left"
        self._bar.update(self._task, description="playing", completed=over, total=now.total, left=left)
        tenths = 10 * over // max(now.total, 1)
        if not self._out.is_terminal and (not played or tenths > self._tenths) and over < now.total:
            self._tenths = tenths
            known = f", {now.before:,} known already" if not played and now.before else ""
            self._out.print(f"{over:,} of {now.total:,} replications{known}  {left}".rstrip(), soft_wrap=True)
