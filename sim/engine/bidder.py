"""A bidder: the process of one line item, which plans every tick with its pacing policy."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from simpy import Event

from sim.book.calendar import Calendar
from sim.book.records import BookedLineItem
from sim.engine.ledger import Account, least
from sim.engine.messages import Bell, Division, Opening, Request
from sim.events import FUNNEL
from sim.pacing import Day, Situation, Span
from sim.pacing.planner import Planner
from sim.units import PPM

_LAST = {
    "last_matched": FUNNEL.index("requests_matched"),
    "last_bids": FUNNEL.index("bids"),
    "last_wins": FUNNEL.index("wins"),
    "last_impressions": FUNNEL.index("impressions"),
    "last_spend_micros": FUNNEL.index("spend_micros"),
    "last_worth_micros": FUNNEL.index("impression_bid_sum_micros"),
}
"""Where a Situation's fields stand in the funnel."""


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
        self._ticks_per_hour = ticks_per_hour
        # A fixed price is bid as it is, whatever the policy asks for.
        lowest = PPM if item.deal.terms(item.max_bid_micros).fixed_price else 0
        self.planner = Planner(item.pacing, ticks_per_hour, shards, (lowest, PPM))
        self._clock: tuple[int, dict[str, tuple[int, ...]]] = (-1, {})
        self.bid_micros = 0
        """The highest possible bid of its last plan."""
        self._planned_spent = self._planned_left = self._planned_later = 0
        """As of its last plan, micros: spent within budget, left now, and left only on later days."""
        self.terms = 0
        """How often its terms or its campaign's were changed."""

    def run(self, bell: Bell) -> Generator[Event, Any, None]:
        """Answer every opening: with a request where the line item can deliver, else with None."""
        while True:
            opening: Opening = yield bell.event
            divisions: Mapping[int, Division] = yield opening.divisions[self.item.campaign]
            request = None
            if self.calendar.open[opening.hour] and opening.active[self.place]:
                request = self._request(opening, divisions[self.place])
            else:
                self.planner.drop_carry()
            opening.answers[self.place].succeed(request)

    def _request(self, opening: Opening, division: Division) -> Request:
        calendar, account, hour, part = self.calendar, self.account, opening.hour, opening.part
        left = flight_left = least(account.left, division.lifetime)
        left_today = least(account.left_today, division.daily)
        day_end, later = int(calendar.day_end[hour]), 0
        if flight_left is None:
            # Only a daily budget, its own or a part of its campaign's: the flight has that of all its days.
            later_days = len(set(calendar.day[day_end:][calendar.open[day_end:]].tolist()))
            a_day = (left_today or 0) + account.known_today
            later = later_days * (a_day if account.daily is None else min(a_day, account.daily))
            flight_left = (left_today or 0) + later
        within = account.known_within
        self._planned_spent, self._planned_left, self._planned_later = within, flight_left - later, later
        last: dict[str, Any] = {name: int(opening.last[self.place, at]) for name, at in _LAST.items()}
        now = Situation(
            tick=opening.tick,
            tick_minutes=60 // self._ticks_per_hour,
            traffic=int(calendar.traffic[hour]),
            flight=self._span(hour, part, len(calendar.open), flight_left),
            today=None if left_today is None else self._span(hour, part, day_end, left_today),
            day=self._day(hour, part),
            budget_micros=within + flight_left,
            spent_micros=account.known,
            max_bid_micros=int(opening.max_bids[self.place]),
            terms=self.terms,
            **last,
        )
        return Request(self.planner.plan(now, synced=opening.synced), left, left_today)

    def expected(self, hour: int) -> int:
        """Return what should have been spent by the end of *hour* by a line item exactly on schedule."""
        shaped = self.item.pacing.shape == "traffic"
        units = self.calendar.traffic_after if shaped else self.calendar.hours_after
        total = int(units[0])
        return self.item.pacing.expected(self._budget(), total - int(units[hour + 1]), total)

    def _budget(self) -> int:
        # What it means to spend in all its flights, as far as it knows, without dust: a remainder that pays
        # no bid puts no line item behind schedule.
        spent = self.account.known_within
        left = self._planned_left - (spent - self._planned_spent)
        return spent + (left if left >= self.bid_micros else 0) + self._planned_later

    def _day(self, hour: int, part: int) -> Day:
        calendar = self.calendar
        begin, end = int(calendar.day_begin[hour]), int(calendar.day_end[hour])
        left = self._span(hour, part, end, 0)
        day = self._span(begin, 0, end, 0)
        return Day(
            number=int(calendar.day[hour]),
            minute=60 * int(calendar.hour_of_day[hour]) + 60 // self._ticks_per_hour * part,
            ticks=day.ticks,
            traffic=day.traffic,
            ticks_left=left.ticks,
            traffic_left=left.traffic,
            spent_micros=self.account.known_today,
            **self._by_clock(begin, end),
        )

    def _by_clock(self, begin: int, end: int) -> dict[str, tuple[int, ...]]:
        # Once a day: all its ticks see the same hours.
        if self._clock[0] != begin:
            traffic, ticks = [0] * 24, [0] * 24
            for hour in range(begin, end):
                at = int(self.calendar.hour_of_day[hour])
                traffic[at] += self._ticks_per_hour * int(self.calendar.traffic[hour])
                ticks[at] += self._ticks_per_hour * int(self.calendar.open[hour])
            self._clock = begin, {"hours": tuple(traffic), "clock": tuple(ticks)}
        return self._clock[1]

    def _span(self, hour: int, part: int, end: int, micros: int) -> Span:
        calendar = self.calendar
        return Span(
            ticks=int(calendar.hours_after[hour] - calendar.hours_after[end]) * self._ticks_per_hour - part,
            traffic=int(calendar.traffic_after[hour] - calendar.traffic_after[end]) * self._ticks_per_hour
            - part * int(calendar.traffic[hour]),
            micros=micros,
        )
