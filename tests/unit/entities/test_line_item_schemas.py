"""Line items and what is in them: defaults, shorthands, canonical JSON, and refusals that name the field."""

import json
import re
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from entities import registry
from entities.registry import (
    CreativeCreate,
    CreativeMimeType,
    FlightSchema,
    LineItemCreate,
    Targeting,
    read_dayparts,
)
from tests.unit.entities.refusals import explain

URL = "https://cdn.example.com/spots/Summer%20Sale.mp4"
SPOT = {"asset_url": URL, "mime_type": "mp4"}
local = datetime.fromisoformat


def refused(schema: type[registry.Schema], given: dict[str, Any]) -> str:
    """Return the one line with which *schema* refuses *given*."""
    with pytest.raises(ValidationError) as caught:
        schema.model_validate(given)
    ((path, line),) = explain(caught.value)
    return f"{path}: {line}"


def test_the_least_is_enough(item: dict[str, Any]) -> None:
    made = LineItemCreate(**item)
    row = made.row()
    assert (row.name, row.max_bid_micros, row.status) == ("TV drama", 25_000, registry.EntityStatus.active)
    assert (row.pacing, row.bidding, row.valuation) == (
        '{"kind":"traffic_shaped"}',
        '{"kind":"fixed_cpm"}',
        '{"kind":"constant"}',
    )
    assert json.loads(row.targeting) == {"include": {}, "exclude": {}}
    assert (row.dayparts, row.flights, row.budgets, row.creatives) == (None, [], [], [])


def test_schemas_are_frozen_and_survive_json(campaign: registry.CampaignCreate) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        campaign.name = "other"
    assert registry.CampaignCreate.model_validate_json(campaign.model_dump_json()) == campaign


def test_budgets_by_shorthand_and_in_full_are_the_same(item: dict[str, Any]) -> None:
    short = LineItemCreate.model_validate({**item, "lifetime_budget": 1000, "daily_budget": "50.5"})
    full = [{"budget_type": "lifetime", "amount": 1000}, {"budget_type": "daily", "amount": "50.5"}]
    assert short.all_budgets() == LineItemCreate.model_validate({**item, "budgets": full}).all_budgets()


@pytest.mark.parametrize("pacing", ["even", {"kind": "even"}])
def test_a_policy_is_a_name_or_a_mapping(item: dict[str, Any], pacing: Any) -> None:
    assert LineItemCreate(**item, pacing=pacing).row().pacing == '{"kind":"even"}'


def test_a_policys_json_is_canonical(item: dict[str, Any]) -> None:
    first = LineItemCreate(**item, pacing={"kind": "pid", "p": 0.1, "i": 2})
    second = LineItemCreate(**item, pacing={"i": 2, "p": 0.1, "kind": "pid"})
    assert first.row().pacing == second.row().pacing == '{"i":2,"kind":"pid","p":0.1}'


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"nam": "x"}, "nam: nam is not a known key"),
        ({"max_cpm": None}, "max_cpm: max_cpm None: an amount from"),
        ({"name": ""}, "name: name '': 1 to 120 printable"),
        ({"name": "a\tb"}, r"name: name 'a\\tb': 1 to 120 printable"),
        ({"name": "x" * 121}, r"name: name 'x+\.\.\.: 1 to 120 printable"),
        ({"name": 7}, "name: name 7: text of 1 to 120"),
        ({"ad_format": "standart_video"}, r"ad_format: ad_format 'standart_video' is not one of .*did you mean 'standard_v"),
        ({"status": 3}, "status: status 3: one of draft, active"),
        ({"pacing": "Even!"}, "pacing: pacing 'Even!': the name of a policy"),
        ({"pacing": {"p": 1}}, "pacing: pacing {'p': 1}: the name of a policy"),
        ({"pacing": {"kind": "pid", "p": float("nan")}}, "pacing: .*parameters are finite numbers"),
        ({"dayparts": []}, r": dayparts \[\]: a list that is not empty"),
        ({"lifetime_budget": 10, "daily_budget": 11}, ": daily_budget 11: at most the lifetime budget, 10"),
        (
            {"lifetime_budget": 10, "budgets": [{"budget_type": "lifetime", "amount": 5}]},
            ": budgets: the lifetime budget is given twice",
        ),
        (
            {"frequency_caps": [{"max_impressions": 3, "unit": "day"}, {"max_impressions": 4, "unit": "day"}]},
            ": frequency_caps: two caps per 1 day; one is allowed",
        ),
        ({"frequency_caps": [{"max_impressions": 0, "unit": "day"}]}, r"0\.max_impressions: .* 0: a whole number from 1"),
        ({"frequency_caps": [{"max_impressions": 256, "unit": "day"}]}, "max_impressions 256: a whole number from 1"),
        ({"frequency_caps": [{"max_impressions": 3, "unit": "dy"}]}, r"unit 'dy' is not one of .*did you mean 'day'"),
        (
            {"frequency_caps": [{"max_impressions": 3, "unit": "pod", "unit_count": 2}]},
            "unit_count 2: only 1 goes with the unit pod",
        ),
        (
            {"flights": [{"start": "2026-11-02", "days": 3}, {"start": "2026-11-04", "days": 1}]},
            r"flights: the one from 2026-11-04 starts before the one from 2026-11-02 has ended \(2026-11-05 00:00:00\)",
        ),
        ({"creatives": [SPOT, SPOT]}, ": creatives: the name 'Summer Sale' is given twice"),
        ({"creatives": [{**SPOT, "duration_s": 76}]}, ": duration_s 76: standard_video .*takes at most 75 seconds"),
        (
            {"creatives": [{**SPOT, "duration_s": 45}], "targeting": {"include": {"placement": ["pre_roll"]}}},
            ": duration_s 45: standard_video in pre_roll takes at most 30 seconds",
        ),
        (
            {"creatives": [{**SPOT, "duration_s": 45}], "targeting": {"exclude": {"placement": ["mid_roll"]}}},
            ": duration_s 45: standard_video in pre_roll takes at most 30 seconds",
        ),
        (
            {"creatives": [{**SPOT, "ad_format": "live_video", "duration_s": 10}]},
            "ad_format live_video of 'Summer Sale': must be the line item's, standard_video",
        ),
    ],
)  # fmt: skip
def test_a_line_item_refuses(item: dict[str, Any], change: dict[str, Any], said: str) -> None:
    assert re.search(said, refused(LineItemCreate, {**item, **change}))


def test_what_is_missing_is_named() -> None:
    assert refused(LineItemCreate, {"name": "a"}) == "max_cpm: max_cpm is missing"


def test_flights_that_touch_do_not_overlap(item: dict[str, Any]) -> None:
    made = LineItemCreate.model_validate(
        {**item, "flights": [{"start": "2026-11-04", "days": 2}, {"start": "2026-11-02", "days": 2}]}
    )
    assert len(made.flights) == 2


# ------------------------------------------------------------------------------------------- creatives


def test_an_address_and_a_type_make_a_creative() -> None:
    made = CreativeCreate(asset_url=URL, mime_type=CreativeMimeType.mp4)
    row = made.row()
    assert (row.name, row.duration_s, row.weight, row.qa_status) == (
        "Summer Sale",
        30,
        1,
        registry.QAStatus.approved,
    )
    assert row.ad_format is registry.AdFormat.standard_video


def test_a_creative_takes_its_line_items_format(item: dict[str, Any]) -> None:
    made = LineItemCreate.model_validate({**item, "ad_format": "interactive_video", "creatives": [SPOT]})
    assert made.row().creatives[0].ad_format is registry.AdFormat.interactive_video


def test_the_ends_of_the_ranges_are_allowed() -> None:
    longest = "https://a/" + "x" * 1990
    made = CreativeCreate.model_validate({**SPOT, "asset_url": longest, "weight": 1000, "duration_s": 75})
    assert (len(made.asset_url), len(made.name)) == (2000, 120)
    cap = {"max_impressions": 255, "unit": "minute", "unit_count": 255}
    assert registry.FrequencyCapSchema.model_validate(cap).row().unit_count == 255
    flight = FlightSchema.model_validate({"start": "1970-01-01", "days": 3660})
    assert flight.ends_at == FlightSchema.model_validate({"start": "1970-01-01", "end": "1980-01-08"}).ends_at


def test_an_address_without_a_file_still_gets_a_name() -> None:
    assert (
        CreativeCreate(asset_url="https://cdn.example.com/", mime_type=CreativeMimeType.hls).name
        == "creative"
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"asset_url": "spot.mp4"}, "asset_url 'spot.mp4': an address"),
        ({"asset_url": "https://a b"}, "asset_url 'https://a b': an address"),
        (
            {"asset_url": "javascript:alert(1)"},
            "an address of at most 2,000 characters that starts with https",
        ),
        ({"asset_url": "https://[x"}, "an address"),
        ({"asset_url": "ftp://cdn.example.com/a"}, "an address"),
        ({"asset_url": "https:///a.mp4"}, "an address"),
        ({"asset_url": "https://a/" + "x" * 1991}, "an address"),
        ({"asset_url": 5}, "asset_url 5: an address"),
        ({"click_url": "x"}, "click_url 'x': an address"),
        (
            {"mime_type": "video/mp5"},
            r"mime_type 'video/mp5' is not one of video/mp4, .*did you mean 'video/mp4'",
        ),
        ({"duration_s": 0}, "duration_s 0: a whole number from 1"),
        ({"duration_s": 29.5}, "duration_s 29.5: a whole number from 1"),
        ({"weight": 0}, "weight 0: a whole number from 1"),
        ({"weight": True}, "weight True: a whole number from 1"),
        ({"ad_format": "live_video", "duration_s": 31}, "duration_s 31: live_video takes at most 30 seconds"),
        ({"qa_status": "fine"}, "qa_status 'fine' is not one of pending, approved, rejected"),
    ],
)
def test_a_creative_refuses(change: dict[str, Any], said: str) -> None:
    assert re.search(said, refused(CreativeCreate, {**SPOT, **change}))


# --------------------------------------------------------------------------------------------- flights


@pytest.mark.parametrize(
    ("given", "starts", "ends"),
    [
        ({"start": "2026-11-02", "days": 20}, "2026-11-02 00:00", "2026-11-22 00:00"),
        ({"start": date(2026, 11, 2), "end": date(2026, 11, 2)}, "2026-11-02 00:00", "2026-11-03 00:00"),
        ({"start": "2026-11-02 18:00", "end": "2026-11-02T20:00"}, "2026-11-02 18:00", "2026-11-02 20:00"),
        ({"start": "2026-11-02T18:00:00", "days": 1}, "2026-11-02 18:00", "2026-11-03 18:00"),
        ({"start": local("2026-11-02 18:00"), "end": "2026-11-03"}, "2026-11-02 18:00", "2026-11-04 00:00"),
    ],
)
def test_a_flight_is_whole_local_hours(given: dict[str, Any], starts: str, ends: str) -> None:
    row = FlightSchema.model_validate(given).row()
    assert (row.starts_at, row.ends_at) == (local(starts), local(ends))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"start": "2026-11-02"}, "flight from 2026-11-02: give exactly one of days and end"),
        ({"start": "2026-11-02", "days": 1, "end": "2026-11-03"}, "exactly one of days and end"),
        ({"start": "2026-11-02", "end": "2026-11-01"}, "end 2026-11-01: must be after the start, 2026-11-02"),
        ({"start": "2026-11-02 10:00", "end": "2026-11-02 10:00"}, "must be after the start"),
        ({"start": "2026-11-02", "days": 0}, "days: days 0: a whole number from 1 to 3,660"),
        ({"start": "2026-11-02", "days": 4000}, "days 4000: a whole number from 1 to 3,660"),
        ({"start": "2026-11-02", "days": True}, "days True: a whole number"),
        ({"start": "2026-11-02", "days": "5"}, "days '5': a whole number"),
        ({"start": "2026-11-02", "end": "2040-01-01"}, "end 2040-01-01: at most 3660 days after"),
        ({"start": "2026-11-02 10:30", "days": 1}, "start .*10:30.*: a date .* or a whole local hour"),
        ({"start": "2026-11-02T10:00Z", "days": 1}, "without a time zone"),
        ({"start": "2026-02-30", "days": 1}, "start '2026-02-30': a date"),
        ({"start": "tomorrow", "days": 1}, "start 'tomorrow': a date"),
        ({"start": 20261102, "days": 1}, "start 20261102: a date"),
        ({"start": "0001-01-01", "days": 1}, "start 0001-01-01: .*in the years 1970 to 9000"),
        ({"start": "9999-12-31", "days": 1}, "start 9999-12-31: .*in the years 1970 to 9000"),
    ],
)
def test_a_flight_refuses(given: dict[str, Any], said: str) -> None:
    assert re.search(said, refused(FlightSchema, given))


# ------------------------------------------------------------------------------------------- dayparts


def test_dayparts_are_hours_of_weekdays(item: dict[str, Any]) -> None:
    given = {
        **item,
        "dayparts": [{"hours": "18-23", "weekdays": "mon-fri"}, {"hours": [0, "9-10"], "weekdays": ["sun"]}],
    }
    made = LineItemCreate.model_validate(given)
    assert made.dayparts is not None
    assert made.dayparts[0].week_hours()[:7] == (18, 19, 20, 21, 22, 23, 42)
    assert made.dayparts[1].week_hours() == (144, 153, 154)
    assert read_dayparts(made.row().dayparts) == made.dayparts
    assert read_dayparts(None) is None


def test_a_bare_daypart_is_the_whole_week() -> None:
    assert registry.DaypartSchema().week_hours() == tuple(range(168))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"hours": []}, r"hours \[\]: a list that is not empty"),
        ({"hours": [24]}, "hours 24: hours 0 to 23"),
        ({"hours": "22-2"}, "hours '22-2': .*passes midnight is two dayparts"),
        ({"hours": [1, "0-2"]}, "hours: each only once"),
        ({"hours": [1.5]}, "hours 1.5: hours 0 to 23"),
        ({"hours": [True]}, "hours True: hours 0 to 23"),
        ({"hours": "-1"}, "hours '-1': hours 0 to 23"),
        ({"hours": {"from": 1}}, "hours .*: a list that is not empty"),
        ({"weekdays": ["mo"]}, "weekdays 'mo' is not one of mon, tue, .*did you mean 'mon'"),
        ({"weekdays": ["sat-mon"]}, "weekdays 'sat-mon': .*from mon towards sun"),
        ({"weekdays": ["mon", "monday"]}, "weekdays: each only once"),
        ({"weekdays": []}, r"weekdays \[\]: a list that is not empty"),
    ],
)
def test_a_daypart_refuses(given: dict[str, Any], said: str) -> None:
    assert re.search(said, refused(registry.DaypartSchema, given))


# ------------------------------------------------------------------------------------------ targeting


def test_equal_targeting_is_equal_text() -> None:
    first = Targeting.model_validate({"include": {"genre": ["comedy", "drama"], "device": ["mobile", "ctv"]}})
    second = Targeting.model_validate({"include": {"device": ["tv", "phone"], "genre": ["drama", "comedy"]}})
    assert first.text() == second.text()
    assert json.loads(first.text())["include"] == {"device": ["tv", "phone"], "genre": ["drama", "comedy"]}
    assert Targeting.model_validate_json(first.text()) == first


def test_every_key_can_be_targeted() -> None:
    sides = {
        "device": ["tv"], "genre": ["drama"], "region": ["us-west", "us_east"], "age_band": ["18-24", "65+"],
        "gender": ["female"], "placement": ["pre_roll"], "title_tier": ["top_10"],
        "language": ["spanish"],
    }  # fmt: skip
    made = Targeting.model_validate({"include": sides})
    assert {key.value: list(values) for key, values in made.include.items()} == sides
    assert set(sides) == set(registry.TargetingKey)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"include": {"genre": ["dramma"]}},
            r"include\.genre 'dramma' is not one of drama, .*did you mean 'drama'\?",
        ),
        (
            {"include": {"gendre": ["drama"]}},
            r"include 'gendre' is not one of device, .*did you mean 'gen(re|der)'",
        ),
        ({"include": {"device": []}}, r"include\.device \[\]: a list that is not empty, of tv, desktop"),
        ({"include": {"device": "tv"}}, r"include\.device 'tv': a list"),
        ({"include": {"device": ["tv", "ctv"]}}, r"include\.device \['tv', 'ctv'\]: each value only once"),
        ({"include": {"device": [1]}}, r"include\.device 1: one of tv"),
        (
            {"include": {"region": ["US East"]}},
            r"include\.region 'US East': one of the scenario's regions, lowercase",
        ),
        ({"include": ["device"]}, r"include \['device'\]: a mapping from any of device"),
        ({"include": {1: ["tv"]}}, "include 1: each of device"),
        ({"include": {"age_band": ["tv"], "age band": ["18-24"]}}, "age_band 'tv' is not one of 18-24"),
        (
            {"include": {"age_band": ["65+"], "age band": ["18-24"]}},
            "include 'age band': each of .* at most once",
        ),
        (
            {"include": {"genre": ["drama", "comedy"]}, "exclude": {"genre": ["drama"]}},
            r"exclude\.genre drama: also included",
        ),
        ({"exclude": {"gender": ["male", "female"]}}, r"exclude\.gender .*leaves nothing"),
        ({"only": {}}, "only is not a known key"),
    ],
)
def test_targeting_refuses(given: dict[str, Any], said: str) -> None:
    assert re.search(said, refused(Targeting, given))
