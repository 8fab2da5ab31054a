"""Hours as wall clocks read them, and zones whose hours are not UTC's."""

from __future__ import annotations

import struct
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sim.units import whole_hour_offsets


@pytest.mark.parametrize(
    ("zone", "last_whole", "first_other"),
    [
        # Clocks went from UTC−4 to UTC−4:30 at 3 in the morning.
        ("America/Caracas", "2007-12-08", "2007-12-09"),
        # From UTC+9 to UTC+8:30 at midnight, so that the day before ended with half an hour more.
        ("Asia/Pyongyang", "2015-08-13", "2015-08-14"),
        # From UTC+11 to UTC+10:30 at 2 in the morning, as every autumn.
        ("Australia/Lord_Howe", "2026-04-04", "2026-04-05"),
    ],
)
def test_a_change_to_other_than_whole_hours_is_found_on_its_day(
    zone: str, last_whole: str, first_other: str
) -> None:
    before, after = date.fromisoformat(last_whole), date.fromisoformat(first_other)
    assert whole_hour_offsets(zone, before - timedelta(days=30), before)
    assert not whole_hour_offsets(zone, before, after)
    assert not whole_hour_offsets(zone, after, after)
    assert not whole_hour_offsets(zone, after, after + timedelta(days=30))


@pytest.mark.parametrize(
    ("zone", "last_other", "first_whole"),
    [
        ("America/Caracas", "2016-05-01", "2016-05-02"),  # at 2:30 in the morning
        ("Asia/Pyongyang", "2018-05-04", "2018-05-05"),  # at 23:30, half an hour before the day began
        ("Australia/Lord_Howe", "2026-10-04", "2026-10-05"),  # at 2 in the morning
    ],
)
def test_a_change_back_is_found_on_its_day(zone: str, last_other: str, first_whole: str) -> None:
    before, after = date.fromisoformat(last_other), date.fromisoformat(first_whole)
    assert not whole_hour_offsets(zone, before, after)
    assert not whole_hour_offsets(zone, before, before)
    assert whole_hour_offsets(zone, after, after + timedelta(days=30))


@pytest.fixture
def zone_file(tmp_path: Path) -> Iterator[Path]:
    """Return the file of a zone called Changing/Hour."""
    path = tmp_path / "Changing" / "Hour"
    path.parent.mkdir()
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(tmp_path)])
    whole_hour_offsets.cache_clear()
    yield path
    zoneinfo.reset_tzpath(before)
    ZoneInfo.clear_cache(only_keys=["Changing/Hour"])


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("minute", [0, 1, 59])
def test_a_change_is_found_on_its_day_at_whatever_time_it_comes(
    zone_file: Path, hour: int, minute: int
) -> None:
    # One change, from UTC+0 to UTC+0:30, as the first version of TZif (RFC 8536) has it.
    change = int(datetime(2026, 6, 15, hour, minute, tzinfo=UTC).timestamp())
    header = struct.pack(">4s16x6l", b"TZif", 0, 0, 0, 1, 2, 4)
    offsets = struct.pack(">lbblbb", 0, 0, 0, 1800, 0, 0)
    zone_file.write_bytes(header + struct.pack(">lB", change, 1) + offsets + b"ABC\0")
    day = date(2026, 6, 15)
    assert whole_hour_offsets("Changing/Hour", day - timedelta(days=9), day - timedelta(days=1))
    # The hours of a run are whole ones, and in the last of them the change may come too late to be read.
    late = hour == 23 and minute > 0
    assert whole_hour_offsets("Changing/Hour", day, day) == late
    assert not whole_hour_offsets("Changing/Hour", day, day + timedelta(days=1))


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Europe/London", "America/Sao_Paulo", "UTC", "Asia/Tokyo"]
)
def test_zones_of_whole_hours_stay_so_when_their_clocks_change(zone: str) -> None:
    assert whole_hour_offsets(zone, date(2026, 1, 1), date(2027, 12, 31))


def test_zones_of_other_offsets_never_are() -> None:
    for zone in ("Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns"):
        assert not whole_hour_offsets(zone, date(2026, 7, 1), date(2026, 7, 1)), zone
