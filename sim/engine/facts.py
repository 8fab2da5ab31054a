"""Facts: what happens to line items and campaigns besides auctions, in order."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from entities.enums import BudgetType, FactKind
from sim.book.records import Book
from sim.book.script import Cue
from sim.engine.bidder import Bidder
from sim.engine.campaign import CampaignProcess
from sim.events import Fact
from sim.market.changes import Change
from sim.units import MICROS, micros_from_cpm


class Facts:
    """Collects the facts of a run in `found`, as the exchange reports them."""

    def __init__(
        self, book: Book, bidders: Sequence[Bidder], campaigns: Sequence[CampaignProcess], tick_minutes: int
    ) -> None:
        self._book, self._bidders, self._campaigns = book, bidders, campaigns
        self._seconds = 60 * tick_minutes
        self.found: list[Fact] = []

    def flights(self, hour: int) -> None:
        """Note the flights that end or begin at the start of *hour*."""
        for place, item in enumerate(self._book.line_items):
            spent, second = self._bidders[place].account.spent, hour * 3600
            for first, last in item.flights:
                if last == hour:
                    self.found.append(Fact(second, FactKind.flight_ended, place, amount_micros=spent))
                if first == hour:
                    self.found.append(Fact(second, FactKind.flight_started, place, count=last - first))

    def exhausted(self, tick: int, bids: Sequence[int]) -> None:
        """Note, once each, the lifetime budgets that no longer pay one of the present *bids*, micros."""
        lowest: dict[int, int] = {}
        for bidder, bid in zip(self._bidders, bids, strict=True):
            if bid > 0:
                self._exhausted(tick, bidder, bid)
                campaign = bidder.item.campaign
                lowest[campaign] = min(bid, lowest.get(campaign, bid))
        for campaign, bid in sorted(lowest.items()):
            self._exhausted(tick, self._campaigns[campaign], bid)

    def _exhausted(self, tick: int, owner: Bidder | CampaignProcess, bid: int) -> None:
        account, left = owner.account, owner.account.left
        if left is not None and not account.exhausted and left < bid:
            account.exhausted = True
            self._budget(tick + 1, FactKind.budget_exhausted, owner, BudgetType.lifetime, left)

    def overspent(self, tick: int, owner: Bidder | CampaignProcess) -> None:
        """Note what was spent beyond the budgets since the last sync, before that was known."""
        account = owner.account
        if beyond := account.over - account.known_over:
            self._budget(tick, FactKind.budget_overspent, owner, BudgetType.lifetime, beyond)
        self._overspent_daily(tick, owner)

    def _overspent_daily(self, tick: int, owner: Bidder | CampaignProcess) -> None:
        account = owner.account
        if beyond := account.over_daily - account.known_over_daily:
            self._budget(tick, FactKind.budget_overspent, owner, BudgetType.daily, beyond)
            account.known_over_daily = account.over_daily

    def reset(self, tick: int, owner: Bidder | CampaignProcess) -> None:
        """Note that a daily budget starts over."""
        account = owner.account
        if account.daily is None or account.spent_today == 0:
            return
        self._overspent_daily(tick, owner)
        self._budget(tick, FactKind.daily_reset, owner, BudgetType.daily, account.spent_today)

    def changed(self, tick: int, cue: Cue) -> Fact:
        """Return a scripted change, noted as a change of status or of terms."""
        change = cue.change
        fact = Fact(
            tick * self._seconds,
            FactKind.terms_changed if change.status is None else FactKind.status_changed,
            cue.line_item,
            cue.campaign,
            status=change.status,
            max_bid_micros=None if change.max_cpm is None else micros_from_cpm(change.max_cpm),
            lifetime_micros=_micros(change.lifetime_budget),
            daily_micros=_micros(change.daily_budget),
        )
        self.found.append(fact)
        return fact

    def market(self, tick: int, change: Change, number: int) -> None:
        """Note a scripted *change* of the market, the *number*-th of all changes."""
        second = tick * self._seconds
        self.found.append(Fact(second, FactKind.market_changed, count=number, text=change.text))

    def _budget(
        self, tick: int, kind: FactKind, owner: Bidder | CampaignProcess, budget: BudgetType, amount: int
    ) -> None:
        item, campaign = (owner.place, None) if isinstance(owner, Bidder) else (None, owner.place)
        limit = owner.account.lifetime if budget == BudgetType.lifetime else owner.account.daily
        self.found.append(Fact(tick * self._seconds, kind, item, campaign, amount, limit, budget))


def _micros(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * MICROS)
