"""How far a run is: a bar on a terminal, elsewhere a line every tenth of the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from sim.cli.terminal import short

if TYPE_CHECKING:
    from analysis.runs import playing


class RunProgress:
    """Shows the progress of a run."""

    def __init__(self, out: Console, first: str, clock: Callable[[], float] = time.perf_counter) -> None:
        self._out, self._clock = out, clock
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[pace]}"),
            console=out,
            transient=True,
            expand=True,
            disable=not out.is_terminal,
        )
        self._task = self._bar.add_task(first, total=None, pace="")
        self._began: tuple[float, int, int] | None = None  # when, hours and auctions of the first call
        self._shown, self._tenths = clock(), 0
        if not out.is_terminal:
            self.say(first)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, now: playing.Progress) -> None:
        """Show how far the run is."""
        moment = self._clock()
        self._began = self._began or (moment, now.hour, now.auctions)
        done = now.hour == now.hours
        pace = "" if done else self._pace(moment, now)
        what = "storing the rows" if done else f"{now.day:%Y-%m-%d}"
        self._bar.update(self._task, description=what, completed=now.hour, total=now.hours, pace=pace)
        tenths = 10 * now.hour // now.hours
        if not (done or self._out.is_terminal) and tenths > self._tenths and moment - self._shown >= 1:
            self._shown, self._tenths = moment, tenths
            self.say(f"{100 * now.hour // now.hours:3} %  {what}  {pace}")

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._out.print(text, soft_wrap=True)

    def _pace(self, moment: float, now: playing.Progress) -> str:
        began, hours, auctions = self._began or (moment, now.hour, now.auctions)
        if moment <= began or now.hour <= hours:
            return ""
        rate = (now.auctions - auctions) / (moment - began)
        left = (moment - began) / (now.hour - hours) * (now.hours - now.hour)
        return f"{short(rate)} auctions/s, {timedelta(seconds=round(left))} left"
