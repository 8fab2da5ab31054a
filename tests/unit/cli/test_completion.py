"""What a shell completes, and that JSON and quiet are what they say on every command."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from scenarios.loader import PROFILES, examples, load, names
from sim.commands import completion
from tests.unit.cli.small import TINY, Headline, Paceline, tree


def test_scenarios_and_files_are_completed(here: Path) -> None:
    Path("mine.yml").touch()
    Path("other.txt").touch()
    Path("deep").mkdir()
    Path("deep", "x.yaml").touch()
    assert completion.scenarios("sm") == ["smoke"]
    assert completion.scenarios("mi") == ["mine.yml"]
    assert completion.scenarios("d") == ["deep/"]
    assert completion.scenarios("deep/") == ["deep/x.yaml"]
    assert completion.scenarios("none/x") == []


def test_examples_and_profiles_are_completed(here: Path) -> None:
    assert completion.profiles("") == names(PROFILES)
    ours = SimpleNamespace(params={})
    assert completion.examples(ours, "") == list(examples())
    assert completion.examples(SimpleNamespace(params={"template": "none.yml"}), "") == []


def test_runs_are_completed_and_no_database_is_made(headline: Headline, here: Path) -> None:
    context = SimpleNamespace(params={"db": "ads.db"})
    assert completion.runs(context, "") == []
    assert tree(here) == {}
    run = headline(*TINY)["run_id"]
    assert completion.runs(context, "smo") == [run]
    assert completion.runs(context, "full") == []


def test_every_path_that_is_completed_can_be_set() -> None:
    assert completion.settings("see") == ["seed="]
    assert completion.settings("market.po") == ["market.population.", "market.pods."]
    assert "market.auction.kind=" in completion.settings("market.auction.")
    assert completion.settings("market.nothing.") == []
    assert completion.settings("seed=") == []
    paths = [path for path in completion.settings("") if path.endswith("=")]
    assert "extends=" not in paths
    assert load("smoke", [f"{path}7" for path in paths if path == "seed="]).scenario.seed == 7


JSON = (
    "list pacers",
    "status",
    "runs",
    "audit",
    "reproduce",
    "scenario show smoke",
    "scenario diff smoke full",
    "create-example",
    "create-profile",
    "create-advertiser --auto",
    "create-campaign --advertiser-id 1 --auto",
)


def test_json_stands_alone_on_every_command(paceline: Paceline, headline: Headline) -> None:
    headline(*TINY)
    for line in JSON:
        done = paceline(*line.split(), "--json")
        assert (done.exit_code, done.stderr) == (0, ""), line
        assert isinstance(json.loads(done.stdout), dict), line


@pytest.mark.parametrize("line", ["init-db", "create-example", "create-profile", "audit", "reproduce"])
def test_quiet_prints_nothing_where_nothing_is_needed(
    paceline: Paceline, headline: Headline, line: str
) -> None:
    headline(*TINY)
    done = paceline(*line.split(), "--quiet")
    assert (done.exit_code, done.output) == (0, "")


def test_a_quiet_run_prints_its_id(paceline: Paceline) -> None:
    done = paceline("simulate", *TINY, "--quiet")
    assert (done.exit_code, done.stderr) == (0, "")
    assert paceline("runs", "--quiet").stdout == done.stdout
