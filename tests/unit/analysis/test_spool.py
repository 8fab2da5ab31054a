"""The spool: a bounded number of hours in memory, all of them at the end, nothing left behind."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from analysis.rows.performance import Rows
from analysis.runs.recording import Spool


def rows(number: int) -> Rows:
    frame = pl.DataFrame({"number": [number]})
    return Rows(*(frame for _ in Rows._fields))


def test_hours_come_back_in_order_and_few_wait_in_memory(tmp_path: Path) -> None:
    with closing(Spool(hours_per_file=24, within=tmp_path)) as spool:
        waiting = 0
        for number in range(100):
            waiting = 0 if spool.append(rows(number)) else waiting + 1
            assert waiting < 24
        spool.flush()
        assert spool.flush() is None
        for table in Rows._fields:
            frames = list(spool.read(table))
            assert pl.concat(frames)["number"].to_list() == list(range(100))
            assert max(frame.height for frame in frames) == 24
        assert list(spool.read("performance"))
    assert list(tmp_path.iterdir()) == []


def test_an_empty_spool_reads_nothing(tmp_path: Path) -> None:
    with closing(Spool(within=tmp_path)) as spool:
        assert list(spool.read("performance")) == []


def test_the_folder_goes_when_the_run_fails(tmp_path: Path) -> None:
    def fail() -> None:
        with closing(Spool(hours_per_file=1, within=tmp_path)) as spool:
            spool.append(rows(1))
            assert list(tmp_path.iterdir())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []
