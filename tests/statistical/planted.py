"""Random small markets in which one constraint of a line item is tight, and nothing else is."""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.booking.books import book_listings
from analysis.explain.constraints import Asked
from scenarios.models import Scenario

SUBJECT = "Held back"
CAUSES = (
    "frequency_cap",
    "daypart",
    "floor",
    "targeting",
    "lifetime_budget",
    "daily_budget",
    "pacing",
    "holdout",
)


def planted(number: int) -> tuple[Asked, str]:
    """Return a market of a day, and the name of the constraint that is tight in it."""
    draw = np.random.default_rng([20261122, number])
    cause = CAUSES[number % len(CAUSES)]
    name, terms, market = _tight(cause, draw)
    loose: dict[str, Any] = {"max_cpm": 20, "pacing": "asap", "name": SUBJECT}
    if draw.random() < 0.5:
        loose["frequency_caps"] = [{"max_impressions": 250, "unit": "day"}]
    auction = str(draw.choice(["first_price", "second_price"]))
    # Without anybody else second prices are 0, and nothing runs out.
    rivals = 1 if auction == "second_price" else int(draw.integers(0, 2))
    rival = {"name": "Rival", "max_cpm": float(draw.choice([9, 14, 17])), "pacing": "asap"}
    scenario = {
        "name": "planted",
        "seed": int(draw.integers(2**31)),
        "market": {
            "days": 1,
            "shards": 1,
            "population": {"viewers": int(draw.integers(60, 200))},
            "auction": auction,
            "ambient": str(draw.choice(["none", "none", "log_normal"])),
            "floors": {"cpm": 0},
            **market,
        },
        "bidders": [{**loose, **terms}, *[rival] * rivals],
    }
    checked = Scenario.model_validate(scenario)
    listings = [each for bidders in checked.bidders for each in bidders.listings(checked.market)]
    return Asked(checked, book_listings(listings, checked.market)), name


def _tight(cause: str, draw: np.random.Generator) -> tuple[str, dict[str, Any], dict[str, Any]]:
    # The name of the constraint, and what makes it tight: terms of the line item, and of the market.
    match cause:
        case "frequency_cap":
            unit = str(draw.choice(["day", "week"]))
            return cause, {"frequency_caps": [{"max_impressions": 1, "unit": unit}]}, {}
        case "daypart":
            return cause, {"dayparts": [{"hours": [int(draw.integers(0, 24))]}]}, {}
        case "floor":
            return cause, {}, {"floors": {"cpm": float(draw.uniform(24, 60))}}
        case "targeting":
            key, word = (("device", "tablet"), ("genre", "business"), ("age_band", "18_24"))[draw.integers(3)]
            return f"targeting.{key}", {"targeting": {"include": {key: [word]}}}, {}
        case "lifetime_budget" | "daily_budget":
            return cause, {cause: round(float(draw.uniform(0.2, 1)), 2)}, {}
        case "pacing":
            share = round(float(draw.uniform(0.02, 0.2)), 3)
            return cause, {"pacing": {"kind": "fixed_participation", "participation": share}}, {}
        case _:
            return cause, {"holdout": round(float(draw.uniform(0.6, 0.9)), 2)}, {}
