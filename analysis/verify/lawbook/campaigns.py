"""Random campaigns: line items with budgets, caps, flights, targeting, deals and policies; and changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from analysis.verify.lawbook.choices import Choices, Scope, fitting
from analysis.verify.lawbook.edit import campaign_path
from entities import registry
from scenarios.models import LineItem
from sim.bidding import BiddingRule
from sim.deal import Deal
from sim.pacing import PacingPolicy
from sim.units import Horizon
from sim.valuation import Valuation

CPMS: tuple[float | str, ...] = (14, 14, 14, 20, 20, 8, 25, "25.125", "14.001")
"""Few, so that bids tie."""
LIFETIMES = ("5", "1", "40", "40", "1000", "0.2", "0.02")
DAILIES = ("1", "4", "4", "0.3", "0.02")
SEPARATED = ("drinks", "cars", "general")
_ENOUGH = "1000000"
"""A budget of more than any small market can sell."""
_UNIT_COUNTS = {
    registry.CapUnit.minute: (30, 1, 7),
    registry.CapUnit.hour: (1, 6),
    registry.CapUnit.day: (1, 2),
}
_OPTIONAL = ("deal", "valuation", "bidding", "slot_in_pod", "targeting")
"""What a line item can do without, in the order in which it is given up where terms do not go together."""


def listings(choices: Choices, scope: Scope, market: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the campaigns of a scenario: advertisers of one campaign or two, eight line items at most."""
    advertisers: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    left = scope.most_items
    for number in range(choices.integer(1, 4)):
        if left == 0:
            break
        if not advertisers or not choices.once_in(4):
            owner: dict[str, Any] = {"name": f"Advertiser {number}", "category": choices.one(*SEPARATED)}
            if scope.caps and choices.once_in(4):
                owner["frequency_caps"] = _caps(choices, 2)
            advertisers.append(owner)
        campaign = _campaign(choices, scope, market, f"Campaign {number}", min(3, left))
        left -= len(campaign["line_items"])
        found.append({"advertiser": choices.one(*advertisers[::-1]), "campaign": campaign})
    return found


def _caps(choices: Choices, most: int) -> list[dict[str, Any]]:
    return [
        {
            "max_impressions": choices.one(1, 2, 3, 6),
            "unit": unit.value,
            "unit_count": choices.one(*_UNIT_COUNTS.get(unit, (1,))),
        }
        for unit in choices.some(list(registry.CapUnit), most)
    ]


def _campaign(
    choices: Choices, scope: Scope, market: Mapping[str, Any], name: str, most: int
) -> dict[str, Any]:
    start = dt.date.fromisoformat(str(market["start"]))
    first = start + dt.timedelta(days=choices.one(0, 0, -1, 1))
    last = max(start + dt.timedelta(days=market["days"] - choices.one(0, 1, -2)), first)
    campaign: dict[str, Any] = {
        "name": name,
        "timezone": choices.one(*scope.zones),
        "start_date": str(first),
        "end_date": str(last),
    }
    shared = not scope.plenty and choices.once_in(2)
    if shared:
        campaign |= _budgets(choices)
    if scope.caps and choices.once_in(3):
        campaign["frequency_caps"] = _caps(choices, 2)
    campaign["line_items"] = []
    for number in range(choices.integer(1, most)):
        item = {"name": f"Item {number}", **_line_item(choices, scope, market, (first, last), shared=shared)}
        campaign["line_items"].append(_fitted(item, shared=shared))
    return campaign


def _budgets(choices: Choices) -> dict[str, Any]:
    lifetime, daily = choices.one(*LIFETIMES), choices.one(*DAILIES)
    kinds = choices.one("lifetime", "daily", "both")
    if kinds == "lifetime":
        return {"lifetime_budget": lifetime}
    if kinds == "daily" or float(daily) > float(lifetime):
        return {"daily_budget": daily}
    return {"lifetime_budget": lifetime, "daily_budget": daily}


def _line_item(
    choices: Choices, scope: Scope, market: Mapping[str, Any], days: tuple[dt.date, dt.date], *, shared: bool
) -> dict[str, Any]:
    item: dict[str, Any] = {
        "max_cpm": choices.one(*CPMS),
        "pacing": choices.part(PacingPolicy, scope.pacing),
        "creatives": _creatives(choices),
    }
    if scope.plenty:
        item["lifetime_budget"] = _ENOUGH
    elif not shared or choices.once_in(2):
        item |= _budgets(choices)
    if scope.caps and choices.once_in(2):
        item["frequency_caps"] = _caps(choices, 3)
    if choices.once_in(4):
        item["flights"] = _flights(choices, *days)
    if choices.once_in(5):
        item["dayparts"] = _dayparts(choices)
    if choices.once_in(3):
        item["targeting"] = _targeting(choices, market)
    if choices.once_in(3):
        item["valuation"] = choices.part(Valuation, scope.valuations)
        if item["valuation"]["kind"] == "empirical":
            item["valuation"]["values"] = [0.4, 0.8, 1]
        item["bidding"] = choices.part(BiddingRule, scope.bidding)
    item |= _rare(choices, scope)
    if choices.once_in(4):
        item["deal"] = _deal(choices, scope)
        if "impressions" in item["deal"]:  # a goal, which is a lifetime budget
            item = {name: value for name, value in item.items() if not name.endswith("_budget")}
    return item


def _rare(choices: Choices, scope: Scope) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if scope.holdouts and choices.once_in(6):
        found["holdout"] = choices.one(0.2, 0.5, 0.9)
    if scope.positions and choices.once_in(6):
        found["slot_in_pod"] = choices.one(*[place.value for place in registry.SlotInPod][1:])
    return found


def _deal(choices: Choices, scope: Scope) -> dict[str, Any]:
    deal = choices.part(Deal, scope.deals)
    if scope.plenty:
        deal.pop("impressions", None)
    sensible = {"impressions": choices.one(5, 50, 2000), "floor_cpm": choices.one(0, 9, 18)}
    return deal | {name: value for name, value in sensible.items() if name in deal}


def _fitted(item: dict[str, Any], *, shared: bool) -> dict[str, Any]:
    # Without those of its terms that do not go together with the others.
    kept = dict(item)
    for name in _OPTIONAL:
        if fitting(LineItem, kept):
            break
        kept.pop(name, None)
        if not shared and not any(term.endswith("_budget") for term in kept) and "deal" not in kept:
            kept["lifetime_budget"] = LIFETIMES[0]
    return kept


def _creatives(choices: Choices) -> list[dict[str, Any]]:
    seconds = choices.one((15,), (15, 30), (6, 15, 30), (15,), (15,), (6,), (30,), (60,))
    return [
        {
            "asset_url": f"https://cdn.example.com/spot-{each}s.mp4",
            "mime_type": "mp4",
            "duration_s": each,
            "weight": choices.one(1, 3),
            "qa_status": choices.one(*["approved"] * 6, "pending"),
        }
        for each in seconds
    ]


def _flights(choices: Choices, first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    hours = 24 * ((last - first).days + 1)
    ends = {choices.integer(0, hours) for _ in range(choices.one(2, 4))}
    midnight = dt.datetime.combine(first, dt.time())
    marks = sorted(ends if len(ends) > 1 else {0, hours})
    times = [f"{midnight + dt.timedelta(hours=hour):%Y-%m-%d %H:00}" for hour in marks]
    return [{"start": a, "end": b} for a, b in zip(times[::2], times[1::2], strict=False)]


def _dayparts(choices: Choices) -> list[dict[str, Any]]:
    first = choices.integer(0, 20)
    evening = {"hours": list(range(first, min(first + choices.integer(1, 10), 24)))}
    weekdays = [day.value for day in registry.Weekday]
    return choices.one([evening], [{**evening, "weekdays": choices.some(weekdays)}, {"hours": [3]}])


def _targeting(choices: Choices, market: Mapping[str, Any]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    words = {key.value: list(key.words(market["regions"])) for key in registry.TargetingKey}
    words = {key: values for key, values in words.items() if len(values) > 1}
    for key in choices.some(list(words), 2):
        few = choices.one("include", "exclude")
        most = len(words[key]) - (1 if few == "exclude" else 0)
        wanted.setdefault(few, {})[key] = choices.some(words[key], most)
    return wanted


def changes(
    choices: Choices, market: Mapping[str, Any], campaigns: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return up to four changes of budgets, prices and statuses, at any moment of the market."""
    found = []
    for _ in range(choices.one(0, 0, 1, 2, 4)):
        listing = choices.one(*campaigns)
        change: dict[str, Any] = {"at": moment(choices, market)}
        terms = ["lifetime_budget", "daily_budget", "status"]
        if choices.once_in(3):
            change["campaign"] = campaign_path(listing)
        else:
            item = choices.one(*listing["campaign"]["line_items"])
            change["line_item"] = f"{campaign_path(listing)} / {item['name']}"
            if "deal" not in item:  # which has a price of its own
                terms.append("max_cpm")
        term = choices.one(*terms)
        change[term] = {
            "lifetime_budget": choices.one(*LIFETIMES, "0"),
            "daily_budget": choices.one(*DAILIES, "0"),
            "status": choices.one("paused", "active"),
            "max_cpm": choices.one(*CPMS),
        }[term]
        found.append(change)
    return found


def moment(choices: Choices, market: Mapping[str, Any]) -> str:
    """Return a minute of the market on its own wall clock, one that exists and begins a tick in time."""
    day = dt.date.fromisoformat(str(market["start"]))
    horizon = Horizon.from_local(day, market["timezone"], 24 * market["days"])
    minute = choices.integer(0, 24 * 60 * market["days"] - market["tick_minutes"])
    local = (horizon.start + dt.timedelta(minutes=minute)).astimezone(ZoneInfo(market["timezone"]))
    return f"{local:%Y-%m-%d %H:%M}"
