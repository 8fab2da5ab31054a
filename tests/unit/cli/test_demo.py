"""The sixty-second start, and what a long run took."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from sim.cli import progress
from sim.cli.commands import run
from tests.unit.cli.small import TINY, Paceline, rows, tree


def test_the_demo_runs_and_says_what_to_try(paceline: Paceline, here: Path) -> None:
    done = paceline("demo")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Two campaigns bid for ads")
    assert "Everywhere, comedy" in done.stdout
    assert tree(here) == {}
    commands = [line[11:] for line in done.stdout.splitlines() if line[11:].startswith("paceline ")]
    assert len(commands) == len(run.TRIES)
    [database] = re.findall(r"export DATABASE_URL=(\S+)", done.stdout)
    for command in commands[:-1]:
        tried = paceline(*shlex.split(command)[1:], env={"DATABASE_URL": database})
        assert tried.exit_code == 0, (command, tried.stderr)
    assert list(tree(here)) == ["mine.yml"]
    assert max(map(len, commands)) <= 69


def test_the_demo_in_a_database_of_ones_own(paceline: Paceline, here: Path) -> None:
    assert paceline("demo", "--db", "mine.db", "--quiet").stdout.startswith("smoke-")
    assert list(tree(here)) == ["mine.db"]
    assert rows("mine.db", "SELECT tags FROM simulation_runs") == [("demo",)]


def test_a_demo_that_fails_leaves_nothing(
    paceline: Paceline, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("analysis.runs.simulate.simulate", fails)
    done = paceline("demo")
    assert (done.exit_code, done.stderr) == (1, "error: out of memory\n")
    assert list((here.parent / "tmp").iterdir()) == []


def test_what_a_long_run_took_is_told(paceline: Paceline, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Took" not in paceline("simulate", *TINY).stdout
    monkeypatch.setattr(progress, "LONG_S", 0)
    text = paceline("simulate", *TINY).stdout
    assert re.search(
        r"^Took       \d+ s, [\d.]+ [MG]B of memory and [\d.]+ [kM]?B of disk$", text, re.MULTILINE
    )


def test_a_program_is_told_what_a_run_took(paceline: Paceline) -> None:
    figures = json.loads(paceline("simulate", *TINY, "--json").stdout)
    assert figures["disk_bytes"] > 0
    assert figures["peak_rss_bytes"] > 0
