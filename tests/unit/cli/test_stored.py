"""A run that is stored is a success, whatever becomes of what is said of it; what cannot be is refused first."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sim.cli.commands.run import _size
from tests.unit.cli.small import TINY, Headline, Paceline, rows

EVENTS = ("--events", "events")


def said(*options: str, to: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Return what the command did as a process of its own, its output in the file *to*."""
    line = [sys.executable, "-m", "sim", "simulate", *TINY, *options]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **env}
    with Path(to or os.devnull).open("w") as out:
        return subprocess.run(
            line,
            check=False,
            stdout=out if to else subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
        )


def stored() -> list[str]:
    return [run for (run,) in rows("ads.db", "SELECT run_id FROM simulation_runs ORDER BY started_at")]


def warned(text: str) -> list[str]:
    return [line for line in text.splitlines() if "is stored" in line or not line.startswith("warning: ")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
@pytest.mark.parametrize("how", ["", "--json", "--quiet"])
def test_an_output_that_is_full(how: str, here: Path) -> None:
    done = said(*filter(None, [how]), to="/dev/full")
    [run] = stored()
    told = f"warning: run {run} is stored, and could not be shown: no space left on device"
    assert (done.returncode, warned(done.stderr)) == (0, [told])


@pytest.mark.parametrize("how", ["", "--json"])
def test_an_output_of_ascii(how: str, here: Path) -> None:
    done = said(*filter(None, [how]), "--note", "caf\u00e9", PYTHONIOENCODING="ascii")
    assert (done.returncode, warned(done.stderr)) == (0, [])
    [run] = stored()
    assert run in (json.loads(done.stdout)["run_id"] if how else done.stdout)
    done.stdout.encode("ascii")


def test_a_summary_that_fails_is_a_warning(paceline: Paceline, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by 0")

    monkeypatch.setattr("sim.cli.commands.run.summary", fail)
    done = paceline("simulate", *TINY)
    [run] = stored()
    told = (
        f"warning: run {run} is stored, and could not be shown: unexpected ZeroDivisionError: by 0; --debug"
    )
    assert done.exit_code == 0
    assert warned(done.stderr) == [f"{told} shows where"]


def test_a_reader_that_left_a_stored_run_is_no_failure(
    paceline: Paceline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def left(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("sim.cli.commands.run.summary", left)
    done = paceline("simulate", *TINY)
    assert (done.exit_code, warned(done.stderr), len(stored())) == (0, [], 1)


def test_files_of_others_that_go_meanwhile_are_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").write_bytes(bytes(7))
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    monkeypatch.setattr(Path, "is_file", lambda path: True)
    assert _size(tmp_path) == 7


@pytest.mark.skipif(sys.platform != "linux", reason="has no folder in which nobody can write")
def test_a_folder_that_takes_no_events_is_refused_first(paceline: Paceline, here: Path) -> None:
    done = paceline("simulate", *TINY, "--events", "/proc")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "error: events /proc: takes no folders: no such file or directory\n"
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("form", ["all", "sample:50%", "lost:50%"])
def test_what_was_written_of_the_events_is_told(form: str, headline: Headline, paceline: Paceline) -> None:
    told = headline(*TINY, *EVENTS, "--events-of", form)
    kept, folder = told["events"], Path("events", f"run_id={told['run_id']}")
    files = [file for file in folder.rglob("*") if file.is_file()]
    parquet = [file for file in files if file.suffix == ".parquet"]
    assert (kept["folder"], kept["of"], kept["files"]) == (str(folder), form, len(parquet))
    assert kept["bytes"] == sum(file.stat().st_size for file in files)
    assert 0 < kept["bytes"] <= told["disk_bytes"]
    manifest = json.loads((folder / "manifest.json").read_text())
    assert kept["events"] == manifest["rows"] > 0
    assert kept["bids"] == (manifest["bids"]["rows"] if form.startswith("lost") else None)
    lines = paceline("simulate", *TINY, *EVENTS, "--events-of", form).stdout.splitlines()
    shown = next(line for line in lines if line.startswith("Events "))
    assert f"{kept['events']:,} events" in shown
    assert lines[-1].endswith(" --events events")
    if form.startswith("lost"):
        assert f" and {kept['bids']:,} bids of {form} in 4 files, " in shown


def test_without_events_nothing_is_told_of_them(headline: Headline) -> None:
    assert headline(*TINY)["events"] is None
