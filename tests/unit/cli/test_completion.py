"""What a shell completes, and that JSON and quiet are what they say on every command."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from scenarios.loader import PROFILES, examples, load, names
from sim.cli import completion
from tests.unit.cli.small import TINY, Headline, Paceline, tree


def test_scenarios_and_files_are_completed(here: Path) -> None:
    Path("mine.yml").touch()
    Path("other.txt").touch()
    Path("deep").mkdir()
    Path("deep", "x.yaml").touch()
    assert completion.scenarios("sm") == ["smoke"]
    assert completion.scenarios("mi") == ["mine.yml"]
    assert completion.scenarios("d") == ["deep/", "deep/x.yaml"]  # no single answer, and so no space after it
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


def settings(incomplete: str, scenario: str | None = None) -> list[str]:
    return completion.settings(SimpleNamespace(params={"scenario": scenario}), incomplete)


def test_every_path_that_is_completed_can_be_set() -> None:
    assert settings("see") == ["seed=", "seed=20261102"]
    assert "market.auction.kind=" in settings("market.auc")
    assert settings("market.po") == ["market.population.", "market.pods."]
    assert "market.auction.kind=" in settings("market.auction.")
    assert settings("market.nothing.") == []
    assert settings("seed=") == []
    found = [path for path in settings("") if path.endswith("=")]
    assert "extends=" not in found
    assert "overrides=" not in found
    assert load("smoke", [f"{path}7" for path in found if path == "seed="]).scenario.seed == 7


def test_campaigns_and_line_items_are_completed_by_name(here: Path) -> None:
    assert settings("line_item[", "smoke") == ["line_item[TV drama].", "line_item[Everywhere, comedy]."]
    assert settings("campaign[EV", "full")[0] == "campaign[EV Awareness Launch].lifetime_budget="
    assert settings("line_item[Switch, mobile comedy and reality, 15 s].pacing.kin", "full")[0].endswith(
        ".kind="
    )
    assert settings("line_item[Switch", "none.yml") == settings("line_item[x", "full") == []
    Path("mine.yml").write_text("name: mine\nextends: smoke\n")
    assert settings("line_item[TV drama].max_c", "mine.yml")[0] == "line_item[TV drama].max_cpm="


def test_what_is_in_a_database_is_completed(paceline: Paceline, headline: Headline) -> None:
    context = SimpleNamespace(params={"db": "ads.db"})
    headline(*TINY, "--tag", "baseline", "--tag", "first")
    assert completion.tags(context, "") == ["baseline", "first"]
    assert completion.tags(context, "b") == ["baseline"]
    assert completion.advertisers(context, "") == ["1", "2"]


def test_the_terms_of_a_campaign_are_completed() -> None:
    assert completion.kinds("pacers")("as") == ["asap"]
    assert completion.kinds("bidding")("t") == ["truthful"]
    assert completion.kinds("valuations")("l") == ["log_normal"]
    assert completion.zones("Europe/Ber") == ["Europe/Berlin"]
    assert completion.targets("dev") == ["device=", "device=VALUE"]


JSON = (
    "list pacers",
    "status",
    "runs",
    "audit",
    "reproduce",
    "scenario show smoke",
    "scenario diff smoke full",
    "list",
    "init-db",
    "demo --db demo.db",
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
