"""`--set`: which paths there are, what it puts where, and who is named for it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from entities.errors import InputError
from scenarios.layers import Layered, Origin, places
from scenarios.overrides import override
from scenarios.shape import Shape
from tests.unit.scenarios.small_model import Scenario

FILE = Path("market.yml")


def layered(data: dict[str, Any]) -> Layered:
    return Layered(FILE, data, {key: Origin("market.yml", 1, 1) for key in places(data, ())}, ())


def changed(*settings: str, **data: Any) -> dict[str, Any]:
    return override(layered(data), settings, Scenario).data


def test_values_are_yaml_and_later_ones_win() -> None:
    assert changed("seed=1e3", "name=x", "seed=7", name="y") == {"name": "x", "seed": 7}
    assert changed("market.caps=[{count: 1, unit: day}]", "market.caps.0.count=2") == {
        "market": {"caps": [{"count": 2, "unit": "day"}]}
    }
    assert changed("name=a=b", "market.cap=") == {"name": "a=b", "market": {"cap": None}}


def test_what_the_scenario_does_not_say_is_made() -> None:
    assert changed("market.population.viewers=5") == {"market": {"population": {"viewers": 5}}}
    assert changed("market.cap.count=5", market={"cap": None}) == {"market": {"cap": {"count": 5}}}
    assert changed("market.extra.any.thing=5") == {"market": {"extra": {"any": {"thing": 5}}}}


def test_a_list_or_table_that_is_there_by_default_is_changed_in_place() -> None:
    assert changed("market.population.regions.1=MX") == {"market": {"population": {"regions": ["US", "MX"]}}}
    assert changed("market.devices.tv=0.5") == {"market": {"devices": {"tv": 0.5, "pc": 0.3}}}


def test_another_kind_takes_the_parameters_of_the_old_one_away() -> None:
    market = {"pacing": {"kind": "pid", "gain": 3}}
    assert changed("market.pacing.kind=asap", market=market) == {"market": {"pacing": {"kind": "asap"}}}
    assert changed("market.pacing.kind=pid", market=market) == {"market": market}
    assert changed("market.pacing.gain=2", market={"pacing": "pid"}) == {
        "market": market | {"pacing": {"kind": "pid", "gain": 2}}
    }


def test_the_scenario_itself_is_left_alone_and_the_change_remembered() -> None:
    before = layered({"market": {"caps": [{"count": 1, "unit": "day"}], "population": {"viewers": 5}}})
    after = override(before, ["market.caps=[{count: 2, unit: week}, {count: 3, unit: day}]"], Scenario)
    assert before.data["market"]["caps"] == [{"count": 1, "unit": "day"}]
    assert str(after.origin(("market", "caps", 1, "count"))) == "--set"
    assert str(after.origin(("market", "population", "viewers"))) == "market.yml:1"
    shorter = override(after, ["market.caps=[]"], Scenario)
    assert set(shorter.origins) == set(places(shorter.data, ()))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("market.populaton.viewers=3", "market.populaton.viewers: no such parameter; did you mean market.population.viewers?"),
        ("viewers=3", "viewers: no such parameter; did you mean market.population.viewers?"),
        ("market.Seed=3", "market.Seed: no such parameter; did you mean seed?"),
        ("market.pacing.gian=3", "market.pacing.gian: no such parameter; did you mean market.pacing.gain?"),
        ("market.by_unit.dy=3", "market.by_unit.dy: no such parameter; did you mean market.by_unit.day?"),
        ("zzz=1", "zzz: no such parameter; known there: name, seed, market, inner"),
        ("seed.x=1", "seed.x: no such parameter; seed has nothing inside"),
        ("market.window.2=1", "market.window.2: no such parameter; items are counted from 0"),
        ("market.population.regions.2=MX", "market.population.regions: 2 is not one of its items; it has 2, counted from 0"),
        ("market.caps.0.count=3", "market.caps: 0 is not one of its items; it has none"),
        ("market.caps.first=3", "market.caps.first: no such parameter; items are counted from 0"),
        ("seed", "seed: should be PATH=VALUE, such as seed=7"),
        ("=3", "=3: should be PATH=VALUE, such as seed=7"),
        ("market..seed=3", "market..seed=3: should be PATH=VALUE, such as seed=7"),
        ("seed=[", "seed=[: a value is missing before the end"),
        ("seed=.nan", "seed=.nan: .nan is not allowed: a number has to be finite"),
        ("seed=!!python/name:os.system", "seed=!!python/name:os.system: the tag !!python/name:os.system is not allowed"),
        ("a\nb=1", "a\\nb: no such parameter; known there: name, seed, market, inner"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused(setting: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        changed(setting)
    assert str(refused.value) == f"--set {message}"


def test_every_known_path_can_be_set() -> None:
    for path in Shape.of(Scenario).paths(4):
        assert changed(f"{path}=1")


parts = st.sampled_from(
    [
        "market",
        "population",
        "caps",
        "cap",
        "pacing",
        "kind",
        "0",
        "1",
        "count",
        "window",
        "devices",
        "tv",
        "extra",
        "x",
    ]
)
values = st.sampled_from(["1", "x", "[1]", "{a: 1}", "", "asap", "pid", "[{count: 1}]"])
settings = st.builds(lambda path, value: f"{'.'.join(path)}={value}", st.lists(parts, max_size=5), values)


@given(st.lists(settings | st.text(), max_size=6))
def test_no_settings_do_anything_but_be_taken_or_refused(many: list[str]) -> None:
    before = layered({"name": "x", "market": {"caps": [{"count": 1}], "pacing": "pid", "cap": 3}})
    try:
        after = override(before, many, Scenario)
    except InputError:
        return
    assert set(after.origins) == set(places(after.data, ()))
    try:
        Scenario.model_validate(after.data)
    except ValidationError as error:  # values are the model's business; unknown keys are not
        loose = [e for e in error.errors() if e["type"] == "extra_forbidden" and e["input"] != 1]
        assert not [e for e in loose if "=" in str(e["loc"])]
