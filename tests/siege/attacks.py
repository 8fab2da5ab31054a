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
from tests.faults.killed import Blow, Losses, Whole, blow_at, outlived, whole

_CALLS_OF_WORKERS = {"foresee": 96, "play": 96, "close": 6}
"""How many there are of each in a run, about."""
PROFILES = loader.names(loader.PROFILES)
Trial = Callable[[int], str]
"""Plays trial number …, and returns how it ended, in a word; an AssertionError, or any other, is a find."""


@cache
def ref(events: bool, processes: bool = False) -> Whole:
    """Return a run that nothing hits."""
    with tempfile.TemporaryDirectory() as folder:
        return whole(Path(folder), events=events, losses={} if processes else None)


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


def bereft(trial: int) -> str:
    """Kill worker processes at some of their calls, in every other trial also the one that began them."""
    luck, unhurt = random.Random(f"bereft {trial}"), ref(events=True, processes=True)
    losses: Losses = {}
    # With three losses the run would be given up.
    for name in luck.choices(sorted(_CALLS_OF_WORKERS), k=luck.choice((1, 2))):
        losses.setdefault(name, set()).add(luck.randrange(1, _CALLS_OF_WORKERS[name]))
    blow = blow_at(luck, unhurt.touches, luck.random()) if trial % 2 else Blow()
    with tempfile.TemporaryDirectory() as folder:
        outlived(Path(folder), unhurt, blow, lambda: None, events=True, losses=losses)
    return "workers, and who began them" if trial % 2 else "workers"


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
