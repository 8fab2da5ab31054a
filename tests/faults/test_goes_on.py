"""A run that was killed, whenever that was: nobody sees half of it, it goes on, and nothing stays behind."""

from __future__ import annotations

import json
import random
import signal
from pathlib import Path
from typing import NamedTuple

import pytest

from analysis.runs import stored
from analysis.runs.rollback import database
from entities.errors import InputError
from tests.faults.killed import played
from tests.unit.cli.small import tree

MOMENTS = 20


class Whole(NamedTuple):
    """A run that nobody kills."""

    digest: str
    files: list[str]
    events: list[str]
    """The sums of its event files."""
    touches: int


def digests(folder: Path) -> list[str]:
    """Return the digests of the runs that a reader finds, each of which keeps all the laws."""
    if not (folder / "ads.db").exists():
        return []
    try:
        with database(str(folder / "ads.db")) as (engine, _):
            found = stored.runs(engine)
            assert not any(run.audit().broken for run in found)
            return [run.digest for run in found]
    except InputError:  # it has no tables yet
        return []


def files(folder: Path) -> list[str]:
    """Return what there is, but for what is named by a run."""
    return sorted(
        "/".join(part.partition("run_id=")[0] or "run" for part in Path(name).parts) for name in tree(folder)
    )


def sums(folder: Path) -> list[str]:
    """Return the sums of the event files that the manifests list."""
    found = [json.loads(path.read_text()) for path in folder.glob("events/run_id=*/manifest.json")]
    return [file["sha256"] for one in found for file in (*one["files"], *one["bids"]["files"])]


def whole(folder: Path, *, events: bool) -> Whole:
    """Return it, played in *folder*."""
    ended, touches = played(folder, events=events)
    assert ended == 0
    (digest,) = digests(folder)
    return Whole(digest, files(folder), sums(folder), touches)


@pytest.fixture(scope="module")
def wholes(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Whole]:
    """Return them without and with events."""
    return {events: whole(tmp_path_factory.mktemp("whole"), events=events) for events in (False, True)}


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_killed_at_any_moment(moment: int, wholes: dict[bool, Whole], tmp_path: Path) -> None:
    # One of twenty equal parts of the way, and a moment in it.
    luck, events = random.Random(f"moment {moment}"), moment % 2 == 1
    ref = wholes[events]
    at = ref.touches * moment // MOMENTS + luck.randrange(1, ref.touches // MOMENTS)
    ended, _ = played(tmp_path, at, events=events)
    assert ended == -signal.SIGKILL
    assert digests(tmp_path) in ([], [ref.digest])
    # Now and then it is killed again as it goes on.
    if luck.random() < 0.5:
        played(tmp_path, luck.randrange(1, ref.touches), events=events)
        assert digests(tmp_path) in ([], [ref.digest])
    ended, _ = played(tmp_path, events=events)
    assert ended == 0
    assert set(digests(tmp_path)) == {ref.digest}
    if len(digests(tmp_path)) == 1:  # else it was over when it was killed, and another one was played
        assert files(tmp_path) == ref.files
        assert sums(tmp_path) == ref.events


def test_a_run_that_is_over_leaves_its_rows_and_its_events(wholes: dict[bool, Whole]) -> None:
    assert wholes[False].files == ["ads.db"]
    assert not [name for name in wholes[True].files if "partial" in name or "/." in name]
    assert len(wholes[True].events) == 6  # events and bids of the three UTC days in which its two lie
