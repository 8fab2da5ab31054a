"""Settings of the audience: what is refused, with what words, and what the tables make of the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sim.audience.population import Population, Region
from sim.audience.viewing import Habits, lengths


@pytest.mark.parametrize(
    "minutes",
    [
        {"session_minutes": 2, "shortest_minutes": 60},
        {"session_minutes": 60, "shortest_minutes": 60},
        {"session_minutes": 600},
        {"session_minutes": 12, "longest_minutes": 10},
        {"session_minutes": 20, "shortest_minutes": 60, "longest_minutes": 10},
    ],
)
def test_a_mean_session_lies_between_the_shortest_and_the_longest(minutes: dict[str, float]) -> None:
    with pytest.raises(
        ValidationError,
        match=rf"session_minutes {minutes['session_minutes']}: must be above shortest_minutes, \d+, and below"
        r" longest_minutes, \d+",
    ):
        Habits.model_validate(minutes)


@pytest.mark.parametrize(
    "minutes",
    [
        {},
        {"session_minutes": 400},
        {"session_minutes": 599, "shortest_minutes": 60},
        {"session_minutes": 61, "shortest_minutes": 60},
        {"session_minutes": 2.5, "shortest_minutes": 0.1, "longest_minutes": 10},
        {"session_minutes": 9.9, "longest_minutes": 10},
    ],
)
def test_sessions_last_as_long_on_average_as_they_are_said_to(minutes: dict[str, float]) -> None:
    habits = Habits.model_validate(minutes)
    table = lengths(habits) / 60
    assert np.mean((table[1:] + table[:-1]) / 2) == pytest.approx(habits.session_minutes, rel=2e-3)
    assert table.min() >= habits.shortest_minutes
    assert table.max() <= habits.longest_minutes


@pytest.mark.parametrize(
    ("settings", "weights"),
    [
        (Habits, {"hours": [0] * 24}),
        (Habits, {"weekdays": [0] * 7}),
        (Habits, {"devices": dict.fromkeys(("tv", "desktop", "phone", "tablet"), 0)}),
        (Population, {"age_bands": [0] * 6}),
        (Population, {"genders": [0, 0]}),
    ],
)
def test_weights_that_are_all_zero_are_refused(settings: type[Habits | Population], weights: Any) -> None:
    with pytest.raises(ValidationError, match="one of the weights must be above zero"):
        settings.model_validate(weights)


def test_a_region_has_a_zone_that_is_known() -> None:
    for zone in ("America/New_York", "UTC", "Asia/Kolkata"):  # the market refuses the last on its own days
        assert Region(timezone=zone, share=1).timezone == zone
    with pytest.raises(ValidationError, match="'Mars/Olympus' is not an IANA time zone, such as America/New"):
        Region(timezone="Mars/Olympus", share=1)
