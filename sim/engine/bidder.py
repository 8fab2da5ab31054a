"""A bidder: the process of one line item, which plans every tick with its pacing policy."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from simpy import Event

from sim.engine.book import BookedLineItem
from sim.engine.calendar import Calendar
from sim.engine.campaign import Division
from sim.engine.ledger import Account
from sim.events import FUNNEL
from sim.pacing import Plan, Situation, Span
from sim.units import PPM

if TYPE_CHECKING:
    from sim.engine.exchange import Exchange, Opening

_SPEND, _BIDS, _WINS = (FUNNEL.index(name) for name in ("spend_micros", "bids", "wins"))


class Bidder:
    """Reads what happened to its line item, plans, and answers the exchange."""

    def __init__(
        self, item: BookedLineItem, place: int, account: Account, calendar: Calendar, ticks_per_hour: int
    ) -> None:
        self.item, self.place, self.account, self.calendar = item, place, account, calendar
        self._per_hour = ticks_per_hour
        self._last = Plan(0, 0)
        self.budget_micros = 0
        """What it means to spend in all its flights, as far as it knows."""

    def run(self, exchange: Exchange) -> Generator[Event, object, None]:
        """Answer every opening, for ever: with a plan where the line item can deliver, else with None."""
        while True:
            opening = yield from exchange.next_opening()
            divisions = yield from opening.division(self.item.campaign)
            plan = None
            if self.calendar.open[opening.hour] and exchange.active(self.place):
                situation = self.situation(opening, divisions[self.place])
                plan = self._last = self._within(self.item.pacing.plan(situation), situation)
            opening.answers[self.place].succeed(plan)

    def situation(self, opening: Opening, division: Division) -> Situation:
        """Return what the policy is told at this opening."""
        calendar, hour = self.calendar, opening.hour
        day_end = int(calendar.day_end[hour])
        left_today = _least(self.account.left_today, division.daily)
        left = _least(self.account.left, division.lifetime)
        if left is None:
            # Only a daily budget, its own or a part of its campaign's: the flight's is that of its days.
            days_to_come = len(set(calendar.day[day_end:][calendar.open[day_end:]].tolist()))
            a_day = (left_today or 0) + self.account.spent_today
            left = (left_today or 0) + days_to_come * a_day
        self.budget_micros = self.account.lifetime or self.account.spent + left
        last = opening.last[self.place]
        return Situation(
            tick=opening.tick,
            traffic=int(calendar.traffic[hour]),
            flight=self._span(hour, opening.part, len(calendar.open), left),
            today=None if left_today is None else self._span(hour, opening.part, day_end, left_today),
            budget_micros=self.budget_micros,
            spent_micros=self.account.spent,
            last_spend_micros=int(last[_SPEND]),
            last_bids=int(last[_BIDS]),
            last_wins=int(last[_WINS]),
            multiplier_ppm=self._last.multiplier_ppm,
            participation_ppm=self._last.participation_ppm,
            memory=self._last.memory,
        )

    def expected(self, hour: int) -> int:
        """Return what should have been spent by the end of *hour* by a line item exactly on schedule."""
        shaped = self.item.pacing.shape == "traffic"
        units = self.calendar.traffic_after if shaped else self.calendar.hours_after
        whole = int(units[0])
        return self.budget_micros * (whole - int(units[hour + 1])) // whole if whole else 0

    def _span(self, hour: int, part: int, end: int, micros: int) -> Span:
        calendar = self.calendar
        return Span(
            ticks=int(calendar.hours_after[hour] - calendar.hours_after[end]) * self._per_hour - part,
            traffic=int(calendar.traffic_after[hour] - calendar.traffic_after[end]) * self._per_hour
            - part * int(calendar.traffic[hour]),
            micros=micros,
        )

    @staticmethod
    def _within(plan: Plan, situation: Situation) -> Plan:
        # A policy may ask for anything; budgets, and a probability's bounds, hold all the same.
        return Plan(
            goal_micros=max(plan.goal_micros, 0),
            allowance_micros=min(max(plan.allowance_micros, 0), situation.spendable_micros),
            multiplier_ppm=max(plan.multiplier_ppm, 0),
            participation_ppm=min(max(plan.participation_ppm, 0), PPM),
            memory=plan.memory,
        )


def _least(own: int | None, division: int | None) -> int | None:
    return min((x for x in (own, division) if x is not None), default=None)
