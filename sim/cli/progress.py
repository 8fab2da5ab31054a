"""How far a run is, or many of them: a bar on a terminal, elsewhere a line every tenth of the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn

from sim.cli.echo import echo
from sim.cli.terminal import short, size

if TYPE_CHECKING:
    from analysis.explain import replays
    from analysis.runs import playing
    from analysis.study import run as study

COMPILING = "compiling, once; half a minute to a minute"
"""What is said before the loops of a run compile, which they do after an installation or a change of them."""
LONG_S = 10
"""Seconds from which it is told what a run takes of memory and disk."""
LONG_UNASKED_S = 60
"""The same with --quiet and --json, on stderr."""


class _Bar:
    # On a terminal, and gone when it is over.

    def __init__(self, out: Console, first: str, how_far: ProgressColumn, clock: Callable[[], float]) -> None:
        self._out, self._clock = out, clock
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            how_far,
            TextColumn("{task.fields[beside]}"),
            console=out,
            transient=True,
            expand=True,
            disable=not out.is_terminal,
        )
        self._task = self._bar.add_task(first, total=None, beside="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._out.print(text.rstrip(), soft_wrap=True)

    def _move(self, what: str, completed: float, total: float, beside: str) -> None:
        self._bar.update(self._task, description=what, completed=completed, total=total, beside=beside)


def _percent() -> ProgressColumn:
    return TextColumn("{task.percentage:>3.0f} %")


class Taken(NamedTuple):
    """What a run takes of the machine."""

    memory_bytes: int
    """Peak of the process."""
    events_bytes: int | None
    """Files of events so far; None for a run without."""


class RunProgress(_Bar):
    """Shows the progress of a run."""

    def __init__(
        self,
        out: Console,
        first: str,
        clock: Callable[[], float] = time.perf_counter,
        taken: Callable[[], Taken] | None = None,
    ) -> None:
        """Show *first* until the first hour is over; *taken* is what the run takes of the machine so far."""
        super().__init__(out, first, _percent(), clock)
        from analysis.runs.price import Meter

        self._meter, self._taken = Meter(), taken
        self._began: tuple[float, float] | None = None  # when the first hours came, and the auctions played
        self._shown, self._tenths = clock(), 0
        if not out.is_terminal:
            self.say(first)

    def __call__(self, now: playing.Progress) -> None:
        """Show how far the run is."""
        moment = self._clock()
        self._began = self._began or (moment, _auctions(now))
        self._meter.add(moment, now)
        done = now.hour == now.hours
        pace = "" if done else self._pace(moment, now)
        what = "storing the rows" if done else f"{now.day:%Y-%m-%d}"
        self._move(what, now.hour, now.hours, pace)
        tenths = 10 * now.hour // now.hours
        if not (done or self._out.is_terminal) and tenths > self._tenths and moment - self._shown >= 1:
            self._shown, self._tenths = moment, tenths
            self.say(f"{100 * now.hour // now.hours:3} %  {what}  {pace}")
        least = LONG_UNASKED_S if self._out.quiet else LONG_S
        if self._taken and not done and (price := self._price(self._taken, least)):
            self._taken = None  # it is told once
            if self._out.quiet:
                with suppress(OSError):
                    echo(f"note: {price}", err=True)
            else:
                self.say(price)

    def _pace(self, moment: float, now: playing.Progress) -> str:
        played = _auctions(now)
        began, before = self._began or (moment, played)
        if moment <= began or self._meter.stretches < 2:
            return ""
        rate, left = (played - before) / (moment - began), self._meter.seconds()
        ends = "" if left is None else f", {timedelta(seconds=round(left))} left"
        return f"{short(rate)} auctions/s{ends}"

    def _price(self, taken: Callable[[], Taken], least: float) -> str:
        # Of a long run, when it can be foretold; memory that events take grows with line items in flight.
        left, disk = self._meter.seconds(), self._meter.database_bytes()
        if left is None or disk is None or left < least:
            return ""
        now = taken()
        if now.events_bytes is None:
            needs = f"{size(self._meter.memory_bytes(now.memory_bytes))} of memory and {size(disk)} of disk"
        elif (events := self._meter.events_bytes(now.events_bytes)) is not None:
            needs = f"{size(disk)} of disk, and {size(events)} for events"
        else:
            return ""
        return f"about {timedelta(seconds=round(left))} left; at the end it has taken {needs}"


def _auctions(now: playing.Progress) -> float:
    # Of the hours that are played, which come together later, as the forecast has it.
    expected = now.expected
    return now.auctions * (expected.played.slots / expected.slots if expected.slots else 1.0)


class ReplayProgress(_Bar):
    """Shows the progress of replays of one market, each about as long as it took before."""

    def __init__(self, out: Console, seconds: float, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(out, "playing again", _percent(), clock)
        self._seconds = seconds
        self._began, self._shown, self._tenths = clock(), clock(), 0

    def __call__(self, now: replays.Progress) -> None:
        """Show how far the replays are; first of all, how long they take."""
        moment, share = self._clock(), (now.run - 1 + now.share) / now.runs
        if self._tenths == 0:
            self._tenths = 1
            took = timedelta(seconds=round(self._seconds * now.runs))
            each = f"{self._seconds:.1f} s each as it took then, {took} in all"
            self.say(f"up to {now.runs} runs, about {each}")
        left = timedelta(seconds=round((moment - self._began) * (1 / share - 1)))
        what = f"run {now.run} of {now.runs}"
        self._move(what, share, 1, f"{left} left")
        if not self._out.is_terminal and 10 * share > self._tenths and moment - self._shown >= 1:
            self._shown, self._tenths = moment, int(10 * share) + 1
            self.say(f"{100 * share:3.0f} %  {what}, {left} left")


class StudyProgress(_Bar):
    """Shows how far a study is: replications, their speed and the time left."""

    def __init__(self, out: Console, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(out, "starting", MofNCompleteColumn(separator=" of "), clock)
        self._began, self._tenths = clock(), 0

    def __call__(self, now: study.Progress) -> None:
        """Show how far the study is."""
        played, over = now.done - now.before, now.done + len(now.failed)
        left = ""
        if played:
            seconds = (self._clock() - self._began) / played * (now.total - over)
            left = f"{timedelta(seconds=round(seconds))} left"
        self._move("playing", over, now.total, left)
        tenths = 10 * over // max(now.total, 1)
        if not self._out.is_terminal and (not played or tenths > self._tenths) and over < now.total:
            self._tenths = tenths
            known = f", {now.before:,} known already" if not played and now.before else ""
            self.say(f"{over:,} of {now.total:,} replications{known}  {left}")
