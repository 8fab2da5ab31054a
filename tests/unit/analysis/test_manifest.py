"""The manifest says what the files of a run's events are, and which are not what was written."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

import sim
from analysis.rows.events import EVENT_COLUMNS, events_folder
from analysis.rows.events_of import events_of
from analysis.rows.manifest import Damage, damages, intact, read, read_manifest
from entities import registry
from tests.unit.analysis.synthetic import Market, columns, event_files

BOOK = columns(3, 2, first_id=40)


def write(folder: Path, of: str = "all") -> Path:
    market = Market(BOOK)
    files = event_files(folder, BOOK, seed=5, events_of=events_of(of))
    for hour in range(30):
        files.write(market.hour(live=[True, hour > 3, hour % 10 < 8]))
    files.publish()
    return events_folder(folder, "r1")


def test_it_tells_the_run_and_each_file(tmp_path: Path) -> None:
    folder = write(tmp_path)
    told = json.loads((folder / "manifest.json").read_text())
    named = (
        "run_id",
        "scenario",
        "seed",
        "events",
        "rows",
        "sorted_by",
        "start",
        "paceline",
        "schema_version",
    )
    assert [told[name] for name in named] == [
        "r1", "synthetic", 5, "all", 6000, ["hour"], "2026-11-02T05:00:00Z", sim.__version__,
        registry.SCHEMA_VERSION,
    ]  # fmt: skip
    assert [one["name"] for one in told["columns"]] == list(EVENT_COLUMNS)
    for file, path, rows, hours in zip(
        told["files"], sorted(folder.rglob("*.parquet")), (3800, 2200), ((0, 18), (19, 29)), strict=True
    ):
        contents = path.read_bytes()
        assert file == {
            "path": path.relative_to(folder).as_posix(),
            "rows": rows,
            "bytes": len(contents),
            "sha256": hashlib.sha256(contents).hexdigest(),
            "first_hour": hours[0],
            "last_hour": hours[1],
        }
        schema = pl.read_parquet_schema(path)
        assert [(name, str(kind.base_type())) for name, kind in schema.items()] == [
            (one["name"], one["type"]) for one in told["columns"]
        ]


def test_it_tells_what_was_sold_and_when_it_was_in_flight(tmp_path: Path) -> None:
    first, second, third = read(write(tmp_path)).line_items
    assert (first.id, first.name, first.campaign, first.advertiser_id) == (
        40,
        "line item 0",
        "campaign 0",
        40,
    )
    assert [(one.id, one.name) for one in second.creatives] == [(42, "creative 0"), (43, "creative 1")]
    assert [item.in_flight for item in (first, second, third)] == [
        ((0, 29),), ((4, 29),), ((0, 7), (10, 17), (20, 27)),
    ]  # fmt: skip


def test_files_are_as_they_were_written_until_they_are_not(tmp_path: Path) -> None:
    folder = write(tmp_path)
    manifest = read_manifest(tmp_path, "r1")
    assert list(damages(folder, manifest)) == []
    first, second = (folder / file.path for file in manifest.files)
    first.write_bytes(first.read_bytes()[::-1])
    second.unlink()
    (folder / "notes.txt").touch()
    (folder / "more.parquet").touch()
    found = list(damages(folder, manifest))
    assert [damage.path for damage in found] == [*(file.path for file in manifest.files), "more.parquet"]
    assert [damage.found.partition(" ")[0] for damage in found] == ["damaged,", "missing", "surplus,"]
    second.mkdir()
    assert found[1] == Damage(
        manifest.files[1].path, "missing", f"2,200 rows, SHA-256 {manifest.files[1].sha256[:12]}…"
    )
    assert list(damages(folder, manifest))[1].found == "is a directory"


def test_another_run_than_the_folder_says_is_refused(tmp_path: Path) -> None:
    write(tmp_path).rename(events_folder(tmp_path, "r2"))
    with pytest.raises(registry.InputError, match=r"manifest.json: is of run r1"):
        read_manifest(tmp_path, "r2")
    with pytest.raises(registry.InputError, match=r"manifest.json: is of run r1"):
        read(events_folder(tmp_path, "r2"))
    with pytest.raises(registry.InputError, match="no events of run r1"):
        read_manifest(tmp_path, "r1")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"rows": 6000', '"rows": 6001', r"reads: rows: 6,001 is not allowed; its files have 6,000$"),
        (
            "date=2026-11-02/",
            "../",
            r"files.0.path: '../events.parquet' is not allowed; must be a path inside",
        ),
        ("date=2026-11-02/", "/", r"files.0.path: '/events.parquet' is not allowed"),
        ("05:00:00Z", "05:00:00", r"start: Input should have timezone info, not 2026-11-02T05:00:00$"),
        ('"events": "all"', '"events": "bogus"', r"reads: events: 'bogus' is not allowed; must be all, or"),
        ('"run_id"', "run_id", r"reads: Invalid JSON"),
    ],
)
def test_what_a_manifest_cannot_say_is_refused_with_the_place(
    old: str, new: str, told: str, tmp_path: Path
) -> None:
    file = write(tmp_path) / "manifest.json"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(registry.InputError, match=told):
        read_manifest(tmp_path, "r1")


def test_rows_of_a_file_are_those_that_its_footer_has(tmp_path: Path) -> None:
    folder = write(tmp_path)
    file = folder / "manifest.json"
    text = file.read_text().replace('"rows": 3800', '"rows": 3801').replace('"rows": 6000', '"rows": 6001')
    file.write_text(text)
    [found] = damages(folder, manifest := read(folder))
    assert (found.found, found.due) == ("has 3,800 rows", "3,801 rows, as the manifest says")
    with pytest.raises(registry.InputError, match=r"events.parquet: has 3,800 rows in place of 3,801"):
        intact(folder, manifest.files)


def test_a_run_without_events_has_a_manifest_all_the_same(tmp_path: Path) -> None:
    files = event_files(tmp_path, BOOK)
    files.publish()
    manifest = read_manifest(tmp_path, "r1")
    assert (manifest.rows, manifest.files, manifest.line_items[0].in_flight) == (0, (), ())
