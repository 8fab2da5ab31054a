"""What a shell completes, and that JSON and quiet are what they say on every command."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from scenarios.loader import PROFILES, examples, load, names
from scenarios.selectors import split
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


def test_all_nouns_are_completed_and_the_fields_behind_them(here: Path) -> None:
    assert "profile[mobile_consideration]." in settings("prof", "full")
    assert settings("profile[mob", "full")[0] == "profile[mobile_consideration].description="
    assert settings("example[lux", "full")[0].startswith("example[luxury_auto_awareness].")
    assert settings("bidder[", "exact")[0].startswith("bidder[Bidder].")
    assert settings("line_item[*].max", "smoke")[0] == "line_item[*].max_cpm="
    assert settings('line_item["TV', "smoke")[0].startswith('line_item["TV drama"].')
    assert settings("line_item['TV", "smoke")[0].startswith("line_item['TV drama'].")
    terms = "start_date: 2026-11-02, end_date: 2026-11-03, line_items: [{name: L, max_cpm: 9, lifetime_budget: 5}]"
    both = [f"{{advertiser: {{name: {one}}}, campaign: {{name: C, {terms}}}}}" for one in "AB"]
    Path("two.yml").write_text(f"name: two\ncampaigns: [{', '.join(both)}]\n")
    assert settings("line_item[", "two.yml") == ["line_item[A / C / L].", "line_item[B / C / L]."]


def test_the_scenario_is_what_stands_before_the_setting(paceline: Paceline) -> None:
    for words, first in (
        ("simulate smoke --set", "line_item[TV drama]."),
        ("scenario diff full smoke --set", "line_item[TV drama]."),
        ("simulate --set", "line_item[EV launch, TV drama, 30 s]."),
    ):
        asked = {
            "_TYPER_COMPLETE_ARGS": f"paceline {words} line_item[",
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        }
        done = paceline(env={**asked, "_PACELINE_COMPLETE": "complete_fish"})
        assert done.stdout.splitlines()[0] == first


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        (r"line_item[TV\ d", r"line_item[TV\ drama].name="),
        ("line_item[*].max", r"line_item[\*].max_cpm="),
        ('"line_item[TV d', "line_item[TV drama].name="),
        ("'line_item[TV d", "line_item[TV drama].name="),
        ("""'line_item["TV d""", 'line_item["TV drama"].name='),
        (r'"line_item[\"TV d', r"line_item[\"TV drama\"].name="),
        ('line_item["TV d', ""),
    ],
)
def test_bash_gets_names_as_they_are_typed(paceline: Paceline, typed: str, completed: str) -> None:
    words = ["paceline", "simulate", "smoke", "--set", typed]
    bash = {"_PACELINE_COMPLETE": "complete_bash", "COMP_WORDS": "\n".join(words), "COMP_CWORD": "4"}
    lines = paceline(env=bash).stdout.splitlines()
    assert completed in lines if completed else not any(lines)
    quote = typed[0] if typed[0] in "'\"" else ""
    word = subprocess.run(
        ["bash", "-c", f"printf %s {quote}{completed}{quote}"], capture_output=True, text=True, check=True
    )
    assert not completed or split(f"{word.stdout}1") is not None


def test_what_is_in_a_database_is_completed(paceline: Paceline, headline: Headline) -> None:
    context = SimpleNamespace(params={"db": "ads.db"})
    headline(*TINY, "--tag", "baseline", "--tag", "first")
    assert completion.tags(context, "") == ["baseline", "first"]
    assert completion.tags(context, "b") == ["baseline"]
    assert completion.advertisers(context, "") == ["1", "2"]
    for verb, reached in (
        ("simulate", ["line_item[TV drama].", "line_item[Everywhere, comedy]."]),
        ("show", []),
    ):
        asked = SimpleNamespace(params={"db": "ads.db"}, info_name=verb, args=["exact"])
        assert sorted(completion.settings(asked, "line_item[")) == sorted(reached)


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
