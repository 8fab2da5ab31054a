"""The outlook: what a line item, or a campaign that plans for its own, knows when a tick begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.book.calendar import Calendar
from sim.engine.ledger import Account, least
from sim.engine.messages import Opening
from sim.events import FUNNEL
from sim.pacing import Day, Situation, Span

LAST = {
    "last_matched": FUNNEL.index("requests_matched"),
    "last_bids": FUNNEL.index("bids"),
    "last_wins": FUNNEL.index("wins"),
    "last_impressions": FUNNEL.index("impressions"),
    "last_spend_micros": FUNNEL.index("spend_micros"),
    "last_worth_micros": FUNNEL.index("worth_sum_micros"),
}
"""Where a Situation's fields stand in the funnel."""


class Outlook:
    """Describes each tick as a Situation, from a calendar and from what an account holds."""

    def __init__(self, calendar: Calendar, account: Account, ticks_per_hour: int) -> None:
        self.calendar, self._account, self._ticks_per_hour = calendar, account, ticks_per_hour
        self._clock: tuple[int, dict[str, tuple[int, ...]]] = (-1, {})

    def ahead(self, hour: int, left: int | None, left_today: int | None) -> tuple[int, int]:
        """Return what is left for the flight, and how much of that only later days bring, micros."""
        if left is not None:
            return left, 0
        # Only a daily budget, its own or a part of its campaign's: the flight has that of all its days.
        daily = self._account.daily
        a_day = (left_today or 0) + self._account.known_today
        later = int(self.calendar.days_after[hour]) * (a_day if daily is None else min(a_day, daily))
        return (left_today or 0) + later, later

    def situation(
        self, opening: Opening, places: Sequence[int], left: int, left_today: int | None, terms: int
    ) -> Situation:
        """Return what is known at *opening* of the line items at *places*, added up.

        *left* is of the budget for the flight, and *left_today* for the day where there is one for it.
        """
        calendar, hour, part = self.calendar, opening.hour, opening.part
        funnel = opening.last[places[0]] if len(places) == 1 else opening.last[list(places)].sum(axis=0)
        last: dict[str, Any] = {name: int(funnel[at]) for name, at in LAST.items()}
        clicks, completions = opening.outcomes[list(places)].sum(axis=0).tolist()
        day_end = int(calendar.day_end[hour])
        return Situation(
            tick=opening.tick,
            tick_minutes=60 // self._ticks_per_hour,
            traffic=int(calendar.traffic[hour]),
            flight=self._span(hour, part, len(calendar.open), left),
            today=None if left_today is None else self._span(hour, part, day_end, left_today),
            day=self._day(hour, part),
            budget_micros=self._account.known_within + left,
            spent_micros=self._account.known,
            max_bid_micros=max(int(opening.max_bids[place]) for place in places),
            clicks=clicks,
            completions=completions,
            terms=terms,
            **last,
        )

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
            spent_micros=self._account.known_today,
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


def own_left(account: Account, calendar: Calendar, hour: int) -> int | None:
    """Return what a line item's own budgets leave it for the rest of its flight, None where it has none."""
    if account.daily is None or account.left_today is None:
        return account.left
    return least(account.left, account.left_today + int(calendar.days_after[hour]) * account.daily)
