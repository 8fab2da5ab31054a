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
from analysis.runs.expected import PAIRS, Expectation, Expected, Work
from analysis.runs.playing import Progress, play
from analysis.runs.price import (
    DAY,
    LOST_BYTES,
    LOST_SECONDS,
    ROW_BYTES,
    ROW_SECONDS,
    USUAL,
    Meter,
    at_start_bytes,
)
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


ALL = np.ones(240)
"""Line items in flight, where they are always the same."""
LATE = np.where(np.arange(240) < 120, 10.0, 100.0)


def shares(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.cumsum(values) / values.sum())


def measured(
    seconds: np.ndarray,
    until: int,
    rows: int = 0,
    lost: np.ndarray | None = None,
    in_flight: np.ndarray = ALL,
    together: int = 1,
    since: int = 0,
) -> Meter:
    """Return a Meter of the hours from *since* to *until*, which come so many *together*, one stretch late.

    *lost* are the pairs of each day.
    """
    meter, slots, contests = Meter(), shares(EVENING), shares(EVENING * in_flight)
    ends, days, hours = np.cumsum(seconds), in_flight.reshape(10, 24).mean(axis=1) ** PAIRS, len(EVENING)
    pairs, total = (
        np.append(0.0, np.cumsum(each)) for each in (np.zeros(10) if lost is None else lost, days)
    )
    for hour in range(since + 1, until + 1):
        played = hour if together == 1 else min((-(-hour // together) + 1) * together, hours)
        day, before = hour // 24, since // 24
        expected = Expected(
            slots=slots[hour - 1],
            spend=hour / hours,
            lost=total[day] / total[-1],
            rows=rows,
            played=Work(played / hours, slots[played - 1], contests[played - 1]),
        )
        about = hour * 1000, hour * 100, int(pairs[day] - pairs[before]), START + timedelta(hours=hour)
        meter.add(ends[played - 1], Progress(hour, hours, *about, expected))
    return meter


@pytest.mark.parametrize("until", [30, 60, 230])
@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_the_rest_takes_what_hours_and_slots_took(part: float, until: int) -> None:
    seconds = 1 - part + part * EVENING
    seconds[:3] = 60  # cold
    left = measured(seconds, until).seconds()
    assert left == pytest.approx(seconds[until:].sum(), rel=0.05)


@pytest.mark.parametrize("until", [25, 48, 49, 73, 100, 200])
def test_hours_that_come_together_were_played_before(until: int) -> None:
    # 24 of them at a time, while those of the day after are played: only a day and its end are measured.
    meter, played = measured(EVENING, until, together=24), (-(-until // 24) + 1) * 24
    if until <= 48:
        assert meter.seconds() is None  # the first stretch of time is cold
    else:
        assert meter.seconds() == pytest.approx(EVENING[played:].sum(), rel=0.01)


@pytest.mark.parametrize("together", [1, 24])
def test_line_items_that_begin_late_take_their_time(together: int) -> None:
    def left(until: int, seconds: np.ndarray, in_flight: np.ndarray) -> tuple[float | None, float]:
        played = until if together == 1 else (-(-until // 24) + 1) * 24
        told = measured(seconds, until, in_flight=in_flight, together=together).seconds()
        return told, seconds[played:].sum()

    # Half by them, half by hours and slots, as is usual: so it is known before they begin.
    usual = USUAL.hours + (USUAL.slots + USUAL.contests * LATE / LATE.mean()) * EVENING / EVENING.mean()
    told, rest = left(60, usual, LATE)
    assert told == pytest.approx(rest, rel=0.1)
    told, _ = left(60, usual, ALL)
    assert told == pytest.approx(rest / 2, rel=0.25)
    # Not at all by them, or by nothing else: their hours say it.
    for seconds in (np.ones(240), LATE * EVENING):
        told, rest = left(144, seconds, LATE)
        assert told == pytest.approx(rest, rel=0.1)


def test_storing_takes_its_time() -> None:
    some, none = (measured(EVENING, 49, rows, lost).seconds() for rows, lost in ((24_000, DAILY), (0, None)))
    assert some is not None
    assert none is not None
    assert some - none == pytest.approx(24_000 * ROW_SECONDS + 10_000 * LOST_SECONDS)
    disk = measured(EVENING, 48, 24_000, DAILY).database_bytes()
    assert disk == 24_000 * ROW_BYTES + 10_000 * LOST_BYTES


DAILY = np.full(10, 1000)
"""Pairs of who lost to whom."""


@pytest.mark.parametrize("hour", [48, 60, 71])
def test_pairs_of_the_days_to_come_go_by_line_items_in_flight_and_not_by_hours_over(hour: int) -> None:
    pairs = np.repeat([1000, 1000 * 10**PAIRS], 5).astype(int)
    disk = measured(EVENING, hour, 10**7, pairs, in_flight=LATE).database_bytes()
    assert disk == pytest.approx(10**7 * ROW_BYTES + pairs.sum() * LOST_BYTES, rel=0.001)


def test_a_run_that_goes_on_has_not_counted_the_pairs_of_before() -> None:
    disk = measured(EVENING, 180, 24_000, DAILY, since=120).database_bytes()
    assert disk == 24_000 * ROW_BYTES + 10_000 * LOST_BYTES


def test_nothing_is_told_while_two_days_would_foretell_another_database() -> None:
    # As budgets end in the first days.
    ending = np.array([77_000, 33_000, 4000, 1000, 200, 0, 0, 0, 0, 0])
    meters = {hour: measured(EVENING, hour, 200_000, ending) for hour in (25, 49, 73, 97, 200)}
    assert {hour: meter.seconds() is not None for hour, meter in meters.items()} == {
        25: False,
        49: False,
        73: False,
        97: True,
        200: True,
    }
    assert [meters[hour].database_bytes() for hour in (25, 73)] == [None, None]
    whole = 200_000 * ROW_BYTES + ending.sum() * LOST_BYTES
    assert meters[97].database_bytes() == pytest.approx(whole, rel=0.05)
    # One day is enough where they matter little.
    assert measured(EVENING, 25, 10**7, ending // 10).database_bytes() is not None


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
    assert last.expected[:3] == (1.0, 1.0, 1.0)
    # Midnight is at five here: 19 hours come when 43 are played, and the last day when all are.
    found = [round(one.expected.played.hours * 48) for one in seen]
    assert found == [43] * 19 + [48] * 29
    assert last.expected.played == (1.0, 1.0, 1.0)
    assert [one.expected.lost for one in seen[:19]] == [0.0] * 18 + [seen[20].expected.lost]
    assert last.lost > seen[41].lost == seen[18].lost > seen[17].lost == 0
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
    spend = [expectation.after(hour, hour).spend for hour in range(1, 49)]
    assert spend == sorted(spend)
    assert (spend[23], spend[-1]) == (pytest.approx(0.5, abs=0.1), 1.0)


def test_contests_and_pairs_are_expected_of_line_items_in_flight() -> None:
    loaded = load("smoke", ["campaign[Smoke Snack].start_date=2026-11-03"])
    market, book = loaded.scenario.market, book_scenario(loaded)
    setup = Setup(market, book, 1)
    after = [Expectation(setup).after(hour, hour) for hour in range(1, 49)]
    contests, slots = after[23].played.contests, after[23].played.slots
    assert contests == pytest.approx(slots / (slots + 2 * (1 - slots)))
    # UTC: 19 hours with one line item, then five with one and 19 with two, at last five with two.
    both = (5 + 19 * 2) / 24
    days = np.array([1, both, 2]) ** PAIRS * np.sqrt([19, 24, 5])
    assert [after[hour].lost for hour in (17, 18, 42, 47)] == pytest.approx([0, *shares(days)])


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
