"""What the siege does, attack by attack: each trial is a number, so that one can be tried again alone."""

from __future__ import annotations

import random
import signal
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from scenarios import loader
from tests.faults.at_once import Job, at_once
from tests.faults.at_once import whole as stored
from tests.faults.killed import Blow, Whole, blow_at, outlived, whole

PROFILES = loader.names(loader.PROFILES)
Trial = Callable[[int], str]
"""Plays trial number …, and returns how it ended, in a word; an AssertionError, or any other, is a find."""


@cache
def ref(events: bool) -> Whole:
    """Return a run that nothing hits."""
    with tempfile.TemporaryDirectory() as folder:
        return whole(Path(folder), events=events)


def killed(trial: int) -> str:
    """Kill a run at a moment, now and then once more as it goes on, and let it go on."""
    return _hit(trial, signal.SIGKILL, "killed")


def interrupted(trial: int) -> str:
    """Press Ctrl-C at a moment, and let it go on."""
    return _hit(trial, signal.SIGINT, "interrupted")


def full(trial: int) -> str:
    """Let no file grow beyond some bytes, then make room, and let it go on."""
    luck, events = random.Random(f"full {trial}"), trial % 2 == 1
    # As many trials for each order of magnitude.
    blow = Blow(most_bytes=int(2 ** luck.uniform(0, 20)))
    with tempfile.TemporaryDirectory() as folder:
        ended = outlived(Path(folder), ref(events), blow, lambda: None, events=events)
    return "had room" if ended == 0 else "no room"


def _hit(trial: int, number: int, word: str) -> str:
    luck, events = random.Random(f"{word} {trial}"), trial % 2 == 1
    touches = ref(events).touches

    def again() -> Blow | None:
        return blow_at(luck, touches, luck.random(), number) if luck.random() < 0.3 else None

    with tempfile.TemporaryDirectory() as folder:
        blow = blow_at(luck, touches, luck.random(), number)
        ended = outlived(Path(folder), ref(events), blow, again, events=events)
    return "over by then" if ended == 0 else word


def together(trial: int) -> str:
    """Let two or four runs begin at once on one database, now and then beside creates: all are stored and whole."""
    luck = random.Random(f"together {trial}")
    runs = [Job(luck.randrange(1, 4)) for _ in range(luck.choice((2, 4)))]
    profiles = luck.sample(sorted(PROFILES), luck.choice((0, 1, 2)))
    jobs = [*runs, *(Job(profile=name) for name in profiles)]
    luck.shuffle(jobs)
    with tempfile.TemporaryDirectory() as folder:
        at_once(Path(folder), jobs)
        stored(Path(folder), jobs)
    return f"{len(runs)} runs"
