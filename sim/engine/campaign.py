"""A campaign: a process that divides its budgets among its line items at every tick."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np
from simpy import Event

from sim.book.calendar import Calendar
from sim.book.records import BookedCampaign
from sim.engine.controller import Controller
from sim.engine.ledger import Account, fill, least, whole_bids
from sim.engine.messages import Bell, Divided, Division, Opening
from sim.engine.outlook import own_left
from sim.events import FUNNEL

_SPEND = FUNNEL.index("spend_micros")
FULL_USE = 1 << 40
"""The use of a line item that spends all of its allowance."""
MEMORY_HOURS = 8
"""About how many hours of use a campaign remembers."""


class CampaignProcess:
    """Divides what is left by what each line item could still spend, weighted by its use of past allowances.

    Without a budget of its own a line item could spend all that the campaign has left. Its use is the share
    of its allowance that it spent over the last hours. Line items that are over, paused, or left with less
    than a bid get nothing; those that have not started keep their part.
    """

    def __init__(
        self,
        booked: BookedCampaign,
        place: int,
        account: Account,
        accounts: Sequence[Account],
        calendars: Sequence[Calendar],
        syncs_in_memory: int,
        controller: Controller | None = None,
    ) -> None:
        self.booked, self.place, self.account = booked, place, account
        self._accounts, self._calendars = accounts, calendars
        self._use = dict.fromkeys(booked.line_items, FULL_USE)
        self._last = {i: _last_open(calendars[i]) for i in booked.line_items}
        """The last open hour of each."""
        self._memory = max(syncs_in_memory, 1)
        self.calendar = calendars[booked.line_items[0]]
        """That of any of its line items: all have the campaign's days."""
        self.controller = controller
        """What plans for all of its line items; None where each plans for itself."""

    def run(self, bell: Bell) -> Generator[Event, Any, None]:
        """Divide the budgets at every opening, where a line item asks or a policy plans for all of them."""
        while True:
            opening: Opening = yield bell.event
            divided = Divided(self.divide, opening)
            if self.controller:
                divided.parts()
            else:
                self._learn(opening)
            opening.divisions[self.place].succeed(divided)

    def amend(self) -> None:
        """Take note that its terms, or those of one of its line items, were changed."""
        if self.controller:
            self.controller.amend()

    def divide(self, opening: Opening) -> Mapping[int, Division]:
        """Return each line item's part of both budgets, by its place in the book."""
        if self.controller:
            return self.controller.divide(opening)
        left, left_today = self.account.left, self.account.left_today
        accounts, hour, bids = self._accounts, opening.hour, opening.max_bids
        lifetime: Mapping[int, int | None] = dict.fromkeys(self.booked.line_items)
        daily = lifetime
        ahead = self._to_come(opening) if left is not None or left_today is not None else []
        if left is not None:
            own = {i: own_left(accounts[i], self._calendars[i], hour) for i in ahead}
            lifetime = self._parts(left, own, bids)
        if left_today is not None:
            today = [i for i in ahead if self._open_today(i, hour)]
            own = {i: least(accounts[i].left, accounts[i].left_today) for i in today}
            daily = self._parts(left_today, own, bids)
        return {i: Division(lifetime[i], daily[i]) for i in self.booked.line_items}

    def _to_come(self, opening: Opening) -> list[int]:
        return [i for i, last in self._last.items() if opening.active[i] and opening.hour <= last]

    def _learn(self, opening: Opening) -> None:
        for i, use in self._use.items():
            asked = opening.asked[i]
            if asked > 0:
                now = min(opening.last[i][_SPEND] * FULL_USE // asked, FULL_USE)
                self._use[i] = use + (now - use) // self._memory

    def _open_today(self, i: int, hour: int) -> bool:
        calendar = self._calendars[i]
        end = calendar.day_end.item(hour)
        return calendar.hours_after.item(hour) > calendar.hours_after.item(end)

    def _parts(self, micros: int, could: Mapping[int, int | None], bids: Sequence[int]) -> Mapping[int, int]:
        # Of all line items: those that could spend nothing have nothing.
        most = {i: micros if own is None else min(own, micros) for i, own in could.items()}
        # No weight falls to zero: a line item that finds traffic again must be able to show it.
        weights = [
            part * max(self._use[i], FULL_USE // 64) if part >= bids[i] else 0 for i, part in most.items()
        ]
        parts = dict(zip(most, fill(micros, list(most.values()), weights), strict=True))
        return dict.fromkeys(self.booked.line_items, 0) | whole_bids(parts, bids)


def _last_open(calendar: Calendar) -> int:
    hours = np.flatnonzero(calendar.open)
    return hours.item(-1) if len(hours) else -1
