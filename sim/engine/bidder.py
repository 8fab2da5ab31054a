"""A bidder: the process of one line item, which plans every tick, or does what its campaign plans."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any

from simpy import Event

from sim.book.calendar import Calendar
from sim.book.records import BookedLineItem
from sim.engine.ledger import Account, least
from sim.engine.messages import Bell, Division, Opening, Request
from sim.engine.outlook import Outlook
from sim.pacing import Situation
from sim.pacing.planner import Planner
from sim.units import PPM


class Bidder:
    """Reads what happened to its line item, plans, and answers the exchange."""

    def __init__(
        self,
        item: BookedLineItem,
        place: int,
        account: Account,
        calendar: Calendar,
        ticks_per_hour: int,
        shards: int,
    ) -> None:
        self.item, self.place, self.account, self.calendar = item, place, account, calendar
        self._outlook = Outlook(calendar, account, ticks_per_hour)
        # A fixed price is bid as it is, whatever the policy asks for.
        self._lowest_ppm = PPM if item.deal.terms(item.max_bid_micros).fixed_price else 0
        self.planner = Planner(item.pacing, ticks_per_hour, shards, (self._lowest_ppm, PPM))
        self.bid_micros = 0
        """The highest possible bid of its last plan."""
        self._planned_spent = self._planned_left = self._planned_later = 0
        """As of its last plan, micros: spent within budget, left now, and left only on later days."""
        self._now: Situation | None = None
        """What is known at the tick for which it was asked last."""
        self.terms = 0
        """How often its terms or its campaign's were changed."""

    def run(self, bell: Bell) -> Generator[Event, Any, None]:
        """Answer every opening: with a request where the line item can deliver, else with None."""
        while True:
            opening: Opening = yield bell.event
            divisions: Mapping[int, Division] = yield opening.divisions[self.item.campaign]
            self.answer(opening, divisions[self.place])

    def can_deliver(self, opening: Opening) -> bool:
        """Return whether the line item is in flight, in its dayparts and not paused."""
        return opening.active[self.place] and self.calendar.open.item(opening.hour)

    def answer(self, opening: Opening, division: Division) -> None:
        """Answer with a request where the line item can deliver, else with None."""
        request = None
        if self.can_deliver(opening):
            request = self._request(opening, division)
        else:
            self.planner.drop_carry()
        opening.answers.give(self.place, request)

    def situation(self, opening: Opening, division: Division) -> Situation:
        """Return what is known when the line item plans for itself."""
        _, left_today, flight_left, _ = self._left(opening, division)
        return self._situation(opening, flight_left, left_today)

    def _request(self, opening: Opening, division: Division) -> Request:
        left, left_today, flight_left, later = self._left(opening, division)
        within = self.account.known_within
        self._planned_spent, self._planned_left, self._planned_later = within, flight_left - later, later
        if division.plan is not None:
            multiplier = max(division.plan.multiplier_ppm, self._lowest_ppm)
            return Request(replace(division.plan, multiplier_ppm=multiplier), left, left_today)
        now = self._situation(opening, flight_left, left_today)
        plan = self.planner.plan(now, synced=opening.synced)
        return Request(plan, left, left_today, self.planner.carried_micros)

    def _situation(self, opening: Opening, flight_left: int, left_today: int | None) -> Situation:
        if self._now is None or self._now.tick != opening.tick:
            amounts = flight_left, left_today
            self._now = self._outlook.situation(
                opening, (self.place,), *amounts, self.terms, self.planner.last
            )
        return self._now

    def _left(self, opening: Opening, division: Division) -> tuple[int | None, int | None, int, int]:
        # Of the lifetime budget, of the day's, of the flight, and of that what only later days bring.
        left = least(self.account.left, division.lifetime)
        left_today = least(self.account.left_today, division.daily)
        meant = left if division.meant is None else division.meant
        return left, left_today, *self._outlook.ahead(opening.hour, meant, left_today)

    def expected(self, hour: int) -> int:
        """Return what should have been spent by the end of *hour* by a line item exactly on schedule."""
        shaped = self.item.pacing.shape == "traffic"
        units = self.calendar.traffic_after if shaped else self.calendar.hours_after
        total = units.item(0)
        return self.item.pacing.due(hour, self._budget(), total - units.item(hour + 1), total)

    def _budget(self) -> int:
        # What it means to spend in all its flights, as far as it knows, without dust: a remainder that pays
        # no bid puts no line item behind schedule.
        spent = self.account.known_within
        left = self._planned_left - (spent - self._planned_spent)
        return spent + (left if left >= self.bid_micros else 0) + self._planned_later
