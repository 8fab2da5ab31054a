"""Aggregate: a run's hourly rows from its event files, without its database."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.runs.stored import find
from entities import registry
from tests.unit.cli.small import TINY, Headline, Paceline


@pytest.fixture
def run(headline: Headline) -> str:
    return str(headline(*TINY, "--events", "events")["run_id"])


def kept(run_id: str) -> pl.DataFrame:
    engine = registry.make_engine("ads.db")
    rows = find(engine, run_id).performance
    engine.dispose()
    return rows


def test_the_rows_are_those_that_the_run_stored(run: str, paceline: Paceline) -> None:
    due = kept(run)
    Path("ads.db").unlink()
    done = paceline("aggregate", "events", "--to", "rows", "--json")
    found = json.loads(done.stdout)
    assert (found["run_id"], found["rows"], found["folder"]) == (run, len(due), "rows")
    assert [one["name"] for one in found["files"]] == ["performance.parquet", "dictionary.md"]
    assert pl.read_parquet("rows/performance.parquet").equals(due)
    assert sum(one["spend_micros"] for one in found["line_items"]) == due["spend_micros"].sum() > 0
    assert "| `impressions` | INTEGER |" in Path("rows/dictionary.md").read_text()


def test_a_run_is_found_from_within_its_folder(
    run: str, paceline: Paceline, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = aggregated(paceline)
    Path("link").symlink_to(Path("events", f"run_id={run}"))
    assert aggregated(paceline, "link") == due
    monkeypatch.chdir(Path("events", f"run_id={run}"))
    assert aggregated(paceline, ".") == due


def test_duckdb_says_nothing_as_the_command_ends(run: str) -> None:
    line = [sys.executable, "-m", "sim", "aggregate", "events", "--to", "rows", "--format", "duckdb", "-q"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(line, check=True, capture_output=True, text=True, env=env)
    assert (done.stdout, done.stderr) == ("rows\n", "")


def test_csv_has_a_line_for_each_row(run: str, paceline: Paceline) -> None:
    done = paceline("aggregate", f"events/run_id={run}", "--out", "rows", "--format", "csv", "--quiet")
    assert done.stdout == "rows\n"
    assert len(Path("rows/performance.csv").read_text().splitlines()) == len(kept(run)) + 1


def test_a_person_sees_each_line_item(run: str, paceline: Paceline) -> None:
    lines = paceline("aggregate", "events").stdout.splitlines()
    spend = kept(run).group_by("line_item_id").agg(pl.col("spend_micros").sum())
    shown = {line.split()[-1] for line in lines}
    assert {f"{micros:,}" for micros in spend["spend_micros"]} <= shown
    assert lines[-3].split() == ["Run", run]


def test_a_folder_without_one_run_is_refused(run: str, headline: Headline, paceline: Paceline) -> None:
    assert "events: has no events of a run" not in paceline("aggregate", "events").stderr
    headline(*TINY, "--events", "events")
    refused = {
        "ads.db": "error: ads.db: is a file; name the folder that --events had\n",
        "nowhere": "error: nowhere: there is no such folder\n",
        ".": "error: .: has no events of a run; name the folder that --events had\n",
        "events": "error: events: has events of 2 runs; name one of its folders: events/run_id=",
    }
    for folder, message in refused.items():
        done = paceline("aggregate", folder)
        assert (done.exit_code, done.stderr[: len(message)]) == (2, message)


def test_files_that_are_not_those_of_the_manifest_are_refused(run: str, paceline: Paceline) -> None:
    file = max(Path("events").rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-1])
    done = paceline("aggregate", "events", "--to", "rows")
    assert (done.exit_code, Path("rows").exists()) == (2, False)
    assert done.stderr.startswith(f"error: {file}: damaged, ")


def test_a_file_that_only_the_manifest_takes_for_sound_is_named(
    run: str, paceline: Paceline, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = Path("events", f"run_id={run}")
    file = max(folder.rglob("*.parquet"))
    file.write_bytes(b"PAR1")
    told = json.loads((folder / "manifest.json").read_text())
    told["files"][-1] |= {"bytes": 4, "sha256": hashlib.sha256(b"PAR1").hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(told))
    done = paceline("aggregate", "events")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"error: {file}: is no Parquet file; must be ")
    assert capfd.readouterr().err == ""


def test_a_panic_of_polars_is_one_line(paceline: Paceline, monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(_: Path) -> None:
        raise pl.exceptions.PanicException("deep\nand long")

    monkeypatch.setattr("analysis.rows.from_events.run_folder", panic)
    done = paceline("aggregate", "events")
    assert done.exit_code == 1
    assert done.stderr == "error: unexpected PanicException: deep; --debug shows where\n"


@pytest.mark.parametrize("form", ["sample", "lost"])
def test_a_sample_is_not_taken_for_the_whole(form: str, headline: Headline, paceline: Paceline) -> None:
    run = headline(*TINY, "--events", "events", "--events-of", f"{form}:50%")["run_id"]
    whole = headline(*TINY, "--events", "whole")
    done = paceline("aggregate", "events")
    assert done.exit_code == 2
    assert f"holds {form}:50%" in done.stderr
    audited = json.loads(paceline("audit", str(run), "--events", "events", "--json").stdout)
    assert not audited["events"]
    notes = {law["law"]: law["note"] for law in audited["laws"]}
    assert notes[14] == f"files of {form}:50%: laws on single slots need all events"
    assert notes[7] == ("every bid was counted again: lost:50%" if form == "lost" else "")
    some = pl.read_parquet("events/**/events.parquet", hive_partitioning=False)
    everything = pl.read_parquet("whole/**/*.parquet", hive_partitioning=False)
    theirs = everything.filter(pl.col("viewer_id").is_in(some["viewer_id"].unique().implode()))
    assert some.equals(theirs)
    assert 0 < len(some) < len(everything)
    assert whole["digest"] == headline(*TINY)["digest"]


def test_events_of_all_with_their_bids_are_the_whole(headline: Headline, paceline: Paceline) -> None:
    done = paceline("simulate", *TINY, "--events", "events", "--events-of", "lost:100%")
    run = headline(*TINY)["run_id"]
    told = next(line for line in done.stdout.splitlines() if line.startswith("Next"))
    assert told.endswith(" --events events")
    due = kept(str(run))["spend_micros"].sum()
    assert sum(one["spend_micros"] for one in aggregated(paceline)) == due > 0
    assert list(Path("events").rglob("bids.parquet"))


def aggregated(paceline: Paceline, folder: str = "events") -> list[dict[str, Any]]:
    return list(json.loads(paceline("aggregate", folder, "--json").stdout)["line_items"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--events-of", "sample:1%"], "error: events_of: says which events a folder keeps; give events (--events DIR), too"),
        (["--events-of", "lost:100%"], "error: events_of: says which events a folder keeps; give events (--events DIR), too"),
        (["--events", "x", "--events-of", "1%"], 'error: --events-of: "1%" is not allowed; must be all, or sample:SHARE'),
    ],
)  # fmt: skip
def test_which_events_are_kept_is_checked_before_anything_is_made(
    options: list[str], message: str, paceline: Paceline, here: Path
) -> None:
    done = paceline("simulate", *TINY, *options)
    assert (done.exit_code, done.stderr[: len(message)]) == (2, message)
    assert list(here.iterdir()) == []


def test_a_format_needs_a_folder(paceline: Paceline) -> None:
    assert paceline("aggregate", "events", "--format", "csv").stderr == (
        "error: --format: says how a folder is written; give --to DIR, too\n"
    )
