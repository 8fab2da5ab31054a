"""A process that plays a run and is struck at one of its dealings with files; and what must be true after it."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import closing
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any, NamedTuple

from analysis.rows.events_of import events_of
from analysis.runs import simulate as runs
from analysis.runs import stored
from analysis.runs.checkpoints import every
from analysis.runs.rollback import database
from analysis.runs.unfinished import left
from entities.errors import InputError
from scenarios.loader import load
from tests.engine.test_executors import doomed
from tests.unit.cli.small import tree

MARKET = (
    "market.population.viewers=60",
    "campaigns.0.campaign.line_items.0.lifetime_budget=10",
    "campaigns.1.campaign.line_items.0.lifetime_budget=4",
)
_TOUCHING = ("open", "os.", "shutil.", "sqlite3.", "fcntl.")
"""What audit events of dealings with files begin with."""
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.warm"])  # so that each process has all of it ready


class Blow(NamedTuple):
    """What hits a process, and at which of its dealings with files; none at 0."""

    at: int = 0
    number: int = signal.SIGKILL
    most_bytes: int | None = None
    """Of a file, where the disk takes no more."""


class Whole(NamedTuple):
    """A run that nothing hits."""

    digest: str
    files: list[str]
    events: list[str]
    """The sums of its event files."""
    touches: int


Losses = dict[str, set[int]]
"""At which of their calls worker processes are killed, by the names of the calls."""


def played(
    folder: Path, blow: Blow | None = None, *, events: bool = False, losses: Losses | None = None
) -> tuple[int | None, int]:
    """Return how a process ended that plays the market into `ads.db`, and how often it touched a file.

    Where a run was broken off there, it goes on with that. Its *events* go to a folder of that name. With
    *losses*, none or some, processes play it.
    """
    touches = _context.Value("q", 0)
    process = _context.Process(target=_play, args=(folder, blow or Blow(), events, losses, touches))
    process.start()
    process.join()
    with closing(process):
        return process.exitcode, touches.value


def _play(folder: Path, blow: Blow, events: bool, losses: Losses | None, touches: Synchronized[int]) -> None:
    os.chdir(folder)
    os.environ["TMPDIR"] = str(folder)
    sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - to the end of this process

    def watch(event: str, _: Any) -> None:
        if event.startswith(_TOUCHING):
            touches.value += 1
            if touches.value == blow.at:
                os.kill(os.getpid(), blow.number)

    sys.addaudithook(watch)
    if blow.most_bytes is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (blow.most_bytes, blow.most_bytes))
    how: dict[str, Any] = {} if losses is None else {"executor": doomed(losses), "workers": 2}
    with database("ads.db", create=True) as (engine, _):
        if found := left(engine):
            runs.resume(engine, found[0].run_id, **how)
        else:
            more: dict[str, Any] = (
                {"events": Path("events"), "events_of": events_of("lost:30%")} if events else {}
            )
            runs.simulate(engine, load("smoke", MARKET), keep_every=every("hours:9"), **more, **how)


def whole(folder: Path, *, events: bool, losses: Losses | None = None) -> Whole:
    """Return a run played in *folder*, which must be good."""
    ended, touches = played(folder, events=events, losses=losses)
    assert ended == 0
    (digest,) = _digests(folder)
    return Whole(digest, _files(folder), _sums(folder), touches)


def outlived(
    folder: Path,
    ref: Whole,
    blow: Blow,
    again: Callable[[], Blow | None],
    *,
    events: bool,
    losses: Losses | None = None,
) -> int | None:
    """Return how the process ended that *blow* hit; what it left goes on to the same run, or it asserts.

    Going on it may be hit *again*. Readers never see half of a run, and nothing stays behind.
    """
    ended, _ = played(folder, blow, events=events, losses=losses)
    assert _digests(folder) in ([], [ref.digest])
    if more := again():
        played(folder, more, events=events, losses=losses)
        assert _digests(folder) in ([], [ref.digest])
    good, _ = played(folder, events=events, losses=losses)
    assert good == 0
    assert set(_digests(folder)) == {ref.digest}
    if len(_digests(folder)) == 1:  # else it was over when it was hit, and another one was played
        assert _files(folder) == ref.files
        assert _sums(folder) == ref.events
    return ended


def blow_at(luck: random.Random, touches: int, part: float, number: int = signal.SIGKILL) -> Blow:
    """Return a blow at that *part* of the way of a run, from 0 to 1, or a little later."""
    return Blow(1 + int(touches * part) + luck.randrange(max(touches // 50, 1)), number)


def _digests(folder: Path) -> list[str]:
    # Of the runs that a reader finds, each of which keeps all the laws.
    if not (folder / "ads.db").exists():
        return []
    try:
        with database(str(folder / "ads.db")) as (engine, _):
            found = stored.runs(engine)
            assert not any(run.audit().broken for run in found)
            return [run.digest for run in found]
    except InputError:  # it has no tables yet
        return []


def _files(folder: Path) -> list[str]:
    # All that there is, but for what is named by a run.
    return sorted(
        "/".join(part.partition("run_id=")[0] or "run" for part in Path(name).parts) for name in tree(folder)
    )


def _sums(folder: Path) -> list[str]:
    # Of the event files that the manifests list.
    found = [json.loads(path.read_text()) for path in folder.glob("events/run_id=*/manifest.json")]
    return [file["sha256"] for one in found for file in (*one["files"], *one["bids"]["files"])]
