"""The outlook: what a line item, or a campaign that plans for its own, knows when a tick begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.book.calendar import Calendar
from sim.engine.ledger import Account, least
from sim.engine.messages import Opening
from sim.events import FUNNEL, PAID_FOR
from sim.pacing import Day, Plan, Situation, Span

_MATCHED, _BIDS, _WINS, _IMPRESSIONS, _SPEND, _WORTH = (
    FUNNEL.index(name)
    for name in ("requests_matched", "bids", "wins", "impressions", "spend_micros", "worth_sum_micros")
)
_CLICKED, _COMPLETED = (PAID_FOR.index(name) for name in ("clicked", "completed"))


class _Today(NamedTuple):
    # The hours of a local day as Python's own numbers, read once a day: all of its ticks see the same.
    begin: int
    end: int
    number: int
    minutes: list[int]
    traffic: list[int]
    ticks_after: list[int]
    """From each of its hours to the end of the calendar, and from the day's end."""
    traffic_after: list[int]
    hours: tuple[int, ...]
    clock: tuple[int, ...]


class Outlook:
    """Describes each tick as a Situation, from a calendar and from what an account holds."""

    def __init__(self, calendar: Calendar, account: Account, ticks_per_hour: int) -> None:
        self.calendar, self._account, self._ticks_per_hour = calendar, account, ticks_per_hour
        self._today: _Today | None = None

    def ahead(self, hour: int, left: int | None, left_today: int | None) -> tuple[int, int]:
        """Return what is left for the flight, and how much of that only later days bring, micros."""
        if left is not None:
            return left, 0
        # Only a daily budget, its own or a part of its campaign's: the flight has that of all its days.
        daily = self._account.daily
        a_day = (left_today or 0) + self._account.known_today
        later = self.calendar.days_after.item(hour) * (a_day if daily is None else min(a_day, daily))
        return (left_today or 0) + later, later

    def situation(
        self,
        opening: Opening,
        places: Sequence[int],
        left: int,
        left_today: int | None,
        terms: int,
        last: Plan,
    ) -> Situation:
        """Return what is known at *opening* of the line items at *places*, added up.

        *left* is of the budget for the flight, and *left_today* for the day where there is one for it; *last*
        is the plan before.
        """
        account, part = self._account, opening.part
        today = self._day_of(opening.hour)
        at = opening.hour - today.begin
        traffic = today.traffic[at]
        ticks_after = today.ticks_after[at] - part
        traffic_after = today.traffic_after[at] - part * traffic
        ticks_left = ticks_after - today.ticks_after[-1]
        traffic_left = traffic_after - today.traffic_after[-1]
        funnel, outcomes = opening.last[places[0]], opening.outcomes[places[0]]
        most = opening.max_bids[places[0]]
        if len(places) > 1:
            funnel = [sum(each) for each in zip(*(opening.last[place] for place in places), strict=True)]
            outcomes = [sum(each) for each in zip(*(opening.outcomes[i] for i in places), strict=True)]
            most = max(opening.max_bids[place] for place in places)
        return Situation(
            tick=opening.tick,
            tick_minutes=60 // self._ticks_per_hour,
            traffic=traffic,
            flight=Span(ticks_after, traffic_after, left),
            today=None if left_today is None else Span(ticks_left, traffic_left, left_today),
            day=Day(
                number=today.number,
                minute=today.minutes[at] + 60 // self._ticks_per_hour * part,
                ticks=today.ticks_after[0] - today.ticks_after[-1],
                traffic=today.traffic_after[0] - today.traffic_after[-1],
                ticks_left=ticks_left,
                traffic_left=traffic_left,
                spent_micros=account.known_today,
                hours=today.hours,
                clock=today.clock,
            ),
            budget_micros=account.known_within + left,
            spent_micros=account.known,
            max_bid_micros=most,
            last_matched=funnel[_MATCHED],
            last_bids=funnel[_BIDS],
            last_wins=funnel[_WINS],
            last_impressions=funnel[_IMPRESSIONS],
            last_spend_micros=funnel[_SPEND],
            last_worth_micros=funnel[_WORTH],
            multiplier_ppm=last.multiplier_ppm,
            participation_ppm=last.participation_ppm,
            memory=last.memory,
            clicks=outcomes[_CLICKED],
            completions=outcomes[_COMPLETED],
            terms=terms,
        )

    def _day_of(self, hour: int) -> _Today:
        if self._today is None or not self._today.begin <= hour < self._today.end:
            calendar, per_hour = self.calendar, self._ticks_per_hour
            begin, end = calendar.day_begin.item(hour), calendar.day_end.item(hour)
            traffic, clock = [0] * 24, [0] * 24
            for each in range(begin, end):
                at = calendar.hour_of_day.item(each)
                traffic[at] += per_hour * calendar.traffic.item(each)
                clock[at] += per_hour * calendar.open.item(each)
            self._today = _Today(
                begin,
                end,
                calendar.day.item(hour),
                (60 * calendar.hour_of_day[begin:end]).tolist(),
                calendar.traffic[begin:end].tolist(),
                (per_hour * calendar.hours_after[begin : end + 1]).tolist(),
                (per_hour * calendar.traffic_after[begin : end + 1]).tolist(),
                tuple(traffic),
                tuple(clock),
            )
        return self._today


def own_left(account: Account, calendar: Calendar, hour: int) -> int | None:
    """Return what a line item's own budgets leave it for the rest of its flight, None where it has none."""
    if account.daily is None or account.left_today is None:
        return account.left
    return least(account.left, account.left_today + calendar.days_after.item(hour) * account.daily)
