"""The exchange: one barrier per tick, at which plans are gathered, shards run and budgets are drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simpy import Environment, Event

from entities.enums import EntityStatus
from sim.book.records import Book
from sim.book.script import Cue
from sim.engine.bidder import Bidder
from sim.engine.campaign import CampaignProcess
from sim.engine.delivered import Delivered
from sim.engine.desk import Desks
from sim.engine.facts import Facts
from sim.engine.kept import Keeper, Kept, under
from sim.engine.ledger import Account, SyncBuffer
from sim.engine.messages import Answers, Bell, Opening
from sim.engine.shading import Shading
from sim.engine.supply import Supply
from sim.engine.tally import hour_of
from sim.events import FUNNEL, PAID_FOR, Fact
from sim.layout import QUOTE, SHADE_STEPS
from sim.market.market import Market
from sim.units import PPM

_SPEND = FUNNEL.index("spend_micros")


class Exchange:
    """Opens every tick, gathers the answers, has the shards run and draws what was spent.

    Bidders and campaigns touch the market only through its messages, and never each other.
    """

    def __init__(
        self,
        env: Environment,
        market: Market,
        book: Book,
        bidders: list[Bidder],
        campaigns: list[CampaignProcess],
        supply: Supply,
        script: dict[int, list[Cue]],
        deliver: Delivered | None,
        keeper: Keeper | None,
    ) -> None:
        self._env, self._market, self._book = env, market, book
        self._bidders, self._campaigns, self._supply = bidders, campaigns, supply
        self._owners: tuple[Bidder | CampaignProcess, ...] = (*bidders, *campaigns)
        self._script, self._deliver, self._keeper = script, deliver, keeper
        self._since = keeper.kept.hours if keeper and keeper.kept else 0
        self.bell = Bell(env)
        self._desks = Desks(bidders, market.ticks_per_hour, market.shards)
        self._active = np.ones(len(bidders), bool)
        self._campaign_active = np.ones(len(campaigns), bool)
        self._max_bids = np.array([bidder.item.max_bid_micros for bidder in bidders], np.int64)
        self._outcomes = self._known_outcomes = np.zeros((len(bidders), len(PAID_FOR)), np.int64)
        self._campaign_of = np.array([bidder.item.campaign for bidder in bidders], np.int64)
        self._dawns = _dawns(self._owners)
        hours = market.horizon.hours
        calendars, shape = [bidder.calendar for bidder in bidders], (len(bidders), hours)
        self._live = np.array([calendar.live[:hours] for calendar in calendars], bool).reshape(shape)
        self._open = np.array([calendar.open[:hours] for calendar in calendars], bool).reshape(shape)
        self._always = np.array([bidder.always_answers for bidder in bidders], bool)
        self._sync_buffer = SyncBuffer(market.ticks_per_sync, len(bidders))
        self._shading = Shading(book, market)
        self.counted = np.zeros((len(bidders), len(FUNNEL)), np.int64)
        """Line items × FUNNEL of all ticks so far."""
        self.facts = Facts(book, bidders, campaigns, market.tick_minutes)

    def run(self) -> Generator[Event, Any, None]:
        """Open, serve and close every tick of the horizon."""
        per_hour = self._market.ticks_per_hour
        hours = self._market.horizon.hours
        self._supply.foresee(self._since)
        for hour in range(hours):
            asked_by_tick, ticks = [], []
            new = hour >= self._since
            keeper, deliver = (self._keeper, self._deliver) if new else (None, None)
            more = hour + 1 < hours
            kept = bool(keeper and more and keeper.due(hour))
            eased = bool(deliver and deliver.may_rest(hour)) and self._supply.heavy and more and not kept
            self._supply.looks_ahead = not (kept or eased)
            for part in range(per_hour):
                tick = hour * per_hour + part
                self._begin_tick(tick, hour, part)
                opening = self._opening(tick, hour, part)
                self.bell.ring(opening)
                yield opening.answers.ask()
                asked = self._desks.asked(opening)
                quotes = self._quotes(asked)
                quotes["most"] = highest = self._supply.highest(quotes)
                for place in np.flatnonzero(asked["made"]).tolist():
                    self._bidders[place].bid_micros = highest.item(place)
                shades = self._shading.shades(self._max_bids)
                live = self._live[:, hour] & np.array(opening.active, bool)
                playing = self._supply.serve(hour, part, quotes, live, shades, asked["carried_micros"])
                if deliver:
                    deliver.hand_over()
                served = playing()
                self._draw(served.funnel)
                self.counted += served.funnel
                self._shading.saw(served.landscape)
                if served.outcomes is not None:
                    self._outcomes = self._outcomes + served.outcomes
                over = tick + 1 == hours * per_hour
                if self._sync_buffer.take(tick, served.funnel, quotes["allowance"]) or over:
                    self._sync(tick + 1)
                self.facts.exhausted(tick, highest.tolist())
                asked_by_tick.append(asked)
                ticks.append(served)
                yield self._env.timeout(self._market.tick_minutes)
            if deliver is None:
                continue
            deliver(hour_of(hour, self._bidders, self._live[:, hour].copy(), asked_by_tick, ticks))
            if kept or eased:
                deliver.flush()
                self._rest(hour + 1, keeper if kept else None)
        if self._deliver:
            self._deliver.flush()
        self.facts.flights(hours)

    def _rest(self, hours: int, keeper: Keeper | None) -> None:
        # After so many hours, of which nothing waits: the run is kept, or sites are asked what they are.
        if keeper:
            told, state = self._supply.keep()
            keeper.keep(Kept(hours, told, under("supply", state)))
        else:
            self._supply.ease()
        self._supply.foresee(hours)

    def _sync(self, tick: int) -> None:
        self._known_outcomes = self._outcomes
        for owner in self._owners:
            self.facts.overspent(tick, owner)
            owner.account.sync()
        self._shading.sync()

    def _begin_tick(self, tick: int, hour: int, part: int) -> None:
        if part == 0:
            self.facts.flights(hour)
            self._new_days(tick, hour)
        for number, change in enumerate(self._market.changes, 1):
            if change.of_supply and self._market.tick_at(change.at) == tick:
                self.facts.market(tick, change, number)
        for cue in self._script.get(tick, ()):
            self._apply(tick, cue)

    def _new_days(self, tick: int, hour: int) -> None:
        for owner in self._dawns.get(hour, ()):
            self.facts.reset(tick, owner)
            owner.account.new_day()

    def _apply(self, tick: int, cue: Cue) -> None:
        fact = self.facts.changed(tick, cue)
        active = None if fact.status is None else fact.status == EntityStatus.active
        if cue.campaign is not None:
            _amend(self._campaigns[cue.campaign].account, fact)
            # A campaign's status leaves those of its line items as they are.
            if active is not None:
                self._campaign_active[cue.campaign] = active
            for place in self._book.campaigns[cue.campaign].line_items:
                self._bidders[place].terms += 1
            self._campaigns[cue.campaign].amend()
        elif cue.line_item is not None:
            bidder = self._bidders[cue.line_item]
            bidder.planner.drop_carry()
            self._desks.drop_carry(bidder.place)
            bidder.terms += 1
            self._campaigns[bidder.item.campaign].amend()
            _amend(bidder.account, fact)
            if active is not None:
                self._active[cue.line_item] = active
            if fact.max_bid_micros is not None:
                self._max_bids[cue.line_item] = fact.max_bid_micros

    def _opening(self, tick: int, hour: int, part: int) -> Opening:
        active = self._active & self._campaign_active[self._campaign_of]
        able = active & self._open[:, hour]
        return Opening(
            tick=tick,
            hour=hour,
            part=part,
            last=self._sync_buffer.funnel.tolist(),
            asked=self._sync_buffer.asked.tolist(),
            outcomes=self._known_outcomes.tolist(),
            synced=self._sync_buffer.synced,
            active=active.tolist(),
            able=able.tolist(),
            max_bids=self._max_bids.tolist(),
            divisions=tuple(self._env.event() for _ in self._campaigns),
            answers=Answers(self._env, len(self._bidders), int((able | self._always).sum())),
        )

    def _quotes(self, asked: NDArray[np.void]) -> NDArray[np.void]:
        quotes = np.zeros(len(asked), QUOTE)
        quotes["max_bid"] = most = self._max_bids
        quotes["scale"] = (SHADE_STEPS << 36) // np.maximum(most, 1)
        quotes["open"] = asked["made"]
        quotes["bid"] = np.minimum(most * asked["multiplier_ppm"] // PPM, most)
        quotes["participation"] = (asked["participation_ppm"] << 32) // PPM
        for name in ("lifetime", "daily", "allowance"):
            quotes[name] = asked[f"{name}_micros"]
        quotes["multiplier"] = asked["multiplier_ppm"]
        return quotes

    def _draw(self, funnel: NDArray[np.int64]) -> None:
        for bidder, micros in zip(self._bidders, funnel[:, _SPEND].tolist(), strict=True):
            if micros:
                bidder.account.draw(micros)
                self._campaigns[bidder.item.campaign].account.draw(micros)


def _dawns(owners: Iterable[Bidder | CampaignProcess]) -> dict[int, list[Bidder | CampaignProcess]]:
    # By hour, for whom another local day begins.
    found = defaultdict(list)
    for owner in owners:
        for hour in np.flatnonzero(np.diff(owner.calendar.day)).tolist():
            found[hour + 1].append(owner)
    return found


def _amend(account: Account, terms: Fact) -> None:
    if terms.lifetime_micros is not None:
        account.lifetime, account.exhausted = terms.lifetime_micros, False
    if terms.daily_micros is not None:
        account.daily = terms.daily_micros
