"""A scenario shown: whole, loadable, each value with its origin; and how two differ."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.booking import differing
from scenarios import loader, show
from scenarios.differing import differences
from scenarios.schema import starter

EVERYTHING = Path(__file__).parents[2] / "laws" / "everything.yml"
SCENARIOS = [*loader.names(loader.MARKETS), str(EVERYTHING)]


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_shown_loads_as_the_same_scenario(tmp_path: Path, name: str) -> None:
    loaded = loader.load(name, ["market.days=9", "market.floors.by_device={mobile: 2}"])
    file, texts = tmp_path / "shown.yml", set()
    for written_only, width in ((False, 60), (False, 78), (True, 120)):
        texts.add(text := show.as_yaml(loaded, width=width, written_only=written_only))
        file.write_text(text, encoding="utf-8")
        assert loader.load(str(file)).scenario == loaded.scenario
    assert len(texts) > 1


@pytest.mark.parametrize("name", SCENARIOS)
def test_comments_of_a_shown_scenario_fit_the_width(name: str) -> None:
    text = show.as_yaml(loader.load(name), width=118)
    assert max(map(len, text.splitlines())) <= 118


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    file = tmp_path / "mine.yml"
    file.write_text(
        "extends: smoke\n"
        "name: mine\n"
        "market:\n"
        "  auction: second_price\n"
        "  floors:\n"
        "    cpm: 7\n"
        "    by_device: {mobile: 2}\n"
    )
    return file


def test_each_value_says_where_it_came_from(mine: Path) -> None:
    found = {
        ".".join(map(str, one.path)): one for one in show.values(loader.load(str(mine), ["market.days=3"]))
    }
    origins = {path: one.origin.removeprefix(str(mine)) for path, one in found.items()}
    assert origins["name"] == ":2"
    assert origins["market.auction.kind"] == ":4"
    assert origins["market.floors.cpm"] == ":6"
    assert origins["market.floors.by_device.phone"] == ":7"
    assert origins["market.days"] == "--set"
    assert origins["market.shards"].endswith("smoke.yml:11")
    assert origins["market.population.hours_a_month"] == "default"
    assert origins["campaigns.0.campaign.line_items.0.pacing.kind"] == "default"
    assert origins["campaigns.1.campaign.line_items.0.pacing.kind"].endswith("smoke.yml:44")
    assert found["market.days"].value == 3


@pytest.mark.parametrize("written_only", [False, True])
def test_the_whole_has_what_its_examples_and_profiles_stand_for(tmp_path: Path, written_only: bool) -> None:
    loaded = loader.load("full")
    file = tmp_path / "whole.yml"
    file.write_text(show.as_yaml(loaded, whole=True, written_only=written_only), encoding="utf-8")
    again = loader.load(str(file))
    named = [listing.campaign.row() for listing in loaded.listings.values()]
    assert [listing.advertiser.name for listing in again.listings.values()] == [
        listing.advertiser.name for listing in loaded.listings.values()
    ]
    for row, listing in zip(named, again.listings.values(), strict=True):
        assert differing.differences(row, listing.campaign.row()) == []


def test_the_whole_says_where_a_campaign_of_another_file_is_written() -> None:
    loaded = loader.load("full")
    found = {".".join(map(str, one.path)): one.origin for one in show.values(loaded, whole=True)}
    for place, name in enumerate([*loaded.scenario.examples, *loaded.scenario.profiles]):
        file, line = found[f"campaigns.{place}.advertiser.name"].split(":")
        folder = "examples/netflix-ads-examples" if name in loaded.scenario.examples else f"profiles/{name}"
        assert file == f"scenarios/{folder}.yml"
        told = loaded.listings[name].advertiser.name
        text = (loader.HERE.parent / file).read_text(encoding="utf-8").splitlines()
        assert told in text[int(line) - 1]
    assert found["campaigns.0.campaign.line_items.0.holdout"] == "default"


def test_only_what_is_written(mine: Path) -> None:
    text = show.as_yaml(loader.load(str(mine)), written_only=True)
    assert "second_price" in text
    assert "default" not in text
    assert "outcomes" not in text


def test_text_that_yaml_would_misread_is_quoted(tmp_path: Path) -> None:
    for word in ("yes: no", "12", "1e3", "null", "- x", "# x", "a, b", 'say "so"', "tail ", "é", "[x]"):
        name = f'name: odd\nextends: smoke\ndescription: "{word.replace(chr(34), chr(92) + chr(34))}"\n'
        file = tmp_path / "odd.yml"
        file.write_text(name, encoding="utf-8")
        loaded = loader.load(str(file))
        file.write_text(show.as_yaml(loaded), encoding="utf-8")
        assert loader.load(str(file)).scenario.description == word


def test_differences_are_told_path_by_path() -> None:
    first = loader.load("smoke").scenario
    assert show.differences(first, first) == []
    second = loader.load("smoke", ["market.days=3", "market.auction=second_price", "seed=8"]).scenario
    assert show.differences(first, second) == [
        show.Difference("seed", 7, 8),
        show.Difference("market.days", 2, 3),
        show.Difference("market.auction.kind", "first_price", "second_price"),
    ]


def test_a_campaign_that_only_one_has_is_told_whole() -> None:
    found = show.differences(loader.load("full").scenario, loader.load("smoke").scenario)
    theirs = {one.path: one for one in found if one.path.startswith("campaigns")}
    smoke = "campaigns[Smoke Motors / Smoke Launch]"
    assert list(theirs) == [smoke, "campaigns[Smoke Snacks / Smoke Snack]"]
    assert theirs[smoke].first is None
    assert theirs[smoke].second["campaign"]["name"] == "Smoke Launch"


def test_campaigns_and_line_items_are_compared_by_name_wherever_they_stand(tmp_path: Path) -> None:
    text = (loader.MARKETS / "smoke.yml").read_text(encoding="utf-8")
    head, first, second = re.split(r"(?m)^(?=  - advertiser)", text)
    file = tmp_path / "mine.yml"
    swapped = f"{second}{first}".replace("max_cpm: 25.00", "max_cpm: 27.00")
    file.write_text(f"{head}{swapped}", encoding="utf-8")
    smoke, mine = loader.load("smoke").scenario, loader.load(str(file)).scenario
    item = "campaigns[Smoke Motors / Smoke Launch].campaign.line_items[TV drama]"
    assert show.differences(smoke, mine) == [show.Difference(f"{item}.max_cpm", 25, 27)]
    file.write_text(f"{head}{swapped}".replace("name: TV drama", "name: PC drama"), encoding="utf-8")
    found = show.differences(smoke, loader.load(str(file)).scenario)
    assert [one.path for one in found] == [item, item.replace("TV ", "PC ")]
    assert [one.second is None for one in found] == [True, False]


def test_the_starter_loads_and_says_what_it_says(tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(starter(Path("mine.yml")), encoding="utf-8")
    loaded = loader.load(str(file))
    assert loaded.scenario.name == "mine"
    assert list(loaded.listings) == ["campaigns.0", "campaigns.1"]
    assert max(map(len, file.read_text(encoding="utf-8").splitlines()[1:])) <= 110
    # What is offered behind a `#` works as well.
    text = (
        file.read_text(encoding="utf-8").replace("  # changes:", "  changes:").replace("  #   - {", "    - {")
    )
    file.write_text(text, encoding="utf-8")
    assert len(loader.load(str(file)).scenario.market.changes) == 1


def test_terms_by_name_are_told_as_what_they_make_of_whom_both_scenarios_name() -> None:
    def told(other: str, *settings: str) -> list[show.Difference]:
        return differences(loader.load("full"), loader.load(other, settings))

    switch = "line_item[Switch, mobile comedy and reality, 15 s].max_cpm"
    assert told("full", "line_item[Switch*].max_cpm=11") == [show.Difference(switch, 15, 11)]
    assert told("full", "line_item[Switch*].max_cpm=15") == []
    category = "profile[mobile_consideration].advertiser.category"
    assert told("full", f"{category}=x") == [show.Difference(category, "telecom", "x")]
    alone = differences(loader.load("smoke"), loader.load("full", ["line_item[Switch*].max_cpm=11"]))
    assert [(one.first, one.second) for one in alone if one.path.startswith("overrides")] == [
        (None, {"max_cpm": 11})
    ]
