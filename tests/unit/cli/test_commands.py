"""The other commands: creation, status, audit, help and version."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.laws import LAWS
from tests.unit.cli.small import TINY, Headline, Paceline, change, rows, tree


def test_help_names_every_command(paceline: Paceline) -> None:
    plain, asked = paceline(), paceline("--help")
    assert plain.exit_code == asked.exit_code == 0
    for command in (
        "init-db",
        "create-advertiser",
        "create-campaign",
        "create-example",
        "create-profile",
        "simulate",
        "status",
        "audit",
        "list",
    ):
        assert command in plain.stdout
        assert command in asked.stdout
        assert paceline(command, "--help").exit_code == 0


def test_the_version(paceline: Paceline) -> None:
    assert paceline("--version").stdout == "paceline 0.2.0\n"


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from sim.cli.app import app; app(['--help'], standalone_mode=False); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "numba", "polars", "sqlalchemy", "pydantic", "faker", "simpy", "yaml", "scipy"}
    assert set(done.stdout.split()) & heavy == set()


def test_a_word_is_completed_without_anything_heavy() -> None:
    asked = {"_PACELINE_COMPLETE": "complete_bash", "COMP_WORDS": "paceline simulate smo", "COMP_CWORD": "2"}
    code = "import sys, atexit; atexit.register(lambda: print('numpy' in sys.modules, 'sqlalchemy' in sys.modules));"
    code += "from sim.cli.app import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ | asked
    )
    assert done.stdout.split() == ["smoke", "False", "False"]


def test_reading_scenarios_and_runs_loads_no_compiler() -> None:
    code = (
        "import sys, sim.family; from sim import kernels; from scenarios import show; from scenarios.loader import load;"
        "load('smoke'); print('polars' in sys.modules, 'numba' in sys.modules);"
        "import analysis.runs.stored, analysis.study.metrics; print('numba' in sys.modules);"
        "from sim.auction.second_price import SecondPrice; SecondPrice().price;"
        "kernels.mix; print('numba' in sys.modules, kernels.mix is sys.modules['sim.kernels'].mix)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False", "True", "True"]


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim", "statsu"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: no such command 'statsu'; did you mean 'status'?\n"


def test_a_database_is_created_once(paceline: Paceline, here: Path) -> None:
    assert paceline("init-db").stdout == "ads.db created\n"
    before = tree(here)
    assert paceline("init-db").stdout == "ads.db is ready\n"
    assert tree(here) == before


def test_an_empty_file_becomes_a_database(paceline: Paceline) -> None:
    Path("empty.db").touch()
    assert paceline("init-db", "--db", "empty.db").stdout == "empty.db created\n"
    assert paceline("status", "--db", "empty.db").exit_code == 0


def test_examples_and_profiles_are_created_once(paceline: Paceline) -> None:
    paceline("init-db")
    one = paceline("create-example", "--example", "nexbank_conversion")
    created = "nexbank_conversion: created (NexBank, App Acquisition Q4)"
    assert one.stdout == f"{created}\nNext       paceline simulate\n"
    every = paceline("create-example").stdout.splitlines()
    assert [line.split(" (")[0] for line in every[:-1]] == [
        "luxury_auto_awareness: created",
        "crunchy_snacks_consideration: created",
        "nexbank_conversion: is there already",
    ]
    two = ["--name", "mobile_consideration", "--name", "high_cpm_tv_awareness"]
    assert paceline("create-profile", *two).stdout.count(": created (") == 2
    assert paceline("create-profile").stdout.count(": created (") == 2
    assert rows("ads.db", "SELECT count(*) FROM campaigns") == [(7,)]


def test_examples_come_from_any_template(paceline: Paceline) -> None:
    from scenarios.loader import DEFAULT_EXAMPLES

    Path("mine.yml").write_bytes(DEFAULT_EXAMPLES.read_bytes())
    paceline("init-db")
    assert paceline("create-example", "--template", "mine.yml").stdout.count(": created (") == 3


def test_status_of_an_empty_database_says_what_to_do(paceline: Paceline) -> None:
    paceline("init-db")
    text = paceline("status").stdout
    assert re.search(r"^Database +ads\.db, [\d.]+ kB$", text, re.MULTILINE)
    assert re.search(r"^Schema +\d+$", text, re.MULTILINE)
    assert text.endswith("Runs       none yet; start one with: paceline simulate\n")


def test_status_lists_the_runs(paceline: Paceline, headline: Headline) -> None:
    old, new = headline(*TINY), headline(*TINY, "--seed", "8")
    text = paceline("status").stdout
    assert text.index(new["run_id"]) < text.index(old["run_id"])
    assert f"{old['auctions']:,}" in text
    assert old["digest"][:8] in text
    assert max(map(len, text.splitlines())) <= 80
    told = json.loads(paceline("status", "--json").stdout)
    assert [run["run_id"] for run in told["runs"]] == [new["run_id"], old["run_id"]]
    assert told["rows"]["simulation_runs"] == 2
    assert all(
        0 < run["forecast_error"]["by_day"] < run["forecast_error"]["by_hour"] < 1 for run in told["runs"]
    )
    assert len(re.findall(r"^Forecast +.*% off an hour, .*% a\s+day$", text, re.MULTILINE)) == 2
    assert told["bytes"] == Path("ads.db").stat().st_size


def test_an_audit_of_a_good_run_finds_nothing(paceline: Paceline, headline: Headline) -> None:
    run = headline(*TINY)
    done = paceline("audit")
    assert (done.exit_code, done.stderr) == (0, "")
    assert re.search(r"^ +7 +funnel +holds +[\d,]+ *$", done.stdout, re.MULTILINE)
    assert re.search(rf"^Run +{run['run_id']}\nResult +all \d+ laws checked hold$", done.stdout, re.MULTILINE)


def test_an_audit_that_finds_something_exits_with_3(paceline: Paceline, headline: Headline) -> None:
    run = headline(*TINY)
    change("UPDATE simulation_runs SET impressions = impressions + 1")
    done = paceline("audit", run["run_id"])
    assert done.exit_code == 3
    assert "laws broken" in done.stdout
    assert "; allowed: " in done.stdout
    told = json.loads(paceline("audit", "--json").stdout)
    assert [law["status"] for law in told["laws"]].count("broken") >= 1
    assert [law["law"] for law in told["laws"]] == list(LAWS)


@pytest.mark.parametrize("columns", ["60", "80", "140"])
def test_no_colour_in_a_pipe(paceline: Paceline, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    paceline("init-db")
    assert "\x1b" not in paceline("status").stdout
