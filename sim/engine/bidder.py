"""A bidder: the process of one line item, which plans every tick with its pacing policy."""

from __future__ import annotations

from collections.abc import Generator

from simpy import Event

from sim.book.book import BookedLineItem
from sim.book.calendar import Calendar
from sim.engine.ledger import Account, least
from sim.engine.messages import Bell, Division, Opening, Request
from sim.events import FUNNEL
from sim.pacing import Day, Plan, Situation, Span
from sim.units import PPM

_MATCHED, _BIDS, _WINS, _IMPRESSIONS, _SPEND, _WORTH = (
    FUNNEL.index(name)
    for name in (
        *("requests_matched", "bids", "wins", "impressions"),
        *("spend_micros", "impression_bid_sum_micros"),
    )
)


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
        self._per_hour, self._shards = ticks_per_hour, shards
        self._last = Plan(0, 0)
        self._granted = 0  # allowance whose fate is not known yet
        self._clocked: tuple[int, dict[str, tuple[int, ...]]] = (-1, {})
        self._fixed_price = item.deal.terms(item.max_bid_micros).fixed_price
        self.bid_micros = 0
        """The highest possible bid of its last plan."""
        self._within = self._rest = self._ahead = 0
        self.terms = 0
        """How often its terms or its campaign's were changed."""

    def run(self, bell: Bell) -> Generator[Event, object, None]:
        """Answer every opening, for ever: with a request where the line item can deliver, else with None."""
        while True:
            opening = yield from bell.next_opening()
            divisions = yield from opening.division(self.item.campaign)
            request = None
            if self.calendar.open[opening.hour] and opening.active[self.place]:
                request = self._request(opening, divisions[self.place])
            else:
                self.rest()
            opening.answers[self.place].succeed(request)

    def _request(self, opening: Opening, division: Division) -> Request:
        left_today = least(self.account.left_today, division.daily)
        left = least(self.account.left, division.lifetime)
        now = self.situation(opening, left, left_today)
        plan = self.item.pacing.planned(now)
        carried = self._carried(plan, now, int(opening.max_bids[self.place])) if opening.synced else 0
        # A policy may ask for anything; budgets, the maximum bid and a probability's bounds hold all along.
        self._last = Plan(
            goal_micros=max(plan.goal_micros, 0),
            allowance_micros=min(max(plan.allowance_micros, 0) + carried, now.spendable_micros),
            multiplier_ppm=PPM if self._fixed_price else min(max(plan.multiplier_ppm, 0), PPM),
            participation_ppm=min(max(plan.participation_ppm, 0), PPM),
            memory=plan.memory,
        )
        self._granted = self._last.allowance_micros + (0 if opening.synced else self._granted)
        return Request(self._last, left, left_today)

    def _carried(self, plan: Plan, now: Situation, bid: int) -> int:
        """Return what is carried over from the ticks that are known: allowance that could not become a bid.

        Leases are whole bids, and each shard has its own: an allowance of half a bid buys nothing, and one of
        three may lie with the wrong three of sixteen shards. So that this is not lost, up to a bid for each
        shard is carried, and within the hour up to what the hour's other ticks mean to spend. More than that
        was missed for want of supply, and the policy spreads it over all that remains.
        """
        most = self._shards * bid + max(plan.goal_micros, 0) * (self._per_hour - 1)
        return min(max(self._granted - now.last_spend_micros, 0), most)

    def situation(self, opening: Opening, left: int | None, left_today: int | None) -> Situation:
        """Return what the policy is told at this opening, with so much left of the flight and of the day."""
        calendar, hour = self.calendar, opening.hour
        day_end, ahead = int(calendar.day_end[hour]), 0
        if left is None:
            # Only a daily budget, its own or a part of its campaign's: the flight's is that of its days.
            days_to_come = len(set(calendar.day[day_end:][calendar.open[day_end:]].tolist()))
            a_day = (left_today or 0) + self.account.known_today
            a_day = a_day if self.account.daily is None else min(a_day, self.account.daily)
            ahead = days_to_come * a_day
            left = (left_today or 0) + ahead
        within = self.account.known_within
        self._within, self._rest, self._ahead = within, left - ahead, ahead
        last = opening.last[self.place]
        return Situation(
            tick=opening.tick,
            tick_minutes=60 // self._per_hour,
            traffic=int(calendar.traffic[hour]),
            flight=self._span(hour, opening.part, len(calendar.open), left),
            today=None if left_today is None else self._span(hour, opening.part, day_end, left_today),
            day=self._day(hour, opening.part),
            budget_micros=within + left,
            spent_micros=self.account.known,
            max_bid_micros=int(opening.max_bids[self.place]),
            last_matched=int(last[_MATCHED]),
            last_bids=int(last[_BIDS]),
            last_wins=int(last[_WINS]),
            last_impressions=int(last[_IMPRESSIONS]),
            last_spend_micros=int(last[_SPEND]),
            last_worth_micros=int(last[_WORTH]),
            multiplier_ppm=self._last.multiplier_ppm,
            participation_ppm=self._last.participation_ppm,
            memory=self._last.memory,
            terms=self.terms,
        )

    def rest(self) -> None:
        """Forget what was not spent: a tick without a request, or new terms, carry nothing on."""
        self._granted = 0

    def expected(self, hour: int) -> int:
        """Return what should have been spent by the end of *hour* by a line item exactly on schedule."""
        shaped = self.item.pacing.shape == "traffic"
        units = self.calendar.traffic_after if shaped else self.calendar.hours_after
        whole = int(units[0])
        return self.item.pacing.expected(self._budget(), whole - int(units[hour + 1]), whole)

    def _budget(self) -> int:
        # What it means to spend in all its flights, as far as it knows. A remainder that pays no bid is dust,
        # and nobody is behind by it.
        rest = self._rest - (self.account.known_within - self._within)
        return self.account.known_within + (rest if rest >= self.bid_micros else 0) + self._ahead

    def _day(self, hour: int, part: int) -> Day:
        calendar = self.calendar
        begin, end = int(calendar.day_begin[hour]), int(calendar.day_end[hour])
        left = self._span(hour, part, end, 0)
        whole = self._span(begin, 0, end, 0)
        return Day(
            number=int(calendar.day[hour]),
            minute=60 * int(calendar.hour_of_day[hour]) + 60 // self._per_hour * part,
            ticks=whole.ticks,
            traffic=whole.traffic,
            ticks_left=left.ticks,
            traffic_left=left.traffic,
            spent_micros=self.account.known_today,
            **self._by_clock(begin, end),
        )

    def _by_clock(self, begin: int, end: int) -> dict[str, tuple[int, ...]]:
        # Once a day: all its ticks see the same hours.
        if self._clocked[0] != begin:
            traffic, ticks = [0] * 24, [0] * 24
            for hour in range(begin, end):
                at = int(self.calendar.hour_of_day[hour])
                traffic[at] += self._per_hour * int(self.calendar.traffic[hour])
                ticks[at] += self._per_hour * int(self.calendar.open[hour])
            self._clocked = begin, {"hours": tuple(traffic), "clock": tuple(ticks)}
        return self._clocked[1]

    def _span(self, hour: int, part: int, end: int, micros: int) -> Span:
        calendar = self.calendar
        return Span(
            ticks=int(calendar.hours_after[hour] - calendar.hours_after[end]) * self._per_hour - part,
            traffic=int(calendar.traffic_after[hour] - calendar.traffic_after[end]) * self._per_hour
            - part * int(calendar.traffic[hour]),
            micros=micros,
        )
