"""What both kinds of environment have in common: agents, spaces, rewards, seeds, and the market behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import isfinite, nan
from typing import Any, NamedTuple, NoReturn

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from analysis.environment import actions as acting
from analysis.environment import rewards as rewarding
from analysis.environment.observations import HIGH, LOW, Seen, observed
from analysis.environment.rewards import Gained, Reward
from analysis.environment.selected import selected
from analysis.environment.steps import Steps
from analysis.runs.run import Run
from entities.errors import InputError
from entities.messages import listed, quoted, short
from scenarios.models import Scenario
from sim.book.records import Book
from sim.units import PPM

Numbers = NDArray[np.float32]
Action = NDArray[np.floating[Any]] | Sequence[float]
Info = dict[str, Any]
NO_PICTURE = (
    "render: there is no picture of a market (render_mode is None); once an episode is over, env.run has its"
    " figures and tables"
)
_SEEDS = 1 << 63


class Stepped(NamedTuple):
    """What a step was, each by agent."""

    observations: dict[str, Numbers]
    rewards: dict[str, float]
    terminations: dict[str, bool]
    truncations: dict[str, bool]
    infos: dict[str, Info]


class Environment:
    """Some line items of a market as agents, with what they see, decide and are rewarded for."""

    def __init__(
        self,
        scenario: Scenario,
        book: Book,
        agents: Sequence[str],
        *,
        every_minutes: int | None = None,
        actions: Sequence[str] = ("multiplier",),
        reward: str | Reward = "value",
    ) -> None:
        """Let the line items that *agents* select decide *every_minutes*, once a tick for None.

        InputError for what is wrong with an argument.
        """
        tick = scenario.market.tick_minutes
        every = tick if every_minutes is None else every_minutes
        if every < tick or every % tick:
            raise InputError(f"every_minutes: {every} is no multiple of the market's tick, {tick} minutes")
        self.actions, self._reward = acting.chosen(actions), rewarding.chosen(reward)
        places = selected(book, agents, scenario.market.horizon.hours)
        self.agents = tuple(places)
        """All that may act, by name."""
        self._steps = Steps(scenario, book, places, every // tick)
        self._next_seed = scenario.seed

    @property
    def going(self) -> list[str]:
        """Return the agents whose flight is not over."""
        return self._steps.agents

    def observation_space(self) -> Box[np.float32]:
        """Return a space of observations, the same for all agents."""
        return Box(LOW, HIGH)

    def action_space(self) -> Box[np.float32]:
        """Return a space of actions, the same for all agents."""
        return Box(np.zeros(len(self.actions), np.float32), np.ones(len(self.actions), np.float32))

    @property
    def run(self) -> Run:
        """Return the run that the last episode was, played to the end; InputError before it is over."""
        return self._steps.run()

    def reset(self, seed: Any) -> tuple[dict[str, Numbers], dict[str, Info]]:
        """Return observations and infos at the beginning of an episode with that *seed*.

        For None it is the scenario's, and in each episode after that one more than in the last.
        """
        whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
        if seed is not None and not (whole and 0 <= seed < _SEEDS):
            said = short(repr(seed), 60)
            raise InputError(f"seed: {said} is not allowed; must be a whole number from 0 to 2^63 - 1")
        seed = self._next_seed if seed is None else int(seed)
        self._next_seed = (seed + 1) % _SEEDS
        begun = self._steps.begin(seed)
        infos = {name: {"seed": seed, **_known(seen)} for name, seen in begun.items()}
        return {name: observed(seen) for name, seen in begun.items()}, infos

    def step(self, actions: object) -> Stepped:
        """Return what came of an action for each agent that is not over."""
        self._steps.check()
        if not isinstance(actions, Mapping):
            raise InputError(f"step: {short(repr(actions), 60)} is no mapping of agents to their actions")
        if {*actions} != {*self.going}:
            raise InputError(
                f"step: actions are of {listed(map(quoted, actions)) or 'nobody'}; one is due of each of"
                f" {listed(map(quoted, self.going))}"
            )
        decisions = {name: acting.decision(name, self.actions, actions[name]) for name in self.going}
        found = Stepped({}, {}, {}, {}, {})
        for name, step in self._steps.step(decisions).items():
            found.observations[name] = observed(step.seen)
            found.rewards[name] = self._rewarded(step.gained)
            found.terminations[name], found.truncations[name] = step.terminated, step.truncated
            found.infos[name] = {**step.gained._asdict(), **_known(step.seen)}
        return found

    def _rewarded(self, gained: Gained) -> float:
        reward: Any = self._reward(gained)
        number = nan
        with suppress(TypeError, ValueError, OverflowError):
            number = nan if isinstance(reward, str | bytes) else float(reward)
        if not isfinite(number):
            name = getattr(self._reward, "__name__", type(self._reward).__name__)
            raise InputError(f"reward: {name} returned {short(repr(reward), 60)}, which is no finite number")
        return number

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "an environment cannot be copied or pickled, for its market is under way; make one in each"
            " process from the same arguments"
        )


def _known(seen: Seen) -> Info:
    return {
        "spent_micros": seen.now.spent_micros,
        "left_micros": seen.now.flight.micros,
        "multiplier_ppm": round(seen.last.multiplier * PPM),
        "participation_ppm": round(seen.last.participation * PPM),
    }
