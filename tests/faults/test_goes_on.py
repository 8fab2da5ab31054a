"""A run that was killed, whenever that was: nobody sees half of it, it goes on, and nothing stays behind."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from tests.faults.killed import Blow, Whole, blow_at, outlived, whole

MOMENTS = 20


@pytest.fixture(scope="module")
def wholes(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Whole]:
    """Return runs without and with events."""
    return {events: whole(tmp_path_factory.mktemp("whole"), events=events) for events in (False, True)}


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_killed_at_any_moment(moment: int, wholes: dict[bool, Whole], tmp_path: Path) -> None:
    # In one of twenty equal parts of the way, and now and then once more as it goes on.
    luck, events = random.Random(f"moment {moment}"), moment % 2 == 1
    ref = wholes[events]
    blow = blow_at(luck, ref.touches, moment / MOMENTS)
    twice = luck.random() < 0.5

    def again() -> Blow | None:
        return blow_at(luck, ref.touches, luck.random()) if twice else None

    ended = outlived(tmp_path, ref, blow, again, events=events)
    assert ended == -signal.SIGKILL


@pytest.mark.parametrize("back", range(36, 46))
def test_killed_about_the_commit(back: int, wholes: dict[bool, Whole], tmp_path: Path) -> None:
    blow = Blow(wholes[True].touches - back)
    assert outlived(tmp_path, wholes[True], blow, lambda: None, events=True) == -signal.SIGKILL


def test_a_run_that_is_over_leaves_its_rows_and_its_events(wholes: dict[bool, Whole]) -> None:
    assert wholes[False].files == ["ads.db"]
    assert not [name for name in wholes[True].files if "partial" in name or "/." in name]
    assert len(wholes[True].events) == 6  # events and bids of the three UTC days in which its two lie
