"""What caps let through that do not know their viewers, as theory has it, and how the run counts it."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.audience.content import Content
from sim.audience.population import people
from sim.events import FREQUENCY_BUCKETS
from sim.market.market import Market
from tests.bookings import Played, campaign, line_item, market, play
from tests.statistical.chance import expect_rate, expect_standard

PEOPLE, MEAN, DAYS = 40_000, 2.4, 3


def where(**identity: Any) -> Market:
    """Return a market of equal viewers, who meet MEAN breaks each and see the one ad there is."""
    settings: dict[str, Any] = {
        "days": DAYS,
        "population": {"viewers": PEOPLE, "activity": "equal"},
        "viewing": {"exposure": "poisson", "breaks_a_day": MEAN / DAYS, "weekdays": [1] * 7},
        "regions": {"here": {"timezone": "America/New_York", "share": 1}},
        "floors": {"cpm": 0},
        "ambient": "none",
        "outcomes": {"error": 0, "invalid": 0},
        "identity": identity,
    }
    return market(**settings)


@cache
def run(
    match_rate: float = 1.0, counted_by: str = "person", unit: str = "lifetime", limit: int = 1
) -> Played:
    item = line_item(
        lifetime_budget=10**6,
        pacing="asap",
        frequency_caps=[{"max_impressions": limit, "unit": unit}],
    )
    return play([campaign([item], end="2026-11-08")], where(match_rate=match_rate, counted_by=counted_by))


def viewers() -> NDArray[np.void]:
    usual = where()
    return people(usual.population, 1, [1], usual.viewing.device_weights(), Content().weights())


def expect_impressions(played: Played, chances: NDArray[np.float64], leaked: float, among: int) -> None:
    """Assert that as many were served as units of these *chances*, and Poisson leaks of that mean, bring."""
    expected = chances.sum() + leaked
    spread = math.sqrt((chances * (1 - chances)).sum() + leaked)
    expect_standard((played.of(0, "impressions") - expected) / spread, among)


@pytest.mark.parametrize("match_rate", [1.0, 0.8, 0.5, 0.0])
def test_a_cap_of_one_leaks_what_is_not_matched(match_rate: float) -> None:
    played = run(match_rate)
    once = np.full(PEOPLE, 1 - math.exp(-MEAN * match_rate))
    expect_impressions(played, once, PEOPLE * MEAN * (1 - match_rate), 4)
    expect_rate(played.of(0, "new_viewers"), PEOPLE, 1 - math.exp(-MEAN), 4, "reach is that of persons")


def test_a_household_shares_its_cap() -> None:
    played = run(counted_by="household")
    sizes = np.bincount(viewers()["household"])
    expect_impressions(played, 1 - np.exp(-MEAN * sizes), 0, 1)
    assert played.of(0, "impressions") < run().of(0, "impressions")
    assert played.of(0, "impressions") == played.of(0, "new_viewers")


def test_each_device_has_a_cap_of_its_own() -> None:
    played, usual = run(counted_by="device"), where()
    mix = np.array(usual.viewing.device_weights())
    loyal = usual.population.device_loyalty
    shares = (1 - loyal) * mix / mix.sum() + loyal * np.eye(len(mix))[viewers()["device"]]
    expect_impressions(played, (1 - np.exp(-MEAN * shares)).ravel(), 0, 1)


@pytest.mark.parametrize("counted_by", ["person", "household", "device"])
def test_what_leaked_is_counted(counted_by: str) -> None:
    played = run(0.8, counted_by)
    (fact,) = played.facts("caps_leaked")
    # With a cap of one for life, whatever a viewer sees after the first is beyond it.
    impressions = played.of(0, "impressions")
    assert fact.detail == f"{impressions - played.of(0, 'new_viewers')} of {impressions} impressions"
    assert fact.second == DAYS * 24 * 3600
    assert fact.line_item == 0


def test_what_leaked_through_a_higher_cap_is_counted() -> None:
    played = run(0.5, limit=2)
    (fact,) = played.facts("caps_leaked")
    counts = np.bincount(
        np.concatenate([hour.events["viewer_id"] for hour in played.hours]), minlength=PEOPLE
    )
    assert fact.count == (counts - 2).clip(0).sum()
    ones, twos = played.hours[-1].frequency[0][
        [FREQUENCY_BUCKETS.index(name) for name in ("freq_1", "freq_2")]
    ]
    assert (ones, twos) == ((counts == 1).sum(), (counts == 2).sum())


def test_a_daily_cap_leaks_day_by_day() -> None:
    played = run(0.5, unit="day")
    seen = np.concatenate([hour.events["viewer_id"] + PEOPLE * (hour.hour // 24) for hour in played.hours])
    (fact,) = played.facts("caps_leaked")
    assert fact.count == (np.bincount(seen) - 1).clip(0).sum()


def test_nothing_is_told_of_caps_that_know_their_viewers() -> None:
    assert run().facts("caps_leaked") == []
    for hour in run().hours:
        assert (hour.events["identity"] == hour.events["viewer_id"]).all()


def test_an_identity_is_the_session_s() -> None:
    played = run(0.8)
    events = np.concatenate([hour.events for hour in played.hours])
    known = events["identity"] >= 0
    assert (events["identity"][known] == events["viewer_id"][known]).all()
    households = run(counted_by="household").hours[20].events
    assert (households["identity"] == viewers()["household"][households["viewer_id"]]).all()
    devices = run(counted_by="device").hours[20].events
    assert (devices["identity"] == devices["viewer_id"] * 4 + devices["device"]).all()


def test_the_player_s_own_caps_do_not_leak() -> None:
    free, kept = run(0.0, unit="day"), run(0.0, unit="stream")
    assert free.of(0, "impressions") == kept.of(0, "impressions") > 0  # a break is a stream
    assert kept.facts("caps_leaked") == []
    sessions = market(identity={"match_rate": 0}, ambient="none", floors={"cpm": 0})
    for unit, name in (("stream", "session_id"), ("pod", "slot_id")):
        item = line_item(lifetime_budget=10**6, frequency_caps=[{"max_impressions": 1, "unit": unit}])
        for hour in play([campaign([item])], sessions).hours:
            billed = hour.events[hour.events["charged_micros"] > 0]
            pairs = billed["viewer_id"].astype(np.int64) << 32 | (billed[name] >> (4 if unit == "pod" else 0))
            assert len(np.unique(pairs)) == len(pairs)


@pytest.mark.parametrize("counted_by", ["household", "device"])
def test_workers_change_nothing(counted_by: str) -> None:
    leaky = where(match_rate=0.7, counted_by=counted_by)
    item = line_item(lifetime_budget=10**6, frequency_caps=[{"max_impressions": 1, "unit": "day"}])
    one, two = (play([campaign([item], end="2026-11-08")], leaky, workers=workers) for workers in (1, 3))
    assert one.outcome == two.outcome
    assert one.facts("caps_leaked")
