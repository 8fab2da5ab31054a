"""A bidder: the process of one line item, which plans every tick, or does what its campaign plans."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, ClassVar

import numpy as np
from simpy import Event

from sim.book.calendar import Calendar
from sim.book.records import BookedLineItem
from sim.engine.ledger import Account, least
from sim.engine.messages import Bell, Divided, Division, Means, Opening, Request
from sim.engine.outlook import Outlook
from sim.pacing import Situation
from sim.pacing.planner import Planner
from sim.units import PPM


class Bidder:
    """Reads what happened to its line item, plans, and answers the exchange."""

    always_answers: ClassVar[bool] = False
    """Whether the exchange waits for it also where its line item cannot deliver."""

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
        self.at_desk = False
        """Whether it leaves its plans to a desk, which plans for many at once."""
        self.bid_micros = 0
        """The highest possible bid of its last plan."""
        self._planned_spent = self._planned_left = self._planned_later = 0
        """As of its last plan, micros: spent within budget, left now, and left only on later days."""
        self._now: Situation | None = None
        """What is known at the tick for which it was asked last."""
        shaped = item.pacing.shape == "traffic"
        self._units = calendar.traffic_after if shaped else calendar.hours_after
        """What its schedule goes by."""
        self._expected: tuple[tuple[int, int, int], int] | None = None
        """What was asked of its schedule last, and the answer: while it cannot deliver, both stay."""
        self.terms = 0
        """How often its terms or its campaign's were changed."""

    def run(self, bell: Bell) -> Generator[Event, Any, None]:
        """Answer every opening where the line item can deliver, and sleep from one open hour to the next."""
        opens = np.flatnonzero(self.calendar.open)
        while True:
            opening: Opening = yield bell.event
            if opening.able[self.place]:
                divided: Divided = yield opening.divisions[self.item.campaign]
                answer = self.answer(opening, divided.parts()[self.place])
                opening.answers.give(self.place, answer)
                continue
            self.planner.drop_carry()
            if not self.calendar.open.item(opening.hour):
                later = np.searchsorted(opens, opening.hour)
                if later == len(opens):
                    return
                yield bell.until(opens.item(later))

    def situation(self, opening: Opening, division: Division) -> Situation:
        """Return what is known when the line item plans for itself."""
        _, left_today, flight_left, _ = self._left(opening, division)
        return self._situation(opening, flight_left, left_today)

    def answer(self, opening: Opening, division: Division) -> Request | Means:
        """Return what it asks for, given its part of a *division*, or its budgets where a desk plans."""
        left, left_today, flight_left, later = self._left(opening, division)
        within = self.account.known_within
        self._planned_spent, self._planned_left, self._planned_later = within, flight_left - later, later
        if division.plan is not None:
            multiplier = max(division.plan.multiplier_ppm, self._lowest_ppm)
            return Request(division.plan._replace(multiplier_ppm=multiplier), left, left_today)
        if self.at_desk:
            return Means(left, left_today, flight_left)
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
        total = self._units.item(0)
        about = self._budget(), total - self._units.item(hour + 1), total
        if self._expected is None or self._expected[0] != about:
            self._expected = about, self.item.pacing.due(hour, *about)
        return self._expected[1]

    def _budget(self) -> int:
        # What it means to spend in all its flights, as far as it knows, without dust: a remainder that pays
        # no bid puts no line item behind schedule.
        spent = self.account.known_within
        left = self._planned_left - (spent - self._planned_spent)
        return spent + (left if left >= self.bid_micros else 0) + self._planned_later
