"""What was watched in one replication is met again in the next, and changes nothing of it."""

from __future__ import annotations

import pytest

from analysis.booking.books import book_scenario
from analysis.runs.playing import play
from analysis.study.replication import Booked
from scenarios.loader import load
from sim import kernels
from sim.engine import watched
from sim.engine.watched import UNNOTICED, Audiences
from sim.market.market import Market

ARMS = {
    "as it is": (),
    "another policy": ("line_item[TV drama].pacing=asap",),
    "other targeting and flights": (
        "line_item[TV drama].targeting={include: {device: [mobile]}}",
        "campaign[Smoke Snack].end_date=2026-11-02",
    ),
    "second price": ("market.auction=second_price",),
    "dearer": ("market.floors.cpm=14",),
    "other rivals": ("market.ambient.mean=1",),
    "short ticks": ("market.tick_minutes=30", "market.sync_minutes=60"),
    "a forecast that knows": ("market.forecast=perfect",),
    "devices": ("market.identity.counted_by=device", "market.identity.match_rate=0.5"),
    "conversions": ("market.conversions.view_rate=0.1", "market.separation.categories=[]"),
    "other pods": ("market.pods.mid_roll_every_minutes=20",),
    "no weather": ("market.weather=none",),
    "more people": ("market.population.viewers=5000",),
}


def test_each_replication_is_what_it_would_be_alone() -> None:
    for name, settings in ARMS.items():
        loaded = load("smoke", ("market.days=1", "market.population.viewers=1000", *settings))
        arm = Booked(name, loaded.scenario, book_scenario(loaded))
        alone, _ = play(loaded.scenario.model_copy(update={"seed": 1}), arm.book)
        assert arm.replicate(1).digest == alone.events_digest, name


def test_arms_that_viewers_cannot_tell_share_what_they_watch() -> None:
    audiences = Audiences()
    first = load("smoke").scenario.market
    others = {name: load("smoke", settings).scenario.market for name, settings in ARMS.items()}
    same = {name: audiences.of(market, 1) is audiences.of(first, 1) for name, market in others.items()}
    assert {name for name, shared in same.items() if not shared} == {
        "other pods",
        "no weather",
        "more people",
    }
    assert audiences.of(first, 2) is not audiences.of(first, 1)


def test_only_a_few_are_kept() -> None:
    audiences, market = Audiences(2), load("smoke").scenario.market
    one, _, three = (audiences.of(market, seed) for seed in (1, 2, 3))
    assert audiences.of(market, 3) is three
    assert audiences.of(market, 1) is not one


def test_ad_breaks_of_large_markets_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    market = load("smoke").scenario.market
    small = Audiences().of(market, 1)
    monkeypatch.setattr(watched, "KEPT_VIEWER_HOURS", market.population.viewers * market.horizon.hours - 1)
    large = Audiences().of(market, 1)
    shards = range(market.shards)
    assert small.traffic(shards, kernels) is small.traffic(shards, kernels)
    assert large.traffic(shards, kernels) is not large.traffic(shards, kernels)


@pytest.mark.parametrize("name", sorted(UNNOTICED))
def test_what_goes_unnoticed_is_a_field_of_markets(name: str) -> None:
    assert name in Market.model_fields
