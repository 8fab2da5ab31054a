"""A line item with every constraint that there is, in a market whose script changes its terms."""

from __future__ import annotations

from typing import Any

from analysis.booking.books import book_listings
from analysis.explain.constraints import Asked
from scenarios.models import Scenario

CAMPAIGN: dict[str, Any] = {
    "advertiser": {"name": "Harbour Ferries", "category": "travel"},
    "campaign": {
        "name": "Winter",
        "start_date": "2026-11-02",
        "end_date": "2026-11-03",
        "lifetime_budget": 30,
        "daily_budget": 20,
        "frequency_caps": [{"max_impressions": 2, "unit": "day"}],
        "line_items": [
            {
                "name": "Crossings",
                "max_cpm": 20,
                "lifetime_budget": 20,
                "daily_budget": 15,
                "pacing": "even",
                "holdout": 0.3,
                "slot_in_pod": "first",
                "dayparts": [{"hours": list(range(8, 23))}],
                "targeting": {
                    "include": {"device": ["tv", "phone"], "genre": ["drama", "comedy"]},
                    "exclude": {"genre": ["thriller"], "age_band": ["65+"]},
                },
                "frequency_caps": [{"max_impressions": 1, "unit": "day"}],
            },
            {"name": "Islands", "max_cpm": 18, "lifetime_budget": 30},
        ],
    },
}
CREATIVE = {"asset_url": "https://cdn.example.com/a.mp4", "mime_type": "mp4", "duration_s": 15}
for _each in CAMPAIGN["campaign"]["line_items"]:
    _each["creatives"] = [CREATIVE]
PATH = "Harbour Ferries / Winter / Crossings"
EVERY = [
    *("pause", "frequency_cap", "daypart", "separation", "holdout", "pacing", "floor", "bid"),
    *("targeting.device", "targeting.genre", "targeting.age_band", "slot_in_pod"),
    *("lifetime_budget", "campaign_lifetime_budget", "daily_budget", "campaign_daily_budget"),
]
FLOORS = {"cpm": 14, "by_device": {"phone": 1.6}}
CHANGES = [
    {"at": "2026-11-02 12:00", "line_item": "Crossings", "max_cpm": 16, "daily_budget": 9},
    {"at": "2026-11-02 14:00", "line_item": "Crossings", "status": "paused"},
    {"at": "2026-11-02 16:00", "line_item": "Crossings", "status": "active", "lifetime_budget": 12},
    {"at": "2026-11-03 01:00", "campaign": "Winter", "status": "paused", "daily_budget": 7},
    {"at": "2026-11-03 02:00", "line_item": "Islands", "max_cpm": 17},
]


def asked_of(scenario: dict[str, Any]) -> Asked:
    """Return the market of a scenario and its own book."""
    checked = Scenario.model_validate(scenario)
    listings = [
        *checked.campaigns,
        *(one for each in checked.bidders for one in each.listings(checked.market)),
    ]
    return Asked(checked, book_listings(listings, checked.market))


def held_back(**market: Any) -> tuple[Asked, int]:
    """Return the market, and where its line item stands in the book."""
    rival = {"name": "Rival", "max_cpm": 17, "pacing": "asap"}
    settings = {
        "days": 2,
        "shards": 2,
        "population": {"viewers": 400},
        "floors": FLOORS,
        "changes": CHANGES,
        **market,
    }
    asked = asked_of(
        {"name": "all", "seed": 5, "market": settings, "campaigns": [CAMPAIGN], "bidders": [rival]}
    )
    return asked, [item.path for item in asked.book.line_items].index(PATH)
