"""Random scenarios, small and valid, from every family that is registered; and what comes of them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from analysis.booking.books import book_listings
from analysis.runs.played import PlayedRun, play_in_memory
from analysis.verify.lawbook.campaigns import changes, listings
from analysis.verify.lawbook.choices import EVERYTHING, Choices, Kinds, Scope, fitting, schema_of
from entities import registry
from scenarios.models import Scenario
from sim import kernels
from sim.engine.traffic import Loops
from sim.family import Part, Settings
from sim.market.market import Market

STARTS = (
    *("2026-11-02", "2026-10-31", "2027-03-13", "2026-10-24", "2027-03-27"),
    *("2026-10-03", "2027-04-03", "2026-12-30", "2028-02-27"),
)
"""Plain days, and those by which clocks change in one zone or another, a month or a year ends."""


def scenario(choices: Choices, scope: Scope = EVERYTHING) -> dict[str, Any]:
    """Return a scenario within *scope*, as YAML has it: valid, and played in a fraction of a second."""
    market = _market(choices, scope)
    campaigns = listings(choices, scope, market)
    market["changes"] = changes(choices, market, campaigns) if scope.changes else []
    seed = choices.integer(0, 2**31 - 1)
    return {"name": "random", "seed": seed, "market": market, "campaigns": campaigns}


def play(scenario: Mapping[str, Any] | Scenario, loops: Loops = kernels, workers: int = 1) -> PlayedRun:
    """Return what came of *scenario*; InputError or ValidationError where it cannot be booked.

    With *loops* it runs on the compiled kernels, or on `sim.reference`.
    """
    checked = Scenario.model_validate(scenario)
    book = book_listings(checked.campaigns, checked.market)
    return play_in_memory(checked, book, loops=loops, workers=workers)


def _market(choices: Choices, scope: Scope) -> dict[str, Any]:
    minutes = choices.one(*scope.minutes)
    # Ticks take time: a market of short ones is short itself.
    days = choices.integer(1, scope.most_days if minutes >= 30 else 1)
    regions = {
        name: {"share": choices.one(1, 3), "timezone": choices.one(*scope.zones)}
        for name in ("east", "west", "abroad")[: choices.integer(1, 3)]
    }
    market: dict[str, Any] = {
        "start": choices.one(*STARTS),
        "timezone": choices.one(*scope.zones),
        "days": days,
        "tick_minutes": minutes,
        "sync_minutes": minutes * choices.one(0, 0, 0, 2, 5) if scope.late else 0,
        "shards": choices.one(1, 2, 3, 2, 3, 7),
        "regions": regions,
        "population": {
            "viewers": choices.integer(1, scope.most_viewers),
            "hours_a_month": choices.one(300, 120, 400),
            "household_size": choices.one(2.5, 1, 5),
            "activity": choices.one("equal", "gamma"),
        },
        "viewing": {"exposure": choices.one("sessions", "sessions", "poisson"), "breaks_a_day": 30},
        "content": _content(choices),
        "pods": _pods(choices, scope.pods),
        "floors": _floors(choices),
        "separation": {"categories": choices.one("all", [], ["drinks"])},
        "outcomes": choices.one({}, {"error": 0, "invalid": 0}, {"error": 0.2, "invalid": 0.2}),
    }
    return market | _others(choices, scope, drawn={"changes", *market})


def _content(choices: Choices) -> dict[str, Any]:
    content: dict[str, Any] = {"second_genre": choices.one(0.5, 0, 1), "top_10": choices.one(0.036, 0.5)}
    for key in registry.TargetingKey:
        if key.trait.weights and choices.once_in(2):
            words = choices.some(list(key.words(())), 3)
            content[key.trait.weights] = {word: choices.one(1, 3) for word in words}
    return content


def _pods(choices: Choices, kinds: Kinds) -> dict[str, Any]:
    family: Any = Market.model_fields["pods"].annotation
    drawn = choices.part(family, kinds)
    model = family.members()[drawn["kind"]]
    often = {"slot_seconds": choices.one(30, 30, 15, 60), "mid_roll_every_minutes": choices.one(10, 5, 15)}
    slots = choices.one({2: 1, 3: 1}, {1: 1, 6: 1}, {4: 1})
    seconds, ads = choices.one({60: 1, 90: 1}, {45: 1}, {30: 1, 120: 1}), choices.one(4, 2, 7)
    drawn |= {name: value for name, value in often.items() if name in model.model_fields}
    # Pods of slots, or of seconds: whichever the kind has.
    for size in ({"slots": slots}, {"seconds": seconds, "max_ads": ads}):
        if sized := fitting(model, {**drawn, "mid_roll": {"share": 1, **size}}):
            return sized
    return drawn


def _floors(choices: Choices) -> dict[str, Any]:
    floors: dict[str, Any] = {"cpm": choices.one(8, 0, 4, 14, 20)}
    optional = {
        "by_device": (3, {"tv": 1.5, "phone": 0.5}),
        "by_placement": (3, {"pre_roll": 1.2}),
        "by_duration": (4, [{"longest": 15, "cpm": 5}, {"shortest": 60, "cpm": 18}]),
        "position_premium": (4, 1.3),
        "per_second_cpm": (4, 0.4),
    }
    return floors | {name: value for name, (times, value) in optional.items() if choices.once_in(times)}


def _others(choices: Choices, scope: Scope, drawn: set[str]) -> dict[str, Any]:
    # Every field of the market that is not drawn by name, new ones too.
    wanted: dict[str, Kinds] = {"auction": scope.formats, "ambient": scope.ambient}
    schema = schema_of(Market)
    found: dict[str, Any] = {}
    for name, field in Market.model_fields.items():
        kind = field.annotation
        if name in drawn:
            continue
        if inspect.isclass(kind) and issubclass(kind, Part):
            found[name] = choices.part(kind, wanted.get(name))
        elif scope.other_settings and choices.once_in(3):
            if inspect.isclass(kind) and issubclass(kind, Settings):
                found[name] = choices.settings(kind, {})
            elif (value := choices.scalar(schema["properties"][name], schema["$defs"])) is not None:
                found |= fitting(Market, {name: value})
    if "conversions" in found:
        # Rates are zero, unless somebody says so.
        found["conversions"] |= {"view_rate": choices.one(0.05, 0.5), "click_rate": choices.one(0.2, 0)}
    if found.get("ambient", {}).get("kind") == "log_normal":
        # Bids as high as line items' are, or nobody would ever lose to one.
        found["ambient"] |= {"median_cpm": choices.one(9, 14, 22), "presence": choices.one(0.5, 1)}
    return found
