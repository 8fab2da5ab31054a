"""Facts: the low-volume things that happen to line items and campaigns, in the order in which they happen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.book.book import Book
from sim.book.script import Cue
from sim.engine.bidder import Bidder
from sim.engine.campaign import CampaignProcess
from sim.events import Fact


class Facts:
    """Collects facts as the exchange meets them."""

    def __init__(
        self, book: Book, bidders: Sequence[Bidder], campaigns: Sequence[CampaignProcess], tick_minutes: int
    ) -> None:
        self._book, self._bidders, self._campaigns = book, bidders, campaigns
        self._seconds = 60 * tick_minutes
        self.found: list[Fact] = []

    def flights(self, hour: int) -> None:
        """Note the flights that end or begin as *hour* does."""
        for place, item in enumerate(self._book.line_items):
            for first, last in item.flights:
                if last == hour:
                    self._add(hour * 3600, "flight_ended", place, None, f"spent {self._spent(place)}")
                if first == hour:
                    self._add(hour * 3600, "flight_started", place, None, f"{last - first} hours")

    def end(self, hours: int) -> None:
        """Note the flights that end with the horizon."""
        self.flights(hours)

    def exhausted(self, tick: int, bids: NDArray[np.int64]) -> None:
        """Note, once each, the budgets that cannot pay the present *bids* any more: dust is not money."""
        for bidder in self._bidders:
            left, bid = bidder.account.left, int(bids[bidder.place])
            if left is not None and not bidder.account.exhausted and 0 <= left < bid:
                bidder.account.exhausted = True
                self._add(
                    (tick + 1) * self._seconds, "budget_exhausted", bidder.place, None, f"{left} micros left"
                )
        for campaign in self._campaigns:
            left = campaign.account.left
            bid = min((int(bids[i]) for i in campaign.booked.line_items if bids[i] > 0), default=0)
            if left is not None and not campaign.account.exhausted and left < bid:
                campaign.account.exhausted = True
                self._add(
                    (tick + 1) * self._seconds,
                    "budget_exhausted",
                    None,
                    campaign.place,
                    f"{left} micros left",
                )

    def overspent(self, tick: int, owner: Bidder | CampaignProcess) -> None:
        """Note what was spent beyond the budgets since the last sync, for nobody knew that they were gone."""
        account = owner.account
        beyond = account.over - account.known_over
        if beyond:
            detail = f"{beyond} micros beyond the lifetime budget of {account.lifetime} micros"
            self._add(tick * self._seconds, "budget_overspent", *_whose(owner), detail)
        self._overspent_daily(tick, owner)

    def _overspent_daily(self, tick: int, owner: Bidder | CampaignProcess) -> None:
        account = owner.account
        beyond = account.over_daily - account.known_over_daily
        if beyond:
            detail = f"{beyond} micros beyond the daily budget of {account.daily} micros"
            self._add(tick * self._seconds, "budget_overspent", *_whose(owner), detail)
            account.known_over_daily = account.over_daily

    def reset(self, tick: int, owner: Bidder | CampaignProcess) -> None:
        """Note that a daily budget begins anew."""
        account = owner.account
        if account.daily is None or account.spent_today == 0:
            return
        self._overspent_daily(tick, owner)
        detail = f"spent {account.spent_today} of {account.daily} micros"
        self._add(tick * self._seconds, "daily_reset", *_whose(owner), detail)

    def changed(self, tick: int, cue: Cue) -> None:
        """Note a scripted change, a change of status by that name."""
        kind = "status_changed" if cue.change.status is not None else "terms_changed"
        self._add(tick * self._seconds, kind, cue.line_item, cue.campaign, cue.change.describe())

    def _spent(self, place: int) -> str:
        return f"{self._bidders[place].account.spent} micros"

    def _add(self, second: int, kind: str, line_item: int | None, campaign: int | None, detail: str) -> None:
        self.found.append(Fact(second, kind, line_item, campaign, detail))


def _whose(owner: Bidder | CampaignProcess) -> tuple[int | None, int | None]:
    return (owner.place, None) if isinstance(owner, Bidder) else (None, owner.place)
