"""Environments for learners: line items of a market that decide step by step. It needs paceline[rl].

    env = paceline.env.parallel("smoke", agents=["line_item[*]"])    # a ParallelEnv of PettingZoo
    env = paceline.env.single("laboratory", "Launch")                # an Env of Gymnasium

`gymnasium.make("paceline.env:Paceline-v0", scenario="laboratory", agent="Launch")` is the latter, too. What
agents see and decide, in which units, stands in analysis/environment/README.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator

from analysis.booking import guards
from analysis.booking.books import book_scenario
from entities.arguments import checked
from entities.errors import InputError, PacelineWarning
from paceline._api import AnySource, Changes, Flag, _file, _loaded
from scenarios.scalars import plain
from sim import external

__all__ = ["ParallelMarket", "SingleMarket", "parallel", "single"]

_missing = ""
try:
    import gymnasium

    from analysis.environment.environment import Environment
    from analysis.environment.parallel import ParallelMarket
    from analysis.environment.single import SingleMarket
except ModuleNotFoundError as error:
    if TYPE_CHECKING or error.name not in {"gymnasium", "pettingzoo"}:
        raise
    _missing, Environment, ParallelMarket, SingleMarket = error.name, None, None, None
else:
    gymnasium.register("Paceline-v0", "paceline.env:single")

Selectors = Annotated[Sequence[str], "a list of names, selectors or globs of line items"]
Selector = Annotated[str, "the name or the selector of a line item"]
Minutes = Annotated[int | None, BeforeValidator(plain), "a whole number of minutes, or None"]
Actions = Annotated[Sequence[str], "a list of multiplier and participation"]
Reward = Annotated[str | Callable[..., float], "the name of a reward, or a function of what a step brought"]


@checked
def parallel(
    scenario: AnySource,
    agents: Selectors,
    *,
    set: Changes = None,
    every_minutes: Minutes = None,
    actions: Actions = ("multiplier",),
    reward: Reward = "value",
    allow_code: Flag = False,
) -> ParallelMarket:
    """Return a market as a ParallelEnv of PettingZoo, in which the line items that *agents* name decide.

    A name, a longer path or a selector such as `line_item[TV*]` means them as in *set*, which changes the
    scenario as in `load`. They decide once a tick, or *every_minutes*; all other line items keep their
    policies. InputError for what cannot be loaded or booked, for an unknown name, action or reward, and
    without paceline[rl]; a PacelineWarning for what is allowed and yet probably not intended.
    """
    environment = _environment(scenario, agents, set, every_minutes, actions, reward, allow_code=allow_code)
    return ParallelMarket(environment)


@checked
def single(
    scenario: AnySource,
    agent: Selector,
    *,
    set: Changes = None,
    every_minutes: Minutes = None,
    actions: Actions = ("multiplier",),
    reward: Reward = "value",
    allow_code: Flag = False,
) -> SingleMarket:
    """Return a market as an Env of Gymnasium, in which the line item that *agent* names decides.

    All else is as in `parallel`.
    """
    environment = _environment(scenario, [agent], set, every_minutes, actions, reward, allow_code=allow_code)
    if len(environment.agents) > 1:
        raise InputError(f"agent: {agent} means {len(environment.agents)} line items; one decides here")
    return SingleMarket(environment)


def _environment(
    scenario: AnySource,
    agents: Sequence[str],
    changes: Changes,
    every_minutes: int | None,
    actions: Sequence[str],
    reward: Reward,
    *,
    allow_code: bool,
) -> Environment:
    if _missing:
        raise InputError(f"paceline.env: needs {_missing}; pip install 'paceline[rl]'")
    with external.code(allow_code, beside=_file(scenario)):
        loaded = _loaded(scenario, changes)
        book = book_scenario(loaded)
    for line in guards.warnings(loaded.scenario.market, book, loaded.listings.values()):
        warnings.warn(line, PacelineWarning, stacklevel=4)
    return Environment(
        loaded.scenario, book, agents, every_minutes=every_minutes, actions=actions, reward=reward
    )
