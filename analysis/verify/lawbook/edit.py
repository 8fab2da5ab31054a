"""Changes to a scenario: what metamorphic laws do to one market to get the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Draft = dict[str, Any]
"""A scenario as YAML has it, to be changed in place."""
BUDGETS = {"lifetime_budget", "daily_budget"}


class UnfitError(Exception):
    """A market does not meet a law's conditions, so that nothing can be said of it."""


def with_listings(market: Draft) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield the path of every line item, its listing and itself, to be changed in place."""
    for listing in market["campaigns"]:
        for item in listing["campaign"]["line_items"]:
            yield f"{campaign_path(listing)} / {item['name']}", listing, item


def campaign_path(listing: Mapping[str, Any]) -> str:
    """Return `advertiser / campaign` of a listing."""
    return f"{listing['advertiser']['name']} / {listing['campaign']['name']}"


def items(market: Draft) -> list[dict[str, Any]]:
    """Return every line item of a scenario, to be changed in place."""
    return [item for _, _, item in with_listings(market)]


def paths(market: Draft) -> list[str]:
    """Return `advertiser / campaign / line item` of every line item, in the order of `items`."""
    return [path for path, _, _ in with_listings(market)]


def owners(market: Draft) -> Iterator[dict[str, Any]]:
    """Yield whatever can have frequency caps, to be changed in place: advertisers, campaigns, line items."""
    for listing in market["campaigns"]:
        yield from (listing["advertiser"], listing["campaign"], *listing["campaign"]["line_items"])


def mapped(part: Any, change: Callable[[str, Any], Any], name: str = "") -> Any:
    """Return a *part* of a scenario with what *change* makes of each value, from its name and itself."""
    if isinstance(part, list):
        return [mapped(each, change, name) for each in part]
    if isinstance(part, dict):
        return {key: mapped(value, change, str(key)) for key, value in part.items()}
    return change(name, part)


def without_changes(market: Draft, dropped: Callable[[dict[str, Any]], bool]) -> None:
    """Take the scripted changes that are to be *dropped* out of the scenario."""
    changes = market["market"]["changes"]
    market["market"]["changes"] = [change for change in changes if not dropped(change)]


def add(market: Draft, advertiser: str, **terms: Any) -> str:
    """Add a line item with its own campaign and advertiser, and return its path.

    It flies as long as any other, with money for every slot, unless *terms* say otherwise.
    """
    campaigns = [listing["campaign"] for listing in market["campaigns"]]
    item = {
        "name": "Another item",
        "max_cpm": 15,
        "lifetime_budget": "1000000",
        "pacing": "asap",
        "creatives": [
            {"asset_url": "https://cdn.example.com/another-6s.mp4", "mime_type": "mp4", "duration_s": 6}
        ],
        **terms,
    }
    campaign = {
        "name": "Another campaign",
        "start_date": min(each["start_date"] for each in campaigns),
        "end_date": max(each["end_date"] for each in campaigns),
        "line_items": [item],
    }
    market["campaigns"].append({"advertiser": {"name": advertiser}, "campaign": campaign})
    return paths(market)[-1]


def set_one_slot(market: Draft) -> None:
    """Make every pod a pod of one slot, in which nothing is kept apart; UnfitError for pods without slots."""
    pods = market["market"]["pods"]
    if "mid_roll" not in pods:
        raise UnfitError
    pods["mid_roll"], pods["pre_roll"] = ({"share": 1, "slots": {1: 1}} for _ in range(2))


def drop_caps(market: Draft, dropped: Callable[[dict[str, Any]], bool]) -> None:
    """Take the frequency caps that are to be *dropped* from everybody."""
    for owner in owners(market):
        if "frequency_caps" in owner:
            owner["frequency_caps"] = [cap for cap in owner["frequency_caps"] if not dropped(cap)]
