"""Reproduce: what it says and how it exits."""

from __future__ import annotations

import json

from tests.unit.cli.small import TINY, Headline, Paceline, change


def test_a_run_is_reproduced(paceline: Paceline, headline: Headline) -> None:
    run = headline(*TINY)
    done = paceline("reproduce", run["run_id"])
    assert (done.exit_code, done.stderr) == (0, "")
    assert (
        f"Digest     {run['digest']}\nAgain      {run['digest']}\nResult     the same bytes; " in done.stdout
    )
    told = json.loads(paceline("reproduce", "--json").stdout)
    assert told["same"]
    assert told["digest"] == told["digest_now"] == run["digest"]
    assert paceline("reproduce", "--quiet").output == ""


def test_a_row_that_was_changed_is_shown(paceline: Paceline, headline: Headline) -> None:
    run = headline(*TINY)
    change(
        "UPDATE performance SET mutes = mutes + 1 WHERE rowid = 1", "UPDATE line_items SET status = 'paused'"
    )
    done = paceline("reproduce", run["run_id"])
    assert done.exit_code == 3
    assert "\nRow        performance, hour_start 2026-11-02 " in done.stdout
    assert ": mutes is " in done.stdout.replace("\n", " ").replace("  ", "")
    told = json.loads(paceline("reproduce", "--json").stdout)
    assert (told["same"], told["compared"]) == (False, True)
    assert told["difference"].startswith("performance, ")
    change("UPDATE line_items SET name = 'renamed ' || id")
    assert "Rows       not compared: the registry has other names by now" in paceline("reproduce").stdout


def test_a_run_that_comes_out_otherwise_exits_with_3(paceline: Paceline, headline: Headline) -> None:
    run = headline(*TINY)
    change("UPDATE simulation_runs SET spend_micros = 1, python_version = '3.1'")
    done = paceline("reproduce", run["run_id"])
    assert done.exit_code == 3
    assert "Differs    spend in micros: 1 then, " in done.stdout
    assert "Version    python: 3.1 then, " in done.stdout
    assert "Result     not the same; " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert paceline("reproduce", "--quiet").exit_code == 3
    assert json.loads(paceline("reproduce", "--json").stdout)["same"] is False
