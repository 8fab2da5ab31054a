"""What an agent is rewarded for: functions of what a step brought."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from entities.errors import InputError
from entities.messages import hint, quoted
from sim.units import MICROS


class Gained(NamedTuple):
    """What a step brought a line item, in whole numbers, whether spend is known yet or not."""

    matched: int
    """Slots that its targeting matched."""
    bids: int
    wins: int
    impressions: int
    spend_micros: int
    worth_micros: int
    """What its impressions were worth, before any multiplier."""
    overspent_micros: int
    """Spent beyond its own budgets, as happens where spend becomes known late."""
    due_micros: int
    """What of its budget the step has, by the forecast of its traffic when the flight began."""
    budget_micros: int
    """What it may spend in its flight, as known when that began."""


Reward = Callable[[Gained], float]
REWARDS: dict[str, Reward] = {}
"""By name; a function that is marked with `reward` is one."""


def reward(function: Reward) -> Reward:
    """Return *function*, which is chosen by its name from now on."""
    REWARDS[function.__name__] = function
    return function


@reward
def value(step: Gained) -> float:
    """Return what the step's impressions were worth, in currency."""
    return step.worth_micros / MICROS


@reward
def value_minus_overspend(step: Gained) -> float:
    """Return that less what was spent beyond its own budgets, in currency."""
    return (step.worth_micros - step.overspent_micros) / MICROS


@reward
def delivery_error(step: Gained) -> float:
    """Return minus how far spend was from the step's part of the budget, in shares of the budget.

    Parts go by the traffic that was forecast when the flight began. Over a flight, 0 is a course that was
    kept, and -1 what comes to an agent that buys nothing.
    """
    return -abs(step.spend_micros - step.due_micros) / max(step.budget_micros, 1)


def chosen(asked: str | Reward) -> Reward:
    """Return the reward of that name, or the function itself; InputError for an unknown name."""
    if callable(asked):
        return asked
    if asked not in REWARDS:
        raise InputError(f"reward: no reward {quoted(asked)}; {hint(asked, REWARDS)}")
    return REWARDS[asked]
