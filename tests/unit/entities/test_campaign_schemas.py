"""Campaigns and advertisers: dates, time zones, flights inside, and the rows that they become."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from entities import registry
from entities.registry import AdvertiserCreate, CampaignCreate
from tests.unit.entities.refusals import explain

LEAST = {"name": "Launch", "start_date": "2026-11-02", "end_date": "2026-11-21"}
ITEM = {"name": "TV", "max_cpm": 25}


def said_of(schema: type[registry.Schema], given: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        schema.model_validate(given)
    ((path, line),) = explain(caught.value)
    return f"{path}: {line}"


def test_a_line_item_without_flights_flies_as_long_as_its_campaign() -> None:
    row = CampaignCreate.model_validate({**LEAST, "line_items": [ITEM]}).row()
    flight = row.line_items[0].flights[0]
    assert (str(flight.starts_at), str(flight.ends_at)) == ("2026-11-02 00:00:00", "2026-11-22 00:00:00")


def test_a_flight_may_fill_its_campaign_to_the_hour() -> None:
    flights = [{"start": "2026-11-02", "end": "2026-11-21"}]
    row = CampaignCreate.model_validate({**LEAST, "line_items": [{**ITEM, "flights": flights}]}).row()
    assert len(row.line_items[0].flights) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"end_date": "2026-11-01"}, "end_date 2026-11-01: must not be before start_date, 2026-11-02"),
        (
            {"pacing": "even", "line_items": []},
            "pacing even: plans for a budget of the campaign's own; give it a lifetime_budget or daily_budget",
        ),
        (
            {"pacing": "pid", "daily_budget": 9, "line_items": [{**ITEM, "pacing": "even"}]},
            "pacing even: its campaign's pacing, pid, plans for all its line items; leave one of them out",
        ),
        ({"end_date": "2099-01-01"}, "end_date 2099-01-01: a campaign lasts at most 3660 days"),
        ({"start_date": "2026-11-31"}, "start_date '2026-11-31': a date such as 2026-11-02"),
        ({"start_date": 5}, "start_date 5: a date such as"),
        ({"end_date": "9999-12-31"}, "end_date '9999-12-31': .*in the years 1970 to 9000"),
        ({"timezone": "America/NewYork"}, r"timezone 'America/NewYork': an IANA .*; did you mean 'America/New_York'[?]"),
        ({"timezone": "../../etc/passwd"}, "timezone '../../etc/passwd': an IANA"),
        ({"timezone": "localtime"}, "timezone 'localtime': an IANA"),
        ({"timezone": 5}, "timezone 5: an IANA"),
        ({"timezone": "Asia/Kolkata"}, "timezone 'Asia/Kolkata': is 5:30:00 from UTC on 2026-11-01; only zones of whole"),
        ({"timezone": "Asia/Kathmandu"}, "is 5:45:00 from UTC"),
        ({"currency": "DOLLAR"}, "currency 'DOLLAR' is not one of USD, EUR"),
        ({"dsp_partner": "the_trading_desk"}, "did you mean 'the_trade_desk'"),
        ({"objective": "awarness"}, "did you mean 'awareness'"),
        ({"line_items": [ITEM, ITEM]}, "line_items: the name 'TV' is given twice"),
        (
            {"line_items": [{**ITEM, "flights": [{"start": "2026-11-01", "days": 2}]}]},
            "flights: 2026-11-01 00:00:00 to 2026-11-03 00:00:00 of 'TV' is outside its campaign, 2026-11-02 00:00:00",
        ),
        ({"line_items": [{**ITEM, "flights": [{"start": "2026-11-21", "days": 2}]}]}, "is outside its campaign"),
        ({"line_items": [{**ITEM, "max_cpm": -1}]}, r"line_items\.0\.max_cpm: max_cpm -1: an amount from"),
        ({"lifetime_budget": 5, "daily_budget": 6}, "daily_budget 6: at most the lifetime budget, 5"),
        ({"frequency_cap": []}, "frequency_cap is not a known key"),
    ],
)  # fmt: skip
def test_a_campaign_refuses(change: dict[str, Any], said: str) -> None:
    assert re.search(said, said_of(CampaignCreate, {**LEAST, **change}))


def test_what_plans_for_a_campaign_plans_for_its_line_items() -> None:
    paced = {**LEAST, "lifetime_budget": 100, "pacing": {"kind": "pid", "k_p": 0.2}, "line_items": [ITEM]}
    made = CampaignCreate.model_validate(paced)
    row = made.row()
    assert row.pacing == row.line_items[0].pacing == '{"k_p":0.2,"kind":"pid"}'
    # Written out it says so once, and read again it is the same.
    assert "pacing" not in made.model_dump()["line_items"][0]
    assert CampaignCreate.model_validate(made.model_dump()) == made
    plain = CampaignCreate.model_validate({**LEAST, "line_items": [ITEM]})
    assert plain.row().pacing is None
    assert "pacing" not in plain.model_dump()


def test_a_zone_counts_over_the_campaigns_dates_only() -> None:
    """Lord Howe is 11 hours ahead in summer and 10:30 in winter."""
    given = {**LEAST, "timezone": "Australia/Lord_Howe"}
    assert CampaignCreate.model_validate(given).timezone == "Australia/Lord_Howe"
    winter = {**given, "start_date": "2027-03-01", "end_date": "2027-05-01"}
    assert "is 10:30:00 from UTC on 2027-04-" in said_of(CampaignCreate, winter)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"name": "A", "category": "Cars & More"},
            "category 'Cars & More': a lowercase word such as automotive",
        ),
        ({"name": " \n "}, "name .*: 1 to 120 printable"),
        ({"name": "A\u202eB"}, "name .*: 1 to 120 printable"),
        ({}, "name: name is missing"),
        ({"name": "A", "frequency_caps": [{"max_impressions": 1, "unit": "day"}] * 2}, "two caps per 1 day"),
    ],
)
def test_an_advertiser_refuses(given: dict[str, Any], said: str) -> None:
    assert re.search(said, said_of(AdvertiserCreate, given))


def test_names_are_stripped_and_may_be_in_any_script() -> None:
    assert AdvertiserCreate(name="  Müller & Söhne 株式会社 ").row().name == "Müller & Söhne 株式会社"


def test_editors_get_a_json_schema_that_allows_the_short_forms() -> None:
    parts = CampaignCreate.model_json_schema()["$defs"]
    assert {"type": "string"} in parts["LineItemCreate"]["properties"]["pacing"]["anyOf"]
    assert {"type": "string"} in parts["DaypartSchema"]["properties"]["hours"]["anyOf"]
    assert parts["LineItemCreate"]["additionalProperties"] is False
    assert parts["LineItemCreate"]["required"] == ["name", "max_cpm"]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        CampaignCreate.model_validate({**LEAST, "currency": "x", "line_items": [{"name": "", "max_cpm": 0}]})
    paths = [path for path, _ in explain(caught.value)]
    assert paths == ["currency", "line_items.0.name", "line_items.0.max_cpm"]
    assert all("\n" not in line for _, line in explain(caught.value))
