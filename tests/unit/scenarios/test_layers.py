"""One scenario over another, with the model in hand: shares of a whole and other kinds replace, the rest merges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from entities.enums import TargetingKey
from scenarios import loader
from scenarios.models import Scenario
from scenarios.scalars import plain
from scenarios.shape import Shape
from sim.audience.pods.dynamic import DynamicPods
from sim.market.market import Market

SHARES = ["market.regions", "market.viewing.devices", "market.content.genres"]
SHARES += [f"market.content.{key.trait.weights}" for key in TargetingKey if key.trait.weights]
SHARES += [
    f"market.pods.{place}.{shares}" for place in ("pre_roll", "mid_roll") for shares in ("slots", "seconds")
]
SHARES += [f"drawn.{part}" for part in ("deal", "pacing", "bidding")]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def market(text: str, *settings: str, base: str = "exact") -> Market:
    Path("mine.yml").write_text(f"name: mine\nextends: {base}\nmarket:\n  {text}\n")
    return loader.load("mine.yml", settings).scenario.market


def test_all_that_shares_a_whole_is_marked_and_nothing_else() -> None:
    shape = Shape.of(Scenario)
    found = {
        path for path in shape.paths() if (at := shape.at(tuple(path.split(".")))) and at.shares_a_whole()
    }
    assert found == set(SHARES)


def test_regions_replace_those_of_the_base() -> None:
    found = market("regions: {north: {timezone: UTC, share: 1}, south: {timezone: UTC, share: 3}}")
    assert {name: region.share for name, region in found.regions.items()} == {"north": 1, "south": 3}


def test_slots_replace_those_of_the_base_and_the_break_stays() -> None:
    place = market("pods: {pre_roll: {slots: {3: 1}}}").pods.places[0]
    assert plain(place) == {"share": 1, "slots": {"3": 1}}


def test_devices_and_genres_are_those_that_are_said() -> None:
    Path("base.yml").write_text(
        "name: base\nextends: exact\nmarket: {viewing: {devices: {phone: 1}}, content: {genres: {drama: 1, family: 1}}}\n"
    )
    found = market("viewing: {devices: {tv: 1}}\n  content: {genres: {comedy: 2, drama: 1}}", base="base.yml")
    assert plain(found.viewing.devices) == {"tv": 1}
    assert plain(found.content.genres) == {"comedy": 2, "drama": 1}


def test_a_setting_of_all_shares_replaces_and_one_of_a_share_changes_it_alone() -> None:
    assert plain(market("days: 1", "market.viewing.devices={tv: 1}").viewing.devices) == {"tv": 1}
    usual = plain(Market().viewing.devices)
    assert plain(market("days: 1", "market.viewing.devices.tv=1").viewing.devices) == {**usual, "tv": 1}
    slots = market("days: 1", "market.pods.mid_roll.slots.3=5").pods.places[1]
    assert plain(slots) == {"share": 0.75, "slots": {"2": 2, "3": 5}}
    assert market("days: 1", "market.regions={a: {timezone: UTC, share: 1}}").regions.keys() == {"a"}


def test_what_replaces_is_named_for_all_of_it() -> None:
    market("regions: {north: {timezone: UTC, share: 1}}")
    source = loader.load("mine.yml").source
    regions = {
        ".".join(map(str, key)): str(origin) for key, origin in source.origins.items() if "regions" in key
    }
    assert regions == {
        "market.regions": "mine.yml:4",
        "market.regions.north": "mine.yml:4",
        "market.regions.north.timezone": "mine.yml:4",
        "market.regions.north.share": "mine.yml:4",
    }


@pytest.mark.parametrize("settings", [[], ["market.pods.kind=dynamic"], ["market.pods=dynamic"]])
def test_dynamic_pods_over_structured_ones_start_from_their_own_defaults(settings: list[str]) -> None:
    text = "days: 1" if settings else "pods: {kind: dynamic}"
    assert market(text, *settings).pods == DynamicPods()


def test_a_base_that_names_no_kind_has_the_usual_one() -> None:
    Path("base.yml").write_text("name: base\nmarket: {pods: {slot_seconds: 20}, ambient: {presence: 0.1}}\n")
    found = market("pods: {kind: structured, mid_roll_every_minutes: 7}\n  ambient: none", base="base.yml")
    told: dict[str, Any] = plain(found.pods)
    assert (told["slot_seconds"], told["mid_roll_every_minutes"]) == (20, 7)
    assert plain(found.ambient) == {"kind": "none"}


def test_parameters_after_a_new_kind_are_of_that_kind() -> None:
    found = market("days: 1", "market.pods.kind=dynamic", "market.pods.mid_roll.seconds.60=5").pods
    assert plain(found.places[1])["seconds"] == {"60": 5, "90": 1}
