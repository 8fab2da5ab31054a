"""A sample has all events of some viewers, the same ones for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analysis.rows.event_files import scan_events
from analysis.rows.events_of import ALL, EventsOf, check_folder, events_of
from entities import registry
from sim.streams import salts
from tests.unit.analysis.synthetic import Market, columns, event_files

VIEWERS = np.arange(200_000, dtype=np.int32)


@pytest.mark.parametrize(
    ("text", "ppm", "shown"),
    [
        ("all", 1_000_000, "all"),
        ("sample:1%", 10_000, "sample:1%"),
        ("sample:0.01", 10_000, "sample:1%"),
        ("sample:.5", 500_000, "sample:50%"),
        ("sample:0.0001%", 1, "sample:0.0001%"),
        ("sample:12.34%", 123_400, "sample:12.34%"),
        ("sample:100%", 1_000_000, "all"),
        ("lost:1%", 10_000, "lost:1%"),
        ("lost:100%", 1_000_000, "lost:100%"),
    ],
)
def test_every_form_is_read_and_written(text: str, ppm: int, shown: str) -> None:
    found = events_of(text)
    assert (found, str(found)) == (EventsOf(ppm, bids=text.startswith("lost")), shown)
    assert events_of(str(found)) == found


@pytest.mark.parametrize(
    "text",
    ["", "sample", "sample:", "sample:0%", "sample:101%", "sample:2", "sample:1", "sample:1.0", "lost:1", "sample:-1%", "sample:0.00001%", "1%",
     "sample: 1%", "sample:1e-2", "sample:nan", "lost", "lost:0", "lost:2", "Lost:1%"],
)  # fmt: skip
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(registry.InputError, match=r"is not allowed; must be all, or sample:SHARE"):
        events_of(text)


@pytest.mark.parametrize("text", ["sample:1%", "lost:100%"])
def test_less_than_all_needs_a_folder(text: str) -> None:
    with pytest.raises(registry.InputError, match=r"give events \(--events DIR\), too"):
        check_folder(events_of(text), None)
    check_folder(events_of(text), Path("events"))
    check_folder(ALL, None)


def test_a_run_in_memory_keeps_bids_without_a_folder() -> None:
    check_folder(events_of("lost:1%"), None, in_memory=True)
    with pytest.raises(registry.InputError, match=r"give events \(--events DIR\), too"):
        check_folder(events_of("sample:1%"), None, in_memory=True)


@pytest.mark.parametrize("ppm", [10_000, 250_000, 900_000])
def test_a_sample_has_its_share_of_viewers(ppm: int) -> None:
    share, n = ppm / 1e6, len(VIEWERS)
    kept = EventsOf(ppm).kept(VIEWERS, salts(1)).sum()
    assert abs(kept - n * share) < 5 * np.sqrt(n * share * (1 - share))


def test_a_larger_sample_has_all_of_a_smaller_one() -> None:
    small, large = (EventsOf(ppm).kept(VIEWERS, salts(1)) for ppm in (10_000, 50_000))
    assert small.any()
    assert (small <= large).all()
    assert ALL.kept(VIEWERS, salts(1)).all()


def test_another_seed_has_another_sample() -> None:
    one, other = (EventsOf(100_000).kept(VIEWERS, salts(seed)) for seed in (1, 2))
    both, n = int((one & other).sum()), len(VIEWERS)
    assert abs(both - 0.01 * n) < 5 * np.sqrt(0.01 * n)


def test_a_viewer_has_all_events_or_none(tmp_path: Path) -> None:
    book = columns()
    market, some = Market(book, viewers=500), EventsOf(200_000)
    files = event_files(tmp_path, book, seed=7, events_of=some)
    hours = [market.hour() for _ in range(30)]
    for hour in hours:
        files.write(hour)
    files.publish()
    events = np.concatenate([hour.events for hour in hours])
    due = events[some.kept(events["viewer_id"], salts(7))]
    assert 0 < len(due) < len(events)
    assert scan_events(tmp_path, "r1").collect()["slot_id"].to_list() == due["slot_id"].tolist()
