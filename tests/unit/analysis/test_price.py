"""What a run will take is foretold from its own hours, and its hours from market and budgets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import paceline
from analysis.booking.books import book_scenario
from analysis.runs.expected import Expectation, Expected
from analysis.runs.playing import Progress, play
from analysis.runs.price import DAY, ROW_BYTES, ROW_SECONDS, Meter, at_start_bytes
from analysis.runs.simulate import simulate_in_memory
from entities.enums import DeviceType
from scenarios.loader import load
from sim.cli.app import app
from sim.engine import batch
from sim.engine.setup import Setup
from sim.memory import BLOCK, MemoryArrays

START = datetime(2026, 11, 2, tzinfo=UTC)
EVENING = np.where(np.arange(240) % 24 >= 18, 4.0, 1.0)
"""Slots of the hours of ten days."""


def measured(seconds: np.ndarray, until: int, rows: int = 0, lost: int = 0) -> Meter:
    meter, slots = Meter(), np.cumsum(EVENING) / EVENING.sum()
    ends = np.cumsum(seconds)
    for hour in range(1, until + 1):
        about = hour * 1000, hour * 100, lost * hour, START + timedelta(hours=hour)
        expected = Expected(slots[hour - 1], hour / len(EVENING), rows)
        meter.add(ends[hour - 1], Progress(hour, len(EVENING), *about, expected))
    return meter


@pytest.mark.parametrize("until", [30, 60, 230])
@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_the_rest_takes_what_hours_and_slots_took(part: float, until: int) -> None:
    seconds = 1 - part + part * EVENING
    seconds[:3] = 60  # cold
    left = measured(seconds, until).seconds()
    assert left == pytest.approx(seconds[until:].sum(), rel=0.05)


def test_storing_takes_its_time() -> None:
    some, none = (measured(EVENING, 25, rows, rows // 240).seconds() for rows in (24_000, 0))
    assert some is not None
    assert none is not None
    assert some - none == pytest.approx(48_000 * ROW_SECONDS)
    assert measured(EVENING, 24, 24_000, 100).database_bytes() == 48_000 * ROW_BYTES


def test_too_early_nothing_is_told() -> None:
    assert Meter().seconds() is None
    assert measured(EVENING, DAY).seconds() is None
    early = measured(EVENING, 23)
    assert (early.database_bytes(), early.events_bytes(1000)) == (None, None)
    # The day's file may be on its way.
    assert [measured(EVENING, hour).events_bytes(2400) for hour in (25, 26)] == [None, 24_000]
    assert measured(EVENING, 26).events_bytes(0) is None


def test_a_market_brings_what_is_expected_of_it() -> None:
    loaded, seen, rows = load("smoke"), list[Progress](), 0
    book = book_scenario(loaded)
    outcome, totals = play(loaded.scenario, book, progress=seen.append)
    assert len(outcome.events_digest) == 64
    last = seen[-1]
    assert (last.expected.slots, last.expected.spend) == (1.0, 1.0)
    assert (last.auctions, last.impressions) == totals[:2]
    rows = 3 * 48 + 2 * 48 + 8 * 48  # creatives, line items, and placements on devices
    assert {one.expected.rows for one in seen} == {rows}
    assert last.lost > 0
    for one in seen[12::6]:
        assert one.expected.slots == pytest.approx(one.auctions / last.auctions, rel=0.15)


def test_budgets_of_days_and_of_campaigns_are_expected_to_be_spent() -> None:
    settings = (
        "line_item[TV drama].daily_budget=10",
        "line_item[Everywhere, comedy].lifetime_budget=null",
        "campaign[Smoke Snack].lifetime_budget=50",
        "campaign[Smoke Launch].daily_budget=5",
    )
    loaded = load("smoke", settings)
    market, book = loaded.scenario.market, book_scenario(loaded)
    expectation = Expectation(Setup(market, book, 1))
    spend = [expectation.after(hour).spend for hour in range(1, 49)]
    assert spend == sorted(spend)
    assert (spend[23], spend[-1]) == (pytest.approx(0.5, abs=0.1), 1.0)


@pytest.mark.parametrize(("counted_by", "counters"), [("person", 1), ("device", len(DeviceType))])
def test_what_a_run_begins_with_is_what_is_made_for_its_viewers(
    monkeypatch: pytest.MonkeyPatch, counted_by: str, counters: int
) -> None:
    made: list[MemoryArrays] = []

    class Seen(batch.Batch):
        def __init__(self, *about: Any, **more: Any) -> None:
            super().__init__(*about, **more)
            made.append(self.state)

    monkeypatch.setattr("sim.engine.site.Batch", Seen)
    loaded = load("smoke", ["market.days=1", f"market.identity.counted_by={counted_by}"])
    run = simulate_in_memory(loaded)
    assert run.auctions
    parts = [(one.viewers, one.sessions, one.homes, one.seen) for one in made]
    first = sum(array.nbytes for arrays in parts for array in arrays)
    market, items = loaded.scenario.market, made[0].seen.shape[1]
    assert at_start_bytes(market, items) == first + market.population.viewers * counters * BLOCK * 8


def test_what_cannot_begin_is_refused_unless_it_shall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.runs.price.memory_bytes", lambda: 100_000)
    ask = ["simulate", "smoke", "--db", str(tmp_path / "ads.db"), "--set", "market.days=1"]
    for more in ([], ["--quiet"], ["--json"]):
        refused = CliRunner().invoke(app, [*ask, *more])
        assert refused.exit_code == 2
        assert "4,000 viewers and 2 line items need" in refused.stderr
        assert refused.stderr.endswith("or run it all the same with --anyway, in Python anyway=True\n")
    assert CliRunner().invoke(app, [*ask, "--anyway"]).exit_code == 0


@pytest.mark.parametrize("stored", [False, True])
def test_python_is_refused_likewise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stored: bool) -> None:
    monkeypatch.setattr("analysis.runs.price.memory_bytes", lambda: 100_000)
    given: dict[str, Any] = {"db": tmp_path / "ads.db" if stored else None}
    with pytest.raises(paceline.InputError, match="4,000 viewers and 2 line items need"):
        paceline.simulate("smoke", **given)
    assert not (tmp_path / "ads.db").exists()
    assert paceline.simulate("smoke", **given, anyway=True).digest
