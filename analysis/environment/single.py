"""One agent: an Env of Gymnasium."""

from __future__ import annotations

from typing import Any

from gymnasium import Env, logger

from analysis.environment.environment import NO_PICTURE, Action, Environment, Info, Numbers
from analysis.runs.run import Run


class SingleMarket(Env[Numbers, Action]):
    """A market in which one line item is the agent, and all others keep their policies."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        (self._agent,) = environment.agents
        self.observation_space, self.action_space = (
            environment.observation_space(),
            environment.action_space(),
        )

    @property
    def run(self) -> Run:
        """Return the run that the last episode was, played to the end; InputError before it is over."""
        return self._environment.run

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Numbers, Info]:
        """Return the observation and the info at the beginning of an episode with that *seed*.

        For None it is the scenario's, and in each episode after that one more than in the last.
        """
        observations, infos = self._environment.reset(seed)
        super().reset(seed=None if seed is None else int(seed), options=options)
        return observations[self._agent], infos[self._agent]

    def render(self) -> None:
        """Return nothing, with a warning that says where the pictures are."""
        logger.warn(NO_PICTURE)

    def step(self, action: Action) -> tuple[Numbers, float, bool, bool, Info]:
        """Return observation, reward, whether it is over, whether the market ended before, and the info.

        InputError for an action outside of its space, and once the flight is over.
        """
        found = self._environment.step({self._agent: action})
        return (
            found.observations[self._agent],
            found.rewards[self._agent],
            found.terminations[self._agent],
            found.truncations[self._agent],
            found.infos[self._agent],
        )
