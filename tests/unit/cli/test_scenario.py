"""The verbs about scenarios."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenarios.schema import text
from tests.unit.cli.small import Headline, Paceline, tree


@pytest.mark.parametrize("columns", ["80", "120"])
def test_show_prints_yaml_that_loads_with_origins(
    paceline: Paceline, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = paceline("scenario", "show", "full", "--set", "market.days=3")
    assert (done.exit_code, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= int(columns)
    Path("shown.yml").write_text(done.stdout)
    again = paceline("scenario", "diff", "full", "shown.yml")
    assert [line.split() for line in again.stdout.splitlines()[2:]] == [["market.days", "46", "3"]]
    assert "  days: 3                                     # --set\n" in done.stdout


def test_show_writes_out_what_stands_by_name(paceline: Paceline) -> None:
    short, whole = (paceline("scenario", "show", "full", *more).stdout for more in ((), ("--whole",)))
    assert short.endswith("# 7 of its campaigns are named only; --whole writes them out\n")
    assert "netflix-ads-examples.yml:" in whole
    assert "by name only" not in whole
    told = json.loads(paceline("scenario", "show", "full", "--whole", "--json").stdout)["values"]
    assert sum(one["path"].endswith("advertiser.name") for one in told) == 7


def test_show_as_json(paceline: Paceline) -> None:
    told = json.loads(paceline("scenario", "show", "smoke", "--json").stdout)
    by_path = {one["path"]: one for one in told["values"]}
    assert by_path["market.start"]["value"] == "2026-11-02"
    assert by_path["market.tick_minutes"] == {"path": "market.tick_minutes", "value": 60, "origin": "default"}
    written = json.loads(paceline("scenario", "show", "smoke", "--json", "--written").stdout)
    assert 0 < len(written["values"]) < len(told["values"])


@pytest.mark.parametrize("columns", ["80", "120"])
def test_diff_tells_where_two_scenarios_differ(
    paceline: Paceline, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = paceline("scenario", "diff", "full", "smoke")
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= int(columns)
    assert "only here" in done.stdout
    assert paceline("scenario", "diff", "full", "full").stdout == "they are the same\n"
    told = json.loads(paceline("scenario", "diff", "full", "full", "--set", "seed=1", "--json").stdout)
    assert told["differences"] == [{"path": "seed", "first": 20261102, "second": 1}]


SWITCH = "Switch, mobile comedy and reality, 15 s"


@pytest.mark.parametrize("verb", ["show full", "diff smoke full"])
def test_whom_a_glob_meets_is_told_and_what_changes_nothing(paceline: Paceline, verb: str) -> None:
    settings = ("--set", "line_item[Switch*].max_cpm=20", "--set", "market.days=46")
    done = paceline("scenario", *verb.split(), *settings, "--json")
    assert done.stderr.splitlines() == [
        f"note: line_item[Switch*] means 1 line item: '{SWITCH}'",
        "warning: --set market.days=46: changes nothing; the value is that already",
    ]
    assert json.loads(done.stdout)


def test_the_schema(paceline: Paceline) -> None:
    assert paceline("scenario", "schema").stdout == text("scenario")
    assert paceline("scenario", "schema", "profile").stdout == text("profile")
    done = paceline("scenario", "schema", "profil")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith("must be one of scenario, examples, profile; did you mean profile?\n")


def test_a_new_scenario_runs_without_a_warning(paceline: Paceline, headline: Headline, here: Path) -> None:
    done = paceline("scenario", "new", "mine")
    assert done.stdout == "mine.yml written; run it with: paceline simulate mine.yml\n"
    ran = paceline("simulate", "mine.yml", "--json")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["impressions"] > 1000


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("there", "there.yml: is there already; take another name"),
        ("Big", 'NAME: "Big" is not allowed; must be lowercase letters, digits, `_` and `-`, a letter first'),
        ("none/mine", "none/mine.yml: no such file or directory"),
    ],
)
def test_a_new_scenario_never_takes_anything_away(
    paceline: Paceline, here: Path, name: str, message: str
) -> None:
    Path("there.yml").write_text("mine")
    before = tree(here)
    done = paceline("scenario", "new", name)
    assert (done.exit_code, done.stderr, done.stdout) == (2, f"error: {message}\n", "")
    assert tree(here) == before


def test_a_scenario_that_is_wrong_is_refused(paceline: Paceline) -> None:
    for verb in ("show", "diff"):
        done = paceline("scenario", verb, *["smoek"] * (2 if verb == "diff" else 1))
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr == "error: no scenario 'smoek'; did you mean smoke?\n"
    assert "Show, compare" in paceline("scenario").stdout
