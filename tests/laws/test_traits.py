"""Every trait of the table has its law, and every place that is made from the table knows each trait."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

from analysis.audit.book import Sold
from analysis.booking.books import book_listings
from analysis.booking.guards import warnings
from analysis.rows.dictionary import event_entries
from analysis.rows.events import EVENT_COLUMNS
from analysis.runs.played import PlayedRun
from analysis.verify.lawbook import metamorphic
from analysis.verify.lawbook.choices import EVERYTHING, seeded
from analysis.verify.lawbook.edit import items
from analysis.verify.lawbook.markets import play, scenario
from analysis.verify.lawbook.metamorphic import people
from entities import enums
from entities.enums import TargetingKey
from scenarios.models import Scenario
from scenarios.schema import schema
from sim import laws
from sim.audience.content import Content
from sim.cli.completion import targets
from sim.events import EVENT, OPTIONAL, events_digest
from sim.layout import POD, VIEWER
from sim.streams import Purpose
from tests.bookings import CREATIVE

DRAWN = [key for key in TargetingKey if key.trait.weights]
SIDES = ("include", "exclude")


def market(**content: object) -> dict[str, object]:
    mixes = {key.trait.weights: dict.fromkeys(key.words(())[:2], 1) for key in DRAWN}
    return {
        "days": 1,
        "shards": 2,
        "population": {"viewers": 1500, "hours_a_month": 200},
        "content": {"top_10": 0.5, **mixes, **content},
    }


def listing(name: str, targeting: dict[str, object]) -> dict[str, object]:
    item = {
        "name": name, "max_cpm": 25, "lifetime_budget": 100, "targeting": targeting, "creatives": [CREATIVE]
    }  # fmt: skip
    dates = {"start_date": "2026-11-02", "end_date": "2026-11-02"}
    return {"advertiser": {"name": name}, "campaign": {"name": name, **dates, "line_items": [item]}}


@pytest.fixture(scope="module")
def played() -> PlayedRun:
    """Return a market in which, for each trait, one line item wants its first word and one refuses it."""
    whole = Scenario.model_validate({"name": "traits", "market": market()})
    wanted = {key: key.words(whole.market.regions)[:1] for key in TargetingKey}
    found = [listing(f"{side} {key}", {side: {key.value: wanted[key]}}) for key in wanted for side in SIDES]
    return play(Scenario.model_validate({"name": "traits", "market": market(), "campaigns": found}))


def eligible(sold: Sold, events: np.ndarray) -> laws.Verdict:
    def where(i: int) -> str:
        return f"event {i}"

    return laws.eligibility(events, laws.break_seconds(events), sold.terms, where, where)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("key", TargetingKey)
def test_every_trait_has_its_law(played: PlayedRun, key: TargetingKey, side: str) -> None:
    assert {0, 1} <= set(played.won[key.value].tolist()), "a market with both values"
    item = [each.name for each in played.book.line_items].index(f"{side} {key}")
    events = played.won[played.won["line_item"] == item]
    assert len(events) > 0
    assert eligible(Sold(played), events).broken == 0
    refused = events[:1].copy()
    for column in key.columns:
        refused[column] = 1 if side == "include" else 0
    verdict = eligible(Sold(played), refused)
    assert verdict.broken == 1
    assert str(key) in str(verdict.findings)


@pytest.mark.parametrize("key", TargetingKey)
def test_what_is_made_from_the_table_knows_each_trait(key: TargetingKey) -> None:
    assert key.trait.vocabulary in (None, *vars(enums).values())
    owner = VIEWER if key.trait.owner == "viewer" else POD
    assert set(key.columns) <= set(owner.names or ())
    assert set(key.columns) <= set(EVENT.names or ()) & set(EVENT_COLUMNS)
    texts = {entry.name: entry.text for entry in event_entries()}
    assert all(texts[column] for column in key.columns)
    assert f"{key}=" in targets(key.value)
    assert key in schema("scenario")["$defs"]["TargetingKey"]["enum"]


@pytest.mark.parametrize("key", DRAWN)
def test_what_titles_draw_has_weights_a_purpose_and_a_warning(key: TargetingKey) -> None:
    assert Purpose[key.value] > Purpose.conversion
    assert key.trait.weights in Content.model_fields, (
        f"sim/audience/content.py: {key.trait.weights} is missing"
    )
    first, other = key.words(())[:2]
    only = market(**{key.trait.weights: {first: 1}})
    found = {"name": "traits", "market": only, "campaigns": [listing("a", {"include": {key.value: [other]}})]}
    whole = Scenario.model_validate(found)
    assert whole.market.content.weights_of(key)[:2] == (1, 0)
    line = f"targeting.{key} (include {other}) matches no slot; the market has {first}"
    assert any(line in one for one in warnings(whole.market, book_listings(whole.campaigns, whole.market)))


@pytest.mark.parametrize("column", OPTIONAL)
def test_an_optional_column_is_in_the_digest_only_where_it_says_something(column: str) -> None:
    events = np.zeros(5, EVENT)
    events["ts"] = np.arange(5)
    plain = [name for name in EVENT.names or () if name not in OPTIONAL]
    before = np.zeros(5, [(name, EVENT[name]) for name in plain])
    before["ts"] = events["ts"]
    assert events_digest(events) == hashlib.sha256(before.tobytes()).digest()
    events[column][2] = 1
    changed = events_digest(events)
    events[column][:] = 0, 0, 0, 1, 0
    assert len({changed, events_digest(events), hashlib.sha256(before.tobytes()).digest()}) == 3


def test_the_law_book_draws_each_trait() -> None:
    asked: set[str] = set()
    mixed: set[str] = set()
    for seed in range(60):
        drawn = scenario(seeded(seed), EVERYTHING)
        mixed |= set(drawn["market"]["content"])
        items = [item for one in drawn["campaigns"] for item in one["campaign"]["line_items"]]
        asked |= {key for item in items for side in item.get("targeting", {}).values() for key in side}
    assert asked == set(TargetingKey)
    assert mixed >= {key.trait.weights for key in DRAWN}


def test_the_laws_between_markets_turn_each_trait(monkeypatch: pytest.MonkeyPatch) -> None:
    turned: set[str] = set()

    def compare(market: dict[str, Any], other: dict[str, Any]) -> str:
        for item, changed in zip(items(market), items(other), strict=True):
            for side in SIDES:
                before, after = (one.get("targeting", {}).get(side, {}) for one in (item, changed))
                turned.update(key for key in {**before, **after} if before.get(key) != after.get(key))
        return ""

    monkeypatch.setattr(metamorphic, "difference", lambda market, other, **_: compare(market, other))
    monkeypatch.setattr(metamorphic, "play", lambda market: market)
    one_valued = {key for key in TargetingKey if len(key.columns) == 1} - {TargetingKey.placement}
    for law, keys in (
        (people.targeting_that_leaves_nobody_out_is_none, set(TargetingKey)),
        (people.to_exclude_is_to_include_the_others, one_valued),
    ):
        turned.clear()
        for seed in range(60):
            law.compare(scenario(seeded(seed), law.scope), seeded(seed, 1))
        assert turned == keys, law.name
