"""A controller: one policy that plans for all line items of a campaign, which share its budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sim.book.calendar import Calendar, together
from sim.engine.ledger import Account, divide, fill, least, whole_bids
from sim.engine.messages import Division, Opening
from sim.engine.outlook import Outlook, own_left
from sim.events import FUNNEL
from sim.pacing import Plan
from sim.pacing.planner import Planner
from sim.units import PPM

_SPEND, _BIDS = FUNNEL.index("spend_micros"), FUNNEL.index("bids")
_BEFORE = [FUNNEL.index(f"blocked_{check}") for check in ("budget_lifetime", "budget_daily", "allowance")]
"""Slots that a line item had no money for; the checks of BEYOND come after these."""
_BEYOND = [FUNNEL.index(f"blocked_{check}") for check in ("frequency_cap", "separation", "throttle")]


class Member(NamedTuple):
    """A line item of the campaign, with its own budgets and hours."""

    place: int
    account: Account
    calendar: Calendar


class _Demand:
    """What a line item would spend of a unit of traffic if no budget bound it, of late."""

    def __init__(self, memory: int) -> None:
        self._memory, self._unknown = memory, 0
        self.micros = self.traffic = 0

    def meet(self, traffic: int) -> None:
        self._unknown += traffic

    def learn(self, funnel: Sequence[int]) -> None:
        passed = funnel[_BIDS] + sum(funnel[at] for at in _BEYOND)
        if funnel[_BIDS]:
            wanted = funnel[_SPEND] * (passed + sum(funnel[at] for at in _BEFORE)) // passed
            self.micros += wanted - self.micros // self._memory
            self.traffic += self._unknown - self.traffic // self._memory
        self._unknown = 0


class Controller:
    """Plans with what its line items did together, and divides the allowance by what each could spend of it.

    A plan's multiplier and participation are all line items' alike, so that the last micro buys each of them
    as much: the campaign's value is the most that its budget buys. Dividing the allowance is a bound, not a
    wish: where it is more than they would spend, parts in proportion to that bind none of them.
    """

    def __init__(
        self, account: Account, members: Sequence[Member], planner: Planner, ticks_per_hour: int, memory: int
    ) -> None:
        self._account, self._members, self.planner = account, members, planner
        self.calendar = together([member.calendar for member in members])
        self._outlook = Outlook(self.calendar, account, ticks_per_hour)
        self._demands = {member.place: _Demand(memory) for member in members}
        self.terms = 0
        """How often its terms or those of one of its line items were changed."""

    def amend(self) -> None:
        """Take note that terms were changed."""
        self.terms += 1
        self.planner.drop_carry()

    def divide(self, opening: Opening) -> Mapping[int, Division]:
        """Return what each line item may draw, and where it can deliver the plan for it, by place."""
        hour = opening.hour
        if opening.synced:
            for place, demand in self._demands.items():
                demand.learn(opening.last[place])
        ahead = [
            member
            for member in self._members
            if opening.active[member.place] and member.calendar.hours_after[hour] > 0
        ]
        now = [member for member in ahead if member.calendar.open[hour]]
        own = [own_left(member.account, member.calendar, hour) for member in ahead]
        left = least(own_left(self._account, self.calendar, hour), _sum(own)) or 0
        left_today = least(self._account.left_today, _sum(member.account.left_today for member in ahead))
        meant = self._parts(opening, ahead, own, left, len(self.calendar.open))
        plans: dict[int, Plan] = {}
        if now:
            plans = self._plans(opening, now, left, left_today)
        else:
            self.planner.drop_carry()
        return {
            place: Division(
                self._account.left, self._account.left_today, plans.get(place), meant.get(place, 0)
            )
            for place in self._demands
        }

    def _plans(
        self, opening: Opening, now: Sequence[Member], left: int, left_today: int | None
    ) -> dict[int, Plan]:
        places = [member.place for member in self._members]
        about = left, left_today, self.terms, self.planner.last
        known = self._outlook.situation(opening, places, *about)
        plan = self.planner.plan(known, synced=opening.synced)
        hour = opening.hour
        for member in now:
            self._demands[member.place].meet(int(member.calendar.traffic[hour]))
        most = [least(own_left(one.account, one.calendar, hour), one.account.left_today) for one in now]
        parts = self._parts(opening, now, most, plan.allowance_micros, hour + 1)
        bids = {place: opening.max_bids[place] * plan.multiplier_ppm // PPM for place in parts}
        parts = whole_bids(parts, bids)
        goals = divide(min(plan.goal_micros, sum(parts.values())), list(parts.values()))
        return {
            place: Plan(goal, part, plan.multiplier_ppm, plan.participation_ppm)
            for (place, part), goal in zip(parts.items(), goals, strict=True)
        }

    def _parts(
        self,
        opening: Opening,
        members: Sequence[Member],
        most: Sequence[int | None],
        micros: int,
        end: int,
    ) -> dict[int, int]:
        # By what each could spend from this hour to *end*.
        limits = [micros if own is None else min(own, micros) for own in most]
        parts = fill(micros, limits, self._could(opening, members, end))
        return {member.place: part for member, part in zip(members, parts, strict=True)}

    def _could(self, opening: Opening, members: Sequence[Member], end: int) -> list[int]:
        # One that has not bid yet could spend as much of its highest bid as the others.
        tried = [self._demands[member.place] for member in self._members]
        spent = sum(demand.micros for demand in tried)
        worth = sum(
            demand.traffic * opening.max_bids[member.place]
            for demand, member in zip(tried, self._members, strict=True)
        )
        found = []
        for member in members:
            after, demand = member.calendar.traffic_after, self._demands[member.place]
            traffic = max(int(after[opening.hour] - after[end]), 1)
            usual = traffic * opening.max_bids[member.place]
            if spent and worth:
                usual = usual * spent // worth
            could = demand.micros * traffic // demand.traffic if demand.traffic else usual
            # No weight falls to zero: a line item that finds traffic again must be able to show it.
            found.append(max(could, usual // 64, 1))
        return found


def _sum(amounts: Iterable[int | None]) -> int | None:
    # None where one of them is no limit.
    total = 0
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total
