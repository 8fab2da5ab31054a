"""The sixty-second start, and the price that is told before a long run."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from analysis import price
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


def test_the_price_of_a_long_run_is_told_and_compared(
    paceline: Paceline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "LONG_S", 0)
    lines = paceline("simulate", *TINY).stdout.splitlines()
    told = r"\d+ s, [\d.]+ MB of memory and [\d.]+ [kM]?B of disk"
    [before] = [place for place, line in enumerate(lines) if re.fullmatch(f"this takes about {told}", line)]
    [took] = [place for place, line in enumerate(lines) if re.fullmatch(f"Took       {told}", line)]
    assert before < took
    assert re.fullmatch(f"Foretold   {told}", lines[took + 1])


def test_the_price_of_a_short_run_is_no_news(paceline: Paceline) -> None:
    text = paceline("simulate", *TINY).stdout
    assert "this takes" not in text
    assert "Foretold" not in text


def test_a_program_is_told_the_price_as_well(paceline: Paceline) -> None:
    done = paceline("simulate", *TINY, "--json")
    told = json.loads(done.stdout)
    assert "Foretold" not in done.stderr
    assert told["foretold"].keys() == {"seconds", "peak_rss_bytes", "disk_bytes"}
    assert told["disk_bytes"] > 0
    assert told["foretold"]["seconds"] < 10
    assert price.fitted().keys() == {"seconds", "memory_bytes", "disk_bytes"}
