"""The planner: what runs a pacing policy tick after tick, in a market or on a recorded log."""

from __future__ import annotations

from typing import TypeVar

from sim.pacing import PacingPolicy, Plan, Situation
from sim.pacing.columns import Column
from sim.units import PPM

_Amount = TypeVar("_Amount", int, Column)

UNBOUNDED_PPM = (1 << 63) - 1


class Planner:
    """Describes each tick's situation to a policy, bounds its plan, and carries unused allowance forward."""

    def __init__(
        self,
        policy: PacingPolicy,
        ticks_per_hour: int,
        shards: int = 1,
        multipliers_ppm: tuple[int, int] = (0, PPM),
    ) -> None:
        self.policy, self._ticks_per_hour, self._shards = policy, ticks_per_hour, shards
        self._lowest_ppm, self._highest_ppm = multipliers_ppm
        self.last = Plan(0, 0)
        """The last plan, which the next situation tells of."""
        self._allowed = 0
        """What the ticks since the last sync were allowed to spend."""
        self.carried_micros = 0
        """What the last plan allows besides what the policy asked for."""

    def plan(self, now: Situation, *, synced: bool = True) -> Plan:
        """Return the policy's plan for the tick, within the budgets and the bounds of bids and probabilities.

        *now* tells of the `last` one; *synced* is whether earlier spend is known.
        """
        asked = self.policy.planned(now)
        goal = max(asked.goal_micros, 0)
        carried = self._carried(goal, now) if synced else 0
        self.last = Plan(
            goal_micros=goal,
            allowance_micros=min(max(asked.allowance_micros, 0) + carried, now.spendable_micros),
            multiplier_ppm=min(max(asked.multiplier_ppm, self._lowest_ppm), self._highest_ppm),
            participation_ppm=min(max(asked.participation_ppm, 0), PPM),
            memory=asked.memory,
        )
        self.carried_micros = carried
        self._allowed = self.last.allowance_micros + (0 if synced else self._allowed)
        return self.last

    def drop_carry(self) -> None:
        """Carry nothing into the next plan."""
        self._allowed = 0

    def _carried(self, goal: int, now: Situation) -> int:
        most = most_carried(goal, now.max_bid_micros, self._ticks_per_hour, self._shards)
        return min(max(self._allowed - now.last_spend_micros, 0), most)


def most_carried(goal: _Amount, max_bid: _Amount, ticks_per_hour: int, shards: int) -> _Amount:
    """Return how much unused allowance a tick with that *goal* may bring along at most, micros.

    Up to one bid per shard, as leases are whole bids, and a minute's goal, that of the last minute; within
    the hour also what its other ticks mean to spend. More than that was missed for want of supply, and the
    policy spreads it over what remains.
    """
    return shards * max_bid + goal * (ticks_per_hour - 1) + goal * ticks_per_hour // 60
