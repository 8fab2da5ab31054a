"""Ticks of a recorded log: with minutes, one without an auction is one all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from analysis.replay.log import LogColumns, read
from analysis.replay.replay import ReplayTerms, replay
from entities.errors import InputError
from sim.pacing.asap import Asap

HOURS = [0, 0, 2, 25, 25, 48]
"""Two auctions in the first hour, one in the third, two in the second of the next day, one a day later."""


def written(folder: Path, tick: list[object]) -> Path:
    file = folder / "log.parquet"
    pl.DataFrame({"value": [1.0] * len(tick), "price": [0.5] * len(tick), "tick": tick}).write_parquet(file)
    return file


def test_an_hour_without_an_auction_is_an_hour(tmp_path: Path) -> None:
    file = written(tmp_path, list(HOURS))
    assert read(file, LogColumns(tick="tick")).bounds.tolist() == [0, 2, 3, 5, 6]
    log = read(file, LogColumns(tick="tick", tick_minutes=60))
    assert log.ticks == 49
    met = replay(log, Asap(), ReplayTerms(10**9, tick_minutes=60)).trace()["auctions"].to_list()
    assert {hour: count for hour, count in enumerate(met) if count} == {0: 2, 2: 1, 25: 2, 48: 1}


def test_moments_fall_into_ticks_of_so_many_minutes(tmp_path: Path) -> None:
    moments = [datetime(2026, 11, 2 + h // 24, h % 24, n, tzinfo=UTC) for n, h in enumerate(HOURS)]
    file = written(tmp_path, list(moments))
    log = read(file, LogColumns(tick="tick", tick_minutes=60))
    assert log.ticks == 49
    assert [hour for hour in range(49) if log.bounds[hour + 1] > log.bounds[hour]] == [0, 2, 25, 48]
    # Without minutes, each moment is a tick of its own.
    assert read(file, LogColumns(tick="tick")).ticks == 6


def test_seconds_of_an_epoch_are_no_numbers_of_ticks(tmp_path: Path) -> None:
    file = written(tmp_path, [1_700_000_000, 1_800_000_000])
    with pytest.raises(InputError, match='"tick" goes from 1700000000 to 1800000000; with --tick-minutes'):
        read(file, LogColumns(tick="tick", tick_minutes=1))
