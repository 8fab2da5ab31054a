"""What a script does to supply: outages, quiet weeks, live events, other ad breaks and other floors."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from entities.enums import DeviceType, FactKind, Genre
from scenarios.problems import ScenarioError
from sim.events import INVENTORY
from tests.bookings import Played, campaign, line_item, market, play

AVAILS = INVENTORY.index("avails")
DAY = "2026-11-02"


@cache
def run(change: str = "", exposure: str = "sessions") -> Played:
    """Return a day of 6,000 equal viewers with a *change*; what one line item buys at the floor shows it."""
    settings: dict[str, Any] = {
        "days": 2,
        "population": {"viewers": 6000, "activity": "equal"},
        "viewing": {"exposure": exposure},
        "ambient": "none",
        "changes": CHANGES[change] if change else [],
    }
    item = line_item(lifetime_budget=100_000, pacing="asap")
    return play([campaign([item], end="2026-11-04")], market(**settings), seed=4)


CHANGES: dict[str, list[dict[str, Any]]] = {
    "outage": [{"at": f"{DAY} 19:00", "until": f"{DAY} 21:00", "viewing": 0}],
    "outage in the east": [
        {"at": f"{DAY} 19:00", "until": f"{DAY} 21:00", "viewing": 0, "region": "us_east"}
    ],
    "quiet": [{"at": f"{DAY} 00:00", "until": "2026-11-04 00:00", "viewing": 0.5}],
    "event": [
        {"at": f"{DAY} 10:00", "until": "2026-11-03 10:00", "viewing": 4, "genre": "comedy", "device": "tv"}
    ],
    "pods": [{"at": f"{DAY} 12:00", "pods": {"mid_roll": {"share": 0}}}],
    "floors": [{"at": f"{DAY} 12:20", "floors": {"cpm": 20}}],
}


def slots(change: str = "", exposure: str = "sessions") -> NDArray[np.int64]:
    """Return the slots on offer by hour, device and placement."""
    return np.array([hour.inventory[..., AVAILS] for hour in run(change, exposure).hours])


@pytest.mark.parametrize("exposure", ["sessions", "poisson"])
def test_nobody_watches_in_an_outage_and_everybody_comes_back(exposure: str) -> None:
    usual, found = slots("", exposure).sum(axis=(1, 2)), slots("outage", exposure).sum(axis=(1, 2))
    assert (found[:19] == usual[:19]).all()
    assert (found[19:21] == 0).all()
    assert 0 < found[21] <= usual[21] * 1.1
    assert found[26:].sum() == pytest.approx(usual[26:].sum(), rel=0.02)


def test_an_outage_of_a_region_is_no_other_s() -> None:
    events = np.concatenate([hour.events for hour in run("outage in the east").hours[19:21]])
    assert 0 not in events["region"]
    others = np.concatenate([hour.events for hour in run().hours[19:21]])
    assert len(events) == pytest.approx((others["region"] != 0).sum(), rel=0.01)


@pytest.mark.parametrize("exposure", ["sessions", "poisson"])
def test_a_quiet_time_has_its_share_of_viewing(exposure: str) -> None:
    usual, quiet = slots("", exposure)[12:].sum(), slots("quiet", exposure)[12:].sum()
    assert quiet / usual == pytest.approx(0.5, abs=0.02)


def test_a_live_event_adds_viewing_of_its_genre_on_its_device_and_takes_none() -> None:
    hours = slice(16, 34)  # sessions of before and after are over
    usual, event = (
        np.concatenate([hour.events for hour in run(change).hours[hours]]) for change in ("", "event")
    )
    for device in DeviceType:
        for genre in (Genre.comedy, Genre.drama):
            then, now = (
                ((each["device"] == device.code) & (each["genre"] == genre.code)).sum()
                for each in (usual, event)
            )
            times = 4 if (device, genre) == (DeviceType.tv, Genre.comedy) else 1
            assert now / then == pytest.approx(times, rel=4 * np.sqrt(1 / then + 1 / now) + 0.04), (
                device,
                genre,
            )


def test_ad_breaks_change_with_the_hour() -> None:
    before, after = slots("pods")[:12], slots("pods")[12:]
    np.testing.assert_array_equal(before, slots()[:12])
    assert after[..., 1].sum() == 0
    np.testing.assert_array_equal(after[..., 0], slots()[12:][..., 0])


def test_floors_change_with_the_tick() -> None:
    events = [hour.events["floor_micros"] for hour in run("floors").hours]
    assert (np.concatenate(events[:13]) == 10_000).all()
    assert (np.concatenate(events[13:]) == 20_000).all()


def test_facts_say_when_the_market_changed() -> None:
    (fact,) = run("event").facts(FactKind.market_changed)
    assert (fact.second, fact.count, fact.line_item, fact.campaign) == (10 * 3600, 1, None, None)
    assert fact.detail == "viewing = 4, genre comedy, device tv, until 2026-11-03 10:00"
    (fact,) = run("floors").facts(FactKind.market_changed)
    assert (fact.second, fact.detail) == (13 * 3600, "new floors")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"viewing": 0.8}, "a change of viewing ends; give until, a whole hour"),
        ({"viewing": 0.8, "until": f"{DAY} 09:30"}, "until: 2026-11-02 09:30:00: must be a whole hour"),
        ({"viewing": 0.8, "until": f"{DAY} 08:00"}, "must be after at, 2026-11-02 08:00:00"),
        ({"viewing": 30, "until": f"{DAY} 09:00"}, "viewing: 30 is not allowed; must be at most 20"),
        ({"until": f"{DAY} 09:00"}, "until: is of a change of viewing; give viewing, as in viewing: 0.8"),
        ({"genre": "drama", "floors": {"cpm": 1}}, "floors: is a change of its own, and so is genre; write two"),
        ({"line_item": "a", "max_cpm": 3, "floors": {"cpm": 1}}, "floors: is a change of its own, and so is line_item"),
        ({"viewing": 0, "until": f"{DAY} 09:00", "device": "tv"}, "an outage is of all"),
        ({"viewing": 2, "until": f"{DAY} 09:00", "device": "tv", "region": "us_east"}, "leave region out"),
        ({"viewing": 2, "until": f"{DAY} 09:00", "region": "us_eats"}, "did you mean us_east?"),
        ({"viewing": 2, "until": f"{DAY} 09:00", "genre": "sport"}, "must be one of drama"),
        ({"at": f"{DAY} 08:30", "pods": {}}, "at: 2026-11-02 08:30:00: must be a whole hour"),
        ({"pods": {"slot_seconds": 15}}, "must be of the kind and the seconds of market.pods, 30 s"),
        ({"pods": {"mid_rol": {}}}, "did you mean mid_roll?"),
        ({}, "a change names either a line_item or a campaign, or sets viewing, floors or pods"),
    ],
)  # fmt: skip
def test_a_change_of_supply_says_what_is_wrong_with_it(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ScenarioError) as error:
        market(changes=[{"at": f"{DAY} 08:00", **change}])
    assert told in str(error.value)
    assert "changes.0" in str(error.value)


def test_a_genre_that_nothing_has_cannot_have_an_event() -> None:
    event = {"at": f"{DAY} 08:00", "until": f"{DAY} 09:00", "genre": "family", "viewing": 2}
    with pytest.raises(ScenarioError, match=r"changes\.0\.genre: .*the market has drama, comedy"):
        market(content={"genres": {"drama": 1, "comedy": 1}}, changes=[event])


def test_a_stored_change_comes_back() -> None:
    where = market(changes=[*CHANGES["event"], *CHANGES["pods"], *CHANGES["floors"]])
    assert type(where).model_validate_json(where.model_dump_json()) == where
