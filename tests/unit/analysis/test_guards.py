"""What is allowed and yet probably not meant gets a warning before the run, and nothing else does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analysis.booking import guards
from analysis.booking.books import book_registry
from analysis.runs import simulate as runs
from entities import registry
from scenarios.loader import load
from tests.bookings import CREATIVE, book, campaign, line_item, market

WHO = "line item Advertiser / Campaign / item: "
LONG = {**CREATIVE, "duration_s": 60}


def told(item: dict[str, Any], where: dict[str, Any] | None = None, **terms: Any) -> list[str]:
    """Return the warnings about one line item, without its name."""
    settings = market(**(where or {}))
    whole = campaign([line_item(**{"lifetime_budget": 100, **item})], **terms)
    return [line.removeprefix(WHO) for line in guards.warnings(settings, book([whole], settings))]


@pytest.mark.parametrize(
    ("item", "where", "warning"),
    [
        ({"max_cpm": 0.025}, {}, "max_cpm 0.025 looks like the price of one impression; it is that of a thousand; 25.00?"),
        ({"max_cpm": 0.45}, {}, "max_cpm 0.45 looks like the price of one impression; it is that of a thousand, as in 25.00"),
        ({"lifetime_budget": 0.02}, {}, "lifetime_budget 0.02 cannot buy one impression, which costs up to 0.025 at max_cpm 25.00"),
        ({"daily_budget": 0}, {}, "daily_budget 0.00 cannot buy one impression, which costs up to 0.025 at max_cpm 25.00"),
        (
            {"valuation": "log_normal"},
            {},
            "valuation log_normal changes nothing, for bidding fixed_cpm bids the same whatever a slot is worth; bidding truthful would follow it",
        ),
        (
            {"pacing": "mystique"},
            {},
            "its pacing mystique was published for ticks of 1 minute, and corrects itself every 60 minutes; with market.tick_minutes=1 it is as published",
        ),
        (
            {"pacing": "throttling"},
            {"tick_minutes": 5},
            "its pacing throttling was published for ticks of 1 minute, and corrects itself every 5 minutes; with market.tick_minutes=1 it is as published",
        ),
        ({"max_cpm": 8}, {}, "max_cpm 8.00 is below the lowest floor, 10.00, and never wins; at least 10.00 would"),
        (
            {"max_cpm": 12, "targeting": {"include": {"device": ["tv"]}}},
            {"floors": {"cpm": 10, "by_device": {"tv": 1.5}}},
            "max_cpm 12.00 is below the lowest floor, 15.00, and never wins; at least 15.00 would",
        ),
        (
            {"valuation": {"kind": "log_normal", "median": 0.1, "sigma": 0}, "bidding": "truthful"},
            {},
            "the highest bid, a CPM of 2.50, is below the lowest floor, 10.00, and never wins; at least 10.00 would",
        ),
        (
            {"deal": {"kind": "private", "floor_cpm": 30}},
            {},
            "max_cpm 25.00 is below the floor of its deal, 30.00, and never wins; at least 30.00 would",
        ),
        (
            {"max_cpm": 12, "slot_in_pod": "first"},
            {"floors": {"cpm": 10, "position_premium": 1.3}},
            "max_cpm 12.00 is below the lowest floor, 13.00, and never wins; at least 13.00 would",
        ),
        (
            {"max_cpm": 12},
            {"floors": {"cpm": 10, "by_duration": [{"shortest": 16, "cpm": 14}]}},
            "max_cpm 12.00 is below the lowest floor, 14.00, and never wins; at least 14.00 would",
        ),
        ({"frequency_caps": [{"max_impressions": 2, "unit": "pod"}]}, {}, "a cap of 2 per pod never binds: in its window a viewer meets at most 1 ad break, with one ad of an advertiser in each; 1 or less would"),
        ({"frequency_caps": [{"max_impressions": 9, "unit": "hour"}]}, {}, "a cap of 9 per hour never binds: in 60 minutes on end a viewer meets at most 6 ad breaks, with one ad of an advertiser in each; 1 or less would"),
        ({"frequency_caps": [{"max_impressions": 250, "unit": "day"}]}, {}, "a cap of 250 per day never binds: watching 10 hours a day a viewer meets at most 60 ad breaks, with one ad of an advertiser in each; 15 or less would"),
        (
            {"targeting": {"include": {"device": ["tablet"]}}},
            {"viewing": {"devices": {"tv": 1, "desktop": 0, "phone": 1, "tablet": 0}}},
            "targeting.device (include tablet) matches no slot; the market has tv, phone",
        ),
        (
            {"targeting": {"exclude": {"gender": ["male"]}}},
            {"population": {"viewers": 1000, "genders": [0, 1]}},
            "targeting.gender (exclude male) matches no viewer; the market has male",
        ),
        (
            {"targeting": {"include": {"placement": ["mid_roll"]}}},
            {"content": {"title_minutes": 10}, "pods": {"mid_roll_every_minutes": 10}},
            "targeting.placement (include mid_roll) matches no slot; the market has pre_roll",
        ),
        (
            {"targeting": {"include": {"age_band": ["18-24"], "region": ["us_mountain"]}}},
            {"population": {"viewers": 50}},
            "its targeting matches 0.42 of 50 viewers on average; widen region, age_band or gender",
        ),
        ({"creatives": []}, {}, "has no creative that is active and approved, and shows nothing; add one"),
        ({"creatives": [LONG]}, {}, "its creatives take 60 s and none fits a slot of 30 s; add one of 30 s or less"),
        (
            {"dayparts": [{"hours": 9, "weekdays": "sun"}]},
            {},
            "its dayparts, 1 of the week's 168 hours, never open while it flies; widen dayparts or move the flight",
        ),
        (
            {"daily_budget": 10, "lifetime_budget": 100},
            {},
            "daily_budget 10.00 over 2 days is 20.00 of the lifetime_budget, 100.00; 50.00 a day would spend it",
        ),
    ],
)  # fmt: skip
def test_a_line_item_is_warned_about(item: dict[str, Any], where: dict[str, Any], warning: str) -> None:
    assert told(item, where) == [warning]


ZONES = " UTC (the market's zone is America/New_York)"


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        ({"at": "2026-11-02 06:00", "max_cpm": 0.02}, "max_cpm 0.02 looks like the price of one impression; it is that of a thousand; 20.00?"),
        ({"at": "2026-11-03 00:00", "max_cpm": 20}, "item flies no more at 2026-11-03 00:00; nothing changes"),
        ({"at": "2026-11-02 23:00", "max_cpm": 20}, None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("target", ["line_item", "campaign"])
def test_a_change_is_warned_about(change: dict[str, Any], warning: str | None, target: str) -> None:
    if target == "campaign":
        if "looks" in (warning or ""):
            return  # a campaign has no CPM
        change = {"at": change["at"], "status": "paused"}
        warning = warning and warning.replace("item", "Campaign")
    where = {"changes": [{target: "item" if target == "line_item" else "Campaign", **change}]}
    found = told({"flights": [{"start": "2026-11-02", "days": 1}]}, where)
    assert found == ([f"market.changes.0: {warning}"] if warning else [])


def test_a_floor_that_falls_later_lets_a_line_item_win() -> None:
    where = {"floors": {"cpm": 10}, "changes": [{"at": "2026-11-02 12:00", "floors": {"cpm": 5}}]}
    assert told({"max_cpm": 8}, where) == []
    assert told({"max_cpm": 4}, where) == [
        "max_cpm 4.00 is below the lowest floor, 5.00, and never wins; at least 5.00 would"
    ]


def test_a_bid_that_is_raised_later_lets_a_line_item_win() -> None:
    change = {"at": "2026-11-02 12:00", "line_item": "item"}
    assert told({"max_cpm": 8}, {"floors": {"cpm": 10}, "changes": [{**change, "max_cpm": 20}]}) == []
    assert told({"max_cpm": 8}, {"floors": {"cpm": 10}, "changes": [{**change, "max_cpm": 9}]}) != []


def test_a_tick_as_published_is_not_told() -> None:
    assert told({"pacing": "mystique"}, {"tick_minutes": 1}) == []
    assert told({"pacing": "pid"}) == []


def test_a_flight_in_another_zone_than_the_market_says_so() -> None:
    where = {"timezone": "America/New_York"}
    begun, over = told({}, where, timezone="UTC"), told({}, where, timezone="America/Chicago")
    start = f"its flight from 2026-11-02 00:00 begins before the scenario, 2026-11-02 05:00{ZONES}"
    assert begun == [f"{start}; its whole budget goes into what is left"]
    assert [" ends 1 hour after " in line for line in over] == [True]


@pytest.mark.parametrize(
    ("start", "end", "warning"),
    [
        ("2026-10-01", "2026-10-03", "its flight from 2026-10-01 00:00 is over when the scenario starts, 2026-11-02 00:00; it delivers nothing; move one of them"),
        ("2026-12-01", "2026-12-03", "its flight from 2026-12-01 00:00 begins after the scenario has ended, 2026-11-04 00:00; it delivers nothing; market.days of 32 would hold it all"),
        ("2026-10-30", "2026-11-03", "its flight from 2026-10-30 00:00 begins before the scenario, 2026-11-02 00:00; its whole budget goes into what is left"),
        ("2026-11-03", "2026-11-05", "its flight from 2026-11-03 00:00 ends 2 days after the scenario, which ends 2026-11-04 00:00; the part of its budget for that time is not spent; market.days of 4 would hold it all"),
    ],
)  # fmt: skip
def test_a_flight_that_the_scenario_does_not_hold(start: str, end: str, warning: str) -> None:
    assert told({}, start=start, end=end) == [warning]


def test_a_campaign_whose_budget_is_below_its_line_items() -> None:
    assert (
        told({}, daily_budget=0.01)
        == [
            "its campaign's daily_budget 0.01 cannot buy one impression, which costs up to 0.025 at max_cpm 25.00",
            "campaign Advertiser / Campaign: has no line item",
        ][:1]
    )
    [line] = told({}, daily_budget=10, lifetime_budget=30)
    assert line == (
        "campaign Advertiser / Campaign: daily_budget 10.00 over 2 days is 20.00 of the lifetime_budget, 30.00;"
        " 15.00 a day would spend it"
    )


def test_competitors_in_a_category_that_is_kept_apart() -> None:
    both = [
        campaign([line_item(lifetime_budget=100)], advertiser=name, category="automotive") for name in "ab"
    ]
    apart, together = market(), market(separation={"categories": []})
    [line] = guards.warnings(apart, book(both, apart))
    assert line == (
        "category automotive: a and b are kept out of one another's pods; give them categories of their own or"
        " set market.separation.categories, unless this is intended"
    )
    assert guards.warnings(together, book(both, together)) == []
    many = [
        campaign([line_item(lifetime_budget=100)], advertiser=name, category="automotive")
        for name in "abcdefghijk"
    ]
    assert guards.warnings(apart, book(many, apart)) == []


def test_what_the_scenario_names_and_does_not_bid() -> None:
    listing = load("smoke").listings["campaigns.0"]
    item = listing.campaign.line_items[0]
    paused = item.model_copy(update={"status": registry.EntityStatus.paused})
    other = campaign([line_item(lifetime_budget=100)])
    where = market()

    def silent(*items: registry.LineItemCreate) -> list[str]:
        changed = listing.campaign.model_copy(update={"line_items": items})
        named = [listing.model_copy(update={"campaign": changed})]
        return guards.warnings(where, book([other], where), named)

    who = "line item Smoke Motors / Smoke Launch / TV drama: "
    assert silent(paused) == [f"{who}it is paused, and does not bid; set status: active"]
    assert silent(item) == [
        f"{who}in the database it is not there, or not active, and does not bid; set status: active"
    ]
    assert silent() == [
        "campaign Smoke Motors / Smoke Launch: has no line item, and nothing of it bids; add one"
    ]


def test_more_breaks_in_an_hour_than_a_viewer_meets_are_told() -> None:
    viewing = {"exposure": "poisson", "breaks_a_day": 30, "hours": [1, *[0] * 23], "weekdays": [1] * 7}
    fine, much = ({"viewing": {**viewing, "breaks_a_day": breaks}} for breaks in (60, 90))
    assert told({}, fine) == []
    assert told({}, much) == [
        "market.viewing: breaks_a_day 90 makes 90 breaks due in the busiest hour of a mean viewer, who meets 60 at most; fewer breaks, or flatter hours, would be met"
    ]
    assert told({}, {"viewing": {**much["viewing"], "exposure": "sessions"}}) == []


def test_many_alike_are_counted() -> None:
    where = market()
    items = [line_item(f"item {place}", lifetime_budget=100, max_cpm=1) for place in range(8)]
    lines = guards.warnings(where, book([campaign(items)], where))
    assert len(lines) == 4
    assert lines[-1] == "and 5 more likewise: item 3, item 4, item 5, …"


@pytest.mark.parametrize("name", ["full", "national", "smoke"])
def test_the_markets_of_ours_are_silent(name: str, tmp_path: Path) -> None:
    engine = registry.make_engine(tmp_path / "ads.db")
    registry.init_db(engine)
    loaded = load(name)
    booked = book_registry(engine, loaded).book
    assert guards.warnings(loaded.scenario.market, booked, loaded.listings.values()) == []


def test_a_run_tells_its_warnings_before_the_market_runs(tmp_path: Path) -> None:
    engine = registry.make_engine(tmp_path / "ads.db")
    registry.init_db(engine)
    loaded = load("smoke", ["market.days=1", "market.population.viewers=2000"])
    heard: list[str] = []
    runs.simulate(engine, loaded, warn=heard.append, progress=lambda _: heard.append(""))
    assert [line.partition(":")[0] for line in heard[:3]] == [
        "line item Smoke Motors / Smoke Launch / TV drama",
        "line item Smoke Snacks / Smoke Snack / Everywhere, comedy",
        "",
    ]


@pytest.mark.parametrize("deal", ["guaranteed", {"kind": "private", "floor_cpm": 8}])
def test_a_deal_below_the_floor_is_nothing_to_doubt(deal: Any) -> None:
    assert told({"max_cpm": 8, "deal": deal}) == []
