"""Events on disk: decoded, by UTC day, and hidden until the run is complete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.rows.event_files import scan_events
from analysis.rows.events import EVENT_COLUMNS, READER_COLUMNS, events_folder
from entities.enums import DeviceType
from entities.enums.outcomes import FLAGS
from entities.errors import InputError
from sim.events import NO_GENRE, Hour
from tests.unit.analysis.synthetic import REGIONS, START, Market, columns, event_files

BOOK = columns(3, 2, first_id=40)


def write(folder: Path, hours: int = 30) -> list[Hour]:
    market, files = Market(BOOK), event_files(folder, BOOK)
    written = [market.hour() for _ in range(hours)]
    for hour in written:
        files.write(hour)
    files.publish()
    return written


def test_every_event_comes_back_decoded(tmp_path: Path) -> None:
    hours = write(tmp_path)
    events = np.concatenate([hour.events for hour in hours])
    frame = scan_events(tmp_path, "r1").collect()
    assert frame.columns == [*EVENT_COLUMNS, *(column.name for column in READER_COLUMNS)]
    assert frame.height == len(events)
    assert frame["charged_micros"].sum() == events["charged_micros"].sum()
    assert frame["pod_id"].equals(frame["slot_id"] // 16, check_names=False)
    assert frame["device"].to_list() == [list(DeviceType)[code] for code in events["device"]]
    assert frame["region"].to_list() == [REGIONS[code] for code in events["region"]]
    assert frame["region"].dtype == pl.String
    assert frame["second_genre"].null_count() == int((events["second_genre"] == NO_GENRE).sum())
    assert frame["line_item_id"].to_list() == [BOOK.line_items[at].id for at in events["line_item"]]
    assert frame["creative_id"].to_list() == [BOOK.creatives[at].id for at in events["creative"]]
    assert frame["ts"].to_list() == [START + timedelta(seconds=int(second)) for second in events["ts"]]
    for field in FLAGS:
        assert frame[field].dtype == pl.Boolean
        assert frame[field].sum() == events[field].astype(int).sum()


def test_markets_of_other_regions_are_read_as_one_folder(tmp_path: Path) -> None:
    others = replace(BOOK, regions=("north", "south"))
    for run_id, book in (("r1", BOOK), ("r2", others)):
        files = event_files(tmp_path, book, run_id)
        files.write(Market(book).hour())
        files.publish()
    frame = pl.scan_parquet(tmp_path / "**/*.parquet", hive_partitioning=True).collect()
    regions = {run: set(seen["region"]) for (run,), seen in frame.group_by("run_id")}
    assert regions["r1"] <= {*REGIONS}
    assert regions["r2"] <= {"north", "south"}
    assert {*regions} == {"r1", "r2"}


def test_folders_are_utc_days_and_a_day_can_be_read_alone(tmp_path: Path) -> None:
    write(tmp_path)
    days = sorted(path.name for path in events_folder(tmp_path, "r1").iterdir())
    assert days == ["date=2026-11-02", "date=2026-11-03", "manifest.json"]
    day = scan_events(tmp_path, "r1").filter(pl.col("date") == date(2026, 11, 3)).collect()
    assert day["ts"].min() >= START.replace(day=3, hour=0)  # type: ignore[operator]
    assert day["ts"].dtype == pl.Datetime("us", "UTC")
    assert START.tzinfo is UTC


def test_a_day_is_one_file_in_the_order_of_its_hours_and_of_what_happened_in_them(tmp_path: Path) -> None:
    hours = write(tmp_path)
    files = sorted(events_folder(tmp_path, "r1").rglob("*.parquet"))
    assert [file.name for file in files] == ["events.parquet"] * 2
    kept = pl.concat([pl.read_parquet(file, hive_partitioning=False) for file in files])
    assert kept.columns == list(EVENT_COLUMNS)
    assert kept["hour"].is_sorted()
    assert kept["slot_id"].to_list() == [slot for hour in hours for slot in hour.events["slot_id"].tolist()]


def test_what_is_written_before_the_room_grows_stays(tmp_path: Path) -> None:
    market, files = Market(BOOK), event_files(tmp_path, BOOK)
    hours = [market.hour(), market.hour(live=[False] * 3), market.hour()]
    market.events = 5_000
    hours.append(market.hour())
    for hour in hours:
        files.write(hour)
    files.publish()
    frame = scan_events(tmp_path, "r1").collect()
    assert frame["hour"].to_list() == [hour.hour for hour in hours for _ in hour.events]
    charged = [micros for hour in hours for micros in hour.events["charged_micros"].tolist()]
    assert frame["charged_micros"].to_list() == charged


def test_nothing_is_visible_before_it_is_published(tmp_path: Path) -> None:
    files = event_files(tmp_path, BOOK)
    files.write(Market(BOOK).hour())
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
    files.discard()
    assert list(tmp_path.iterdir()) == []


def test_published_events_of_a_failed_run_can_be_taken_back(tmp_path: Path) -> None:
    files = event_files(tmp_path, BOOK)
    files.publish()
    assert files.folder.is_dir()
    files.discard()
    assert list(tmp_path.iterdir()) == []


def test_events_of_another_run_are_never_overwritten(tmp_path: Path) -> None:
    write(tmp_path, hours=1)
    with pytest.raises(FileExistsError, match="r1 already holds"):
        event_files(tmp_path, BOOK)


def test_an_hour_without_events_is_no_trouble(tmp_path: Path) -> None:
    files, market = event_files(tmp_path, BOOK), Market(BOOK)
    files.write(market.hour(live=[False] * 3))
    files.write(market.hour())
    files.publish()
    assert scan_events(tmp_path, "r1").collect()["hour"].unique().to_list() == [1]


def test_files_are_held_to_the_manifest_and_a_run_without_events_has_no_rows(tmp_path: Path) -> None:
    write(tmp_path)
    schema = scan_events(tmp_path, "r1").collect_schema()
    first, second = sorted(events_folder(tmp_path, "r1").rglob("*.parquet"))
    whole = second.read_bytes()
    second.write_bytes(whole[:-9])
    with pytest.raises(
        InputError, match=r"date=2026-11-03/events.parquet: has [\d,]+ bytes in place of [\d,]+"
    ):
        scan_events(tmp_path, "r1")
    second.write_bytes(whole)
    first.unlink()
    with pytest.raises(
        InputError, match=r"date=2026-11-02/events.parquet: is missing; copy the whole folder"
    ):
        scan_events(tmp_path, "r1")
    event_files(tmp_path, BOOK, "r2").publish()
    nothing = scan_events(tmp_path, "r2").collect()
    assert (nothing.height, nothing.schema) == (0, schema)


def test_a_run_that_goes_on_does_not_stand_in_the_way_of_readers(tmp_path: Path) -> None:
    going = event_files(tmp_path, BOOK, "r2")
    going.write(Market(BOOK).hour())
    going.finish()
    write(tmp_path, hours=2)
    found = pl.read_parquet(tmp_path / "**/events.parquet", hive_partitioning=True)
    assert found["run_id"].unique().to_list() == ["r1"]
