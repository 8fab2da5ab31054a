"""Who watches when: weights by hour move viewing between people, and leave how much is watched as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from entities.enums import Gender
from scenarios.problems import ScenarioError
from sim.audience.mix import Mix
from sim.audience.population import Population
from sim.events import INVENTORY
from tests.bookings import Played, campaign, line_item, market, play
from tests.statistical.chance import deviate

AVAILS = INVENTORY.index("avails")
MORNING, EVENING = [3.0] * 12 + [1.0] * 12, [1.0] * 12 + [2.0] * 12


def run(exposure: str = "sessions", **by_hour: Any) -> Played:
    """Return three days of 6,000 equal viewers of whom everything is bought, so that events show who watches."""
    where = market(
        days=3,
        regions={"one": {"timezone": "America/New_York", "share": 1}},
        population={"viewers": 6000, "activity": "equal", "household_size": 1, "genders": [0.5, 0.5]},
        viewing={"exposure": exposure, "by_hour": by_hour},
        ambient="none",
    )
    item = line_item(lifetime_budget=100_000, pacing="asap")
    return play([campaign([item], end="2026-11-05")], where, seed=4)


@pytest.mark.parametrize("exposure", ["sessions", "poisson"])
def test_weights_say_who_watches_and_not_how_much(exposure: str) -> None:
    usual, mixed = run(exposure), run(exposure, gender={"female": MORNING, "male": EVENING})
    hours = np.arange(72) % 24
    for part, share in ((range(2, 11), 3 / 4), (range(14, 23), 1 / 3)):
        within = np.isin(hours, part)
        avails = [
            sum(hour.inventory[..., AVAILS].sum() for hour in each.hours if within[hour.hour])
            for each in (usual, mixed)
        ]
        assert avails[1] / avails[0] == pytest.approx(1, abs=0.03)
        events = np.concatenate([hour.events for hour in mixed.hours if within[hour.hour]])
        # One viewer's events hang together: there are as many independent ones as viewers, or more.
        women = (events["gender"] == Gender.female.code).mean()
        assert abs(women - share) < deviate(4) * np.sqrt(share * (1 - share) / 6000) + 0.005


def test_factors_average_to_one_in_each_hour() -> None:
    people = Population(age_bands=(1, 2, 3, 4, 5, 6), genders=(0.3, 0.7))
    mix = Mix.model_validate({"age_band": {"18-24": MORNING}, "gender": {"male": EVENING}})
    times = np.array(mix.times(people)).reshape(6, 2, 24)
    shares = np.array(people.age_bands)[:, None] / 21 * np.array(people.genders)
    assert (times * shares[..., None]).sum(axis=(0, 1)) == pytest.approx(np.ones(24))
    assert times[0, :, :12] / times[1, :, :12] == pytest.approx(3.0)
    assert Mix().times(people) == [(1.0,) * 24] * 12


def test_somebody_must_watch() -> None:
    with pytest.raises(ScenarioError, match=r"by_hour: nobody is left to watch at 0:00"):
        market(viewing={"by_hour": {"gender": {"female": [0] * 24, "male": [0] * 24}}})
    with pytest.raises(ScenarioError, match=r"by_hour\.gender\.female"):
        market(viewing={"by_hour": {"gender": {"female": [1] * 23}}})
