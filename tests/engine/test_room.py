"""Room for events is used again, and never twice before it is emptied."""

from __future__ import annotations

import numpy as np
import pytest

from sim import kernels, reference
from sim.engine.executors.here import here
from sim.engine.hashed import Hashed
from sim.engine.room import Room
from sim.engine.run import Simulation
from sim.engine.setup import Setup
from sim.engine.traffic import Loops
from sim.events import EVENT, events_digest
from tests.bookings import book, campaign, line_item, market


def filled(room: Room, wanted: int, won: int, mark: int) -> np.ndarray:
    events = room.most(wanted)
    assert len(events) == wanted
    events["slot_id"] = -1
    kept = events[:won]
    kept["slot_id"] = mark
    room.fill(won)
    return kept


@pytest.mark.parametrize("again", [True, False])
def test_no_tick_writes_where_another_one_is_kept(again: bool) -> None:
    room, rng, kept = Room(again=again), np.random.default_rng(1), []
    for mark in range(200):
        wanted = int(rng.integers(0, 1000))
        kept.append(filled(room, wanted, int(rng.integers(0, wanted + 1)), mark))
    for mark, events in enumerate(kept):
        assert (events["slot_id"] == mark).all()


@pytest.mark.parametrize("again", [True, False])
def test_what_nobody_looks_at_is_used_again(again: bool) -> None:
    room = Room(again=again)
    before = room.most(100)
    room.fill(90)
    room.empty()
    assert np.shares_memory(before, room.most(100)) == again


@pytest.mark.parametrize("sends", [True, False])
def test_a_market_uses_it_again_unless_events_leave_it(sends: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    where, handed = market(days=3), []

    class Watched(Room):
        def most(self, records: int) -> np.ndarray:
            handed.append(super().most(records))
            return handed[-1]

    monkeypatch.setattr("sim.engine.batch.Room", Watched)
    setup = Setup(where, book([campaign([line_item(lifetime_budget=900)])], where), 1)
    Simulation(setup, lambda _: None, here(), sends=sends).run()
    days = [handed[24 * day : 24 * (day + 1)] for day in range(3)]
    assert [len(each) for each in days] == [24] * 3
    assert any(np.shares_memory(days[0][0], each) for each in days[2]) != sends


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
