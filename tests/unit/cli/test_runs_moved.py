"""Runs that are moved from one database to another, by the command."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.cli.small import TINY, Headline, Paceline, rows


def test_a_run_goes_from_one_database_to_another(paceline: Paceline, headline: Headline) -> None:
    told = headline(*TINY, "--note", "as it was", "--tag", "base")
    run = told["run_id"]
    done = paceline("runs", "export", run)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1].startswith(f"File       {run}.run.zip, ")
    done = paceline("runs", "import", f"{run}.run.zip", "--db", "new.db", "--json")
    (taken,) = json.loads(done.stdout)["runs"]
    assert (taken["run_id"], taken["digest"], taken["note"], taken["tags"]) == (
        run,
        told["digest"],
        "as it was",
        ["base"],
    )
    assert paceline("audit", "--db", "new.db").exit_code == 0
    assert paceline("reproduce", "--db", "new.db", "--quiet").exit_code == 0
    assert rows("new.db", "SELECT count(*) FROM campaigns") == rows(
        "ads.db", "SELECT count(*) FROM campaigns"
    )
    done = paceline("runs", "import", f"{run}.run.zip", "--db", "new.db")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"error: {run}.run.zip: run {run} is in this database already\n"


def test_bad_files_are_told_and_leave_no_database(paceline: Paceline, here: Path) -> None:
    (here / "x.run.zip").write_bytes(b"PK")
    for name, why in (
        ("none.run.zip", "no such file or directory"),
        ("x.run.zip", "is damaged, or no file of `paceline runs export`"),
    ):
        done = paceline("runs", "import", name, "--db", "new.db")
        assert (done.exit_code, done.stderr, done.stdout) == (2, f"error: {name}: {why}\n", "")
    assert [file.name for file in here.iterdir()] == ["x.run.zip"]


def test_where_a_run_cannot_be_exported(paceline: Paceline, headline: Headline, here: Path) -> None:
    run = headline(*TINY)["run_id"]
    (here / "there.zip").touch()
    for line, why in (
        (("nope",), f"there is no run 'nope'; runs are {run}"),
        ((run, "there.zip"), "there.zip: is there already; name a new file"),
        ((run, "none/x.zip"), "none/x.zip: no such file or directory"),
    ):
        done = paceline("runs", "export", *line)
        assert (done.exit_code, done.stderr, done.stdout) == (2, f"error: {why}\n", "")


def test_all_runs_go_into_a_lake(paceline: Paceline, headline: Headline, here: Path) -> None:
    run = headline(*TINY)["run_id"]
    done = paceline("export", "--all", "--json")
    told = json.loads(done.stdout)
    assert ([one["run_id"] for one in told["added"]], told["before"], told["folder"]) == (
        [run],
        0,
        "paceline-lake",
    )
    done = paceline("export", "--all")
    assert done.stdout.splitlines()[:2] == [
        "Added      0 runs, 0 files, 0 B",
        "Before     1 runs, left as they are",
    ]
    for line, why in (
        (("--format", "csv"), "is Parquet, not csv"),
        ((run,), f"takes no run, and {run} is one"),
        (("--creator", "Me"), "has no sidecar that says a licence or a creator"),
    ):
        done = paceline("export", "--all", *line)
        assert (done.exit_code, done.stderr) == (2, f"error: --all: {why}\n")
