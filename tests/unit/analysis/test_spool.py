"""The spool: a bounded number of hours in memory, all of them at the end, nothing left behind."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from analysis.rows import performance
from analysis.rows.performance import Batch, Hours, Rows
from analysis.runs import spool as spools
from analysis.runs.spool import Spool
from entities.errors import InputError
from tests.unit.analysis.synthetic import Market, columns


def rows(number: int) -> Rows:
    frame = pl.DataFrame({"number": [number]})
    return Rows(*(frame for _ in Rows._fields))


def test_a_day_of_hours_is_counted_at_once() -> None:
    market, taken = Market(columns(), events=10), list[Hours]()
    batch = Batch(taken.append)
    for _ in range(60):
        batch.add(market.hour())
    assert [len(hours) for hours in taken] == [24, 24]
    batch.flush()
    batch.flush()
    assert [hour.hour for hours in taken for hour in hours] == list(range(60))


def test_fewer_hours_wait_where_each_has_many_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performance, "EVENTS_TOGETHER", 25)
    market, taken = Market(columns(), events=10), list[Hours]()
    batch = Batch(taken.append)
    for _ in range(7):
        batch.add(market.hour())
    assert [len(hours) for hours in taken] == [3, 3]


@pytest.mark.parametrize("together", [1, 7, 1000])
def test_rows_come_back_in_order(together: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spools, "ROWS_TOGETHER", together)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with closing(Spool()) as spool:
        for number in range(100):
            spool.append(rows(number))
        for table in Rows._fields:
            assert pl.concat(spool.read(table))["number"].to_list() == list(range(100))
        assert len(list(tmp_path.rglob("*.parquet"))) == len(Rows._fields) * (100 // together)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_spool_reads_nothing() -> None:
    with closing(Spool()) as spool:
        assert list(spool.read("performance")) == []


def test_the_folder_goes_when_the_run_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fail() -> None:
        with closing(Spool()) as spool:
            spool.append(rows(1))
            assert list(tmp_path.iterdir())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_rows_that_are_kept_are_there_for_the_next_process(tmp_path: Path) -> None:
    first = Spool(tmp_path)
    first.append(rows(0))
    kept = first.keep()
    assert {table: len(sums) for table, sums in kept.items()} == dict.fromkeys(Rows._fields, 1)
    assert first.keep() == kept  # there is nothing new
    first.append(rows(7))
    first.keep()  # and nobody noted that it was
    second = Spool(tmp_path, kept)
    second.append(rows(1))
    assert {len(sums) for sums in second.keep().values()} == {2}
    for table in Rows._fields:
        assert pl.concat(second.read(table))["number"].to_list() == [0, 1]
    second.close()
    file = tmp_path / "performance-00000.parquet"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"performance-00000\.parquet: is damaged"):
        Spool(tmp_path, kept)
