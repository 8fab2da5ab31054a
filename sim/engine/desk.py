"""Desks: answers become columns, and line items of a policy that plans in columns are planned for at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.engine.bidder import Bidder
from sim.engine.messages import ASKED, Means, Opening, Request
from sim.events import FUNNEL
from sim.layout import UNLIMITED
from sim.pacing import PacingPolicy
from sim.pacing.columns import Column, Days, Situations, Spans
from sim.pacing.planner import most_carried
from sim.units import PPM

_SPEND = FUNNEL.index("spend_micros")
MEMBERS = 8
"""Fewer line items with one policy are quicker planned for one by one."""


class Desks:
    """Turns the answers of a tick into columns, with plans for those who only told their means."""

    def __init__(self, bidders: Sequence[Bidder], ticks_per_hour: int, shards: int) -> None:
        alike: dict[tuple[type[PacingPolicy], str], list[Bidder]] = defaultdict(list)
        for bidder in bidders:
            policy = bidder.item.pacing
            if policy.in_columns and not bidder.always_answers:  # agents decide for themselves
                alike[type(policy), policy.model_dump_json()].append(bidder)
        groups = [members for members in alike.values() if len(members) >= MEMBERS]
        self._desks = [_Desk(members, ticks_per_hour, shards) for members in groups]

    def asked(self, opening: Opening) -> NDArray[np.void]:
        """Return what each line item asks for, ASKED."""
        found = np.zeros(len(opening.answers.given), ASKED)
        for place, answer in enumerate(opening.answers.given):
            if isinstance(answer, Request):
                found[place] = _row(answer)
        for desk in self._desks:
            desk.plan(opening, found)
        return found

    def drop_carry(self, place: int) -> None:
        """Carry nothing into the next plan of the line item at *place*."""
        for desk in self._desks:
            desk.drop_carry(place)


class _Desk:
    # What the planner does for one line item, it does for all members that are asked.
    def __init__(self, members: Sequence[Bidder], ticks_per_hour: int, shards: int) -> None:
        self._policy, self._members = members[0].item.pacing, members
        for bidder in members:
            bidder.at_desk = True
        self._ticks_per_hour, self._shards = ticks_per_hour, shards
        self._places = np.array([bidder.place for bidder in members], np.int64)
        self._allowed = np.zeros(len(members), np.int64)
        """What the ticks since the last sync were allowed to spend."""
        # Hours × members, for an hour of all of them is read at once.
        calendars = [bidder.calendar for bidder in members]
        self._ticks_after = ticks_per_hour * np.stack([one.hours_after for one in calendars], axis=1)
        self._traffic_after = ticks_per_hour * np.stack([one.traffic_after for one in calendars], axis=1)
        self._days = np.zeros((2, len(members)), np.int64)
        """Where the local day of each begins, and where it ends."""

    def drop_carry(self, place: int) -> None:
        self._allowed[self._places == place] = 0

    def plan(self, opening: Opening, found: NDArray[np.void]) -> None:
        answers = [opening.answers.given[bidder.place] for bidder in self._members]
        asking = np.array([isinstance(answer, Means) for answer in answers], bool)
        before = self._allowed[asking]
        self._allowed[:] = 0  # who does not ask carries nothing
        if not asking.any():
            return
        places = self._places[asking]
        means = [answer for answer in answers if isinstance(answer, Means)]
        lifetime, daily, left = zip(*means, strict=True)
        now = self._situations(opening, asking, np.array(left, np.int64), daily)
        goal = self._policy.aimed(now, opening.tick)
        carried = np.zeros_like(goal)
        if opening.synced:
            spent = np.array([opening.last[place][_SPEND] for place in places.tolist()], np.int64)
            bids = np.array([opening.max_bids[place] for place in places.tolist()], np.int64)
            most = most_carried(goal, bids, self._ticks_per_hour, self._shards)
            carried = np.minimum(np.maximum(before - spent, 0), most)
            before[:] = 0
        allowance = np.minimum(goal + carried, now.spendable_micros)
        self._allowed[asking] = before + allowance
        rows = np.zeros(len(places), ASKED)
        rows["made"], rows["multiplier_ppm"], rows["participation_ppm"] = 1, PPM, PPM
        rows["goal_micros"], rows["allowance_micros"], rows["carried_micros"] = goal, allowance, carried
        rows["lifetime_micros"] = _column(lifetime, UNLIMITED)
        rows["daily_micros"] = _column(daily, UNLIMITED)
        found[places] = rows

    def _situations(
        self, opening: Opening, asking: NDArray[np.bool_], left: Column, daily: Sequence[int | None]
    ) -> Situations:
        # As an Outlook describes them one by one.
        hour, part, members = opening.hour, opening.part, np.flatnonzero(asking)
        ticks_after, traffic_after = self._ticks_after, self._traffic_after
        begin, end = self._day_of(hour)[:, members]
        a_tick = traffic_after[hour, members] - traffic_after[hour + 1, members]
        a_tick //= self._ticks_per_hour
        ticks, traffic = ticks_after[hour, members] - part, traffic_after[hour, members] - part * a_tick
        ticks_later, traffic_later = ticks_after[end, members], traffic_after[end, members]
        ticks_left, traffic_left = ticks - ticks_later, traffic - traffic_later
        known = [self._members[i].account.known_today for i in members.tolist()]
        return Situations(
            traffic=a_tick,
            flight=Spans(ticks, traffic, left),
            today=Spans(ticks_left, traffic_left, _column(daily, 0)),
            daily=np.array([micros is not None for micros in daily], bool),
            day=Days(
                ticks=ticks_after[begin, members] - ticks_later,
                traffic=traffic_after[begin, members] - traffic_later,
                ticks_left=ticks_left,
                traffic_left=traffic_left,
                spent_micros=np.array(known, np.int64),
            ),
        )

    def _day_of(self, hour: int) -> NDArray[np.int64]:
        if (hour >= self._days[1]).any():
            calendars = [bidder.calendar for bidder in self._members]
            days = [(one.day_begin.item(hour), one.day_end.item(hour)) for one in calendars]
            self._days = np.array(days, np.int64).T
        return self._days


def _row(request: Request) -> tuple[int, ...]:
    plan, lifetime, daily, carried = request
    return 1, *plan[:-1], *(UNLIMITED if each is None else each for each in (lifetime, daily)), carried


def _column(micros: Sequence[int | None], none: int) -> Column:
    return np.array([none if each is None else each for each in micros], np.int64)
