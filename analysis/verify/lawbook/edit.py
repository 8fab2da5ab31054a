"""Changes to a scenario: what laws between two markets do to the one to get the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from analysis.verify.lawbook.choices import Choices

T = TypeVar("T")
Scenario = dict[str, Any]


def items(market: Scenario) -> Iterator[dict[str, Any]]:
    """Yield every line item of a scenario, to be changed in place."""
    for listing in market["campaigns"]:
        yield from listing["campaign"]["line_items"]


def paths(market: Scenario) -> list[str]:
    """Return `advertiser / campaign / line item` of every line item, in the order of `items`."""
    return [
        f"{listing['advertiser']['name']} / {listing['campaign']['name']} / {item['name']}"
        for listing in market["campaigns"]
        for item in listing["campaign"]["line_items"]
    ]


def shuffled(parts: Sequence[T], choices: Choices) -> list[T]:
    """Return *parts* in another order."""
    left = list(parts)
    return [left.pop(choices.whole(0, len(left) - 1)) for _ in range(len(parts))]


def add(market: Scenario, advertiser: str, **terms: Any) -> str:
    """Add a line item in a campaign and of an advertiser of its own, and return its path.

    It flies as long as anybody does, with money for all that there is, unless *terms* say otherwise.
    """
    days = [(one["campaign"]["start_date"], one["campaign"]["end_date"]) for one in market["campaigns"]]
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
        "start_date": min(first for first, _ in days),
        "end_date": max(last for _, last in days),
        "line_items": [item],
    }
    market["campaigns"].append({"advertiser": {"name": advertiser}, "campaign": campaign})
    return paths(market)[-1]


def one_slot(market: Scenario) -> bool:
    """Make every pod a pod of one slot, in which nothing has to be kept apart; False where pods have none."""
    pods = market["market"]["pods"]
    if "mid_roll" not in pods:
        return False
    pods["mid_roll"], pods["pre_roll"] = ({"share": 1, "slots": {1: 1}} for _ in range(2))
    return True


def each_cap(market: Scenario, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
    """Change the caps of every advertiser, campaign and line item that has some."""
    for listing in market["campaigns"]:
        for owner in (listing["advertiser"], listing["campaign"], *listing["campaign"]["line_items"]):
            if "frequency_caps" in owner:
                owner["frequency_caps"] = change(owner["frequency_caps"])
