"""A campaign: a process that divides its budgets among its line items at every tick."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simpy import Event

from sim.engine.book import BookedCampaign
from sim.engine.calendar import Calendar
from sim.engine.ledger import Account, divide

if TYPE_CHECKING:
    from sim.engine.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Division:
    """What a line item may draw from its campaign; None is no budget of that kind."""

    lifetime: int | None
    daily: int | None


class Campaign:
    """Divides what is left in proportion to what its line items have left of their own.

    A line item without a budget of its own weighs as much as the campaign's whole. Line items that are over,
    or paused, get nothing, and those yet to come keep their part.
    """

    def __init__(
        self,
        booked: BookedCampaign,
        place: int,
        account: Account,
        accounts: Sequence[Account],
        calendars: Sequence[Calendar],
    ) -> None:
        self.booked, self.place, self.account = booked, place, account
        self._accounts, self._calendars = accounts, calendars
        self.calendar = calendars[booked.line_items[0]]
        """Any of its line items': their days are the campaign's days."""

    def run(self, exchange: Exchange) -> Generator[Event, object, None]:
        """Divide at every opening, for ever."""
        while True:
            opening = yield from exchange.next_opening()
            running = [i for i in self.booked.line_items if exchange.active(i)]
            opening.divisions[self.place].succeed(self.divide(opening.hour, running))

    def divide(self, hour: int, running: Sequence[int]) -> Mapping[int, Division]:
        """Return the division among all line items, of which the *running* ones are not paused."""
        left, left_today = self.account.left, self.account.left_today
        to_come = [i for i in running if self._calendars[i].hours_after[hour] > 0]
        today = [i for i in to_come if self._open_today(i, hour)]
        lifetime = self._parts(left, to_come, [self._accounts[i].left for i in to_come])
        daily = self._parts(left_today, today, [self._accounts[i].left_today for i in today])
        return {
            i: Division(
                None if left is None else lifetime.get(i, 0), None if left_today is None else daily.get(i, 0)
            )
            for i in self.booked.line_items
        }

    def _open_today(self, i: int, hour: int) -> bool:
        calendar = self._calendars[i]
        return bool(calendar.hours_after[hour] > calendar.hours_after[calendar.day_end[hour]])

    @staticmethod
    def _parts(micros: int | None, items: Sequence[int], own: Sequence[int | None]) -> dict[int, int]:
        if micros is None:
            return {}
        weights = [micros if left is None else left for left in own]
        return dict(zip(items, divide(micros, weights), strict=True))
