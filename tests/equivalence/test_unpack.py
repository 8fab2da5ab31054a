"""The compiled columns of won slots are those that are read one by one."""

from __future__ import annotations

import numpy as np
import pytest

from sim import kernels, reference
from sim.events import COLUMNS_BY_TYPE, EVENT
from tests.same import assert_same_table


@pytest.mark.parametrize("records", [0, 1, 300])
def test_random_records(records: int) -> None:
    rng = np.random.default_rng(records)
    events = rng.integers(256, size=(records, EVENT.itemsize), dtype=np.uint8).reshape(-1).view(EVENT)
    found = []
    for unpack in (kernels.unpack, reference.unpack):
        shapes = ((len(names), records + 5) for names in COLUMNS_BY_TYPE.values())
        tables = tuple(np.full(shape, 7, kind) for shape, kind in zip(shapes, COLUMNS_BY_TYPE, strict=True))
        unpack(events, 3, tables)
        found.append(tables)
    for compiled, readable in zip(*found, strict=True):
        assert_same_table(readable, compiled)
        assert (compiled[:, :3] == 7).all()
        assert (compiled[:, records + 3 :] == 7).all()


def test_every_column_is_unpacked() -> None:
    assert sorted(name for names in COLUMNS_BY_TYPE.values() for name in names) == sorted(EVENT.names or ())
