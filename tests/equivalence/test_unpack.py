"""The compiled columns of won slots are those that are read one by one."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sim import kernels, reference
from sim.events import ALWAYS, COLUMNS_BY_TYPE, COUNTED_COLUMNS, EVENT, OPTIONAL, bytes_of
from tests.same import assert_same_table


@pytest.mark.parametrize("records", [0, 1, 300])
@pytest.mark.parametrize(
    ("name", "columns"), [("unpack", COLUMNS_BY_TYPE), ("unpack_counted", COUNTED_COLUMNS)]
)
def test_random_records(records: int, name: str, columns: dict[str, tuple[str, ...]]) -> None:
    rng = np.random.default_rng(records)
    events = rng.integers(256, size=(records, EVENT.itemsize), dtype=np.uint8).reshape(-1).view(EVENT)
    found = []
    for loops in (kernels, reference):
        tables = tuple(np.full((len(names), records + 5), 7, kind) for kind, names in columns.items())
        getattr(loops, name)(events, 3, tables)
        found.append(tables)
    for compiled, readable in zip(*found, strict=True):
        assert_same_table(readable, compiled)
        assert (compiled[:, :3] == 7).all()
        assert (compiled[:, records + 3 :] == 7).all()


@pytest.mark.parametrize("ends", [[0], [1], [0, 40, 40, 41, 300], [300, 300]])
@pytest.mark.parametrize("share", [0, 0.02, 1])
def test_what_is_hashed(ends: list[int], share: float) -> None:
    rng = np.random.default_rng(ends)
    events = rng.integers(256, size=(ends[-1], EVENT.itemsize), dtype=np.uint8).reshape(-1).view(EVENT)
    for column in OPTIONAL:
        events[column] *= rng.random(len(events)) < share
    found = []
    for loops in (kernels, reference):
        packed = np.full((len(events) + 2, ALWAYS.itemsize), 7, np.uint8)
        used = np.zeros((len(ends), len(OPTIONAL)), np.bool_)
        loops.pack(bytes_of(events), np.array(ends), packed, used)
        found.append((packed, used))
    (packed, used), (readable, known) = found
    assert (
        packed.tobytes()
        == readable.tobytes()
        == events[list(ALWAYS.names or ())].astype(ALWAYS).tobytes() + 2 * bytes([7] * ALWAYS.itemsize)
    )
    shards = [events[begin:end] for begin, end in pairwise([0, *ends])]
    there = [[bool(shard[column].any()) for column in OPTIONAL] for shard in shards]
    assert used.tolist() == known.tolist() == there


def test_every_column_is_unpacked() -> None:
    assert sorted(name for names in COLUMNS_BY_TYPE.values() for name in names) == sorted(EVENT.names or ())


def test_every_counted_column_has_a_type_that_is_read() -> None:
    names = [name for each in COUNTED_COLUMNS.values() for name in each]
    assert len(names) == len(set(names))
    assert {EVENT[name].str[1:] for name in names} == set(COUNTED_COLUMNS)
