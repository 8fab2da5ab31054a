"""Several agents at a time: a ParallelEnv of PettingZoo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from gymnasium import logger
from gymnasium.spaces import Box
from pettingzoo import ParallelEnv

from analysis.environment.environment import NO_PICTURE, Action, Environment, Info, Numbers
from analysis.runs.run import Run


class ParallelMarket(ParallelEnv):
    """A market in which some line items are agents, and all others keep their policies.

    Every agent whose flight is not over decides once a step.
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "paceline_v0", "render_modes": []}
    render_mode = None

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self.possible_agents = [*environment.agents]
        self.agents: list[str] = []
        self.observation_spaces = {name: environment.observation_space() for name in self.possible_agents}
        self.action_spaces = {name: environment.action_space() for name in self.possible_agents}

    def observation_space(self, agent: str) -> Box[Any]:
        """Return the space of what *agent* sees."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Box[Any]:
        """Return the space of what *agent* decides."""
        return self.action_spaces[agent]

    @property
    def run(self) -> Run:
        """Return the run that the last episode was, played to the end; InputError before it is over."""
        return self._environment.run

    def reset(
        self,
        seed: int | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[dict[str, Numbers], dict[str, Info]]:
        """Return observations and infos by agent, at the beginning of an episode with that *seed*.

        For None it is the scenario's, and in each episode after that one more than in the last.
        """
        del options  # there are none
        found = self._environment.reset(seed)
        self.agents = self._environment.going
        return found

    def render(self) -> None:
        """Return nothing, with a warning that says where the pictures are."""
        logger.warn(NO_PICTURE)

    def step(
        self, actions: Mapping[str, Action]
    ) -> tuple[dict[str, Numbers], dict[str, float], dict[str, bool], dict[str, bool], dict[str, Info]]:
        """Return observations, rewards, terminations, truncations and infos by agent.

        InputError for an action that is missing or outside of its space, and once all flights are over.
        """
        found = self._environment.step(actions)
        self.agents = self._environment.going
        return found
