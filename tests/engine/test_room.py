"""Room for events is used again, and never twice before it is emptied."""

from __future__ import annotations

import numpy as np
import pytest

from sim import kernels, reference
from sim.engine.hashed import Hashed
from sim.engine.room import Room
from sim.engine.traffic import Loops
from sim.events import EVENT, events_digest


def filled(room: Room, wanted: int, won: int, mark: int) -> np.ndarray:
    events = room.most(wanted)
    assert len(events) == wanted
    events["slot_id"] = -1
    kept = events[:won]
    kept["slot_id"] = mark
    room.fill(won)
    return kept


def test_no_tick_writes_where_another_one_is_kept() -> None:
    room, rng, kept = Room(), np.random.default_rng(1), []
    for mark in range(200):
        wanted = int(rng.integers(0, 1000))
        kept.append(filled(room, wanted, int(rng.integers(0, wanted + 1)), mark))
    for mark, events in enumerate(kept):
        assert (events["slot_id"] == mark).all()


def test_what_nobody_looks_at_is_used_again() -> None:
    room = Room()
    before = room.most(100)
    room.fill(90)
    room.empty(again=True)
    assert np.shares_memory(before, room.most(100))
    room.empty(again=False)
    assert not np.shares_memory(before, room.most(100))


@pytest.mark.parametrize("loops", [kernels, reference], ids=["compiled", "readable"])
def test_ticks_are_hashed_as_their_events_are(loops: Loops) -> None:
    rng, hashed = np.random.default_rng(2), Hashed(loops)
    for count in (40, 0, 300, 7):
        events = rng.integers(2, size=(count, EVENT.itemsize), dtype=np.uint8).reshape(-1).view(EVENT)
        events["ghost"] = 0
        ends = np.sort(rng.integers(0, count + 1, 3))
        ends[-1] = count
        parts = np.split(events, ends[:-1])
        assert hashed.digests(events, ends) == b"".join(map(events_digest, parts))
