"""What a run sold and under which terms, read from the run itself: its scenario and its book, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from analysis.rows.results import Results
from entities import registry
from sim import laws
from sim.book.records import BookedCampaign, BookedLineItem
from sim.book.script import Cue, script_of
from sim.market.changes import Change
from sim.units import MICROS, micros_from_cpm


class Sold:
    """A run as it was booked; nothing in it follows later edits of the registry."""

    def __init__(self, run: Results) -> None:
        self.run, self.scenario, self.book, self.market = run, run.scenario, run.book, run.market
        self.columns, self.paths = run.columns, run.paths
        self.hours = self.market.horizon.hours
        self.tick_seconds = 60 * self.market.tick_minutes

    @cached_property
    def clocks(self) -> dict[str, NDArray[np.int64]]:
        """Return the local hours of the horizon in every zone that the book names."""
        named = {item.zone for item in self.book.line_items} | {cap.zone for cap in self.book.caps}
        start = self.market.horizon.start
        return {zone: laws.local_hours(start, self.hours, zone) for zone in sorted(named)}

    @cached_property
    def terms(self) -> laws.LineItemTerms:
        """Return what each line item may do, by its position in the book."""
        items = self.book.line_items
        hours = np.arange(self.hours)
        live = [np.any([(hours >= a) & (hours < b) for a, b in item.flights], axis=0) for item in items]
        week = [laws.hours_of_week(self.clocks[item.zone]) for item in items]
        inside = [
            np.ones(self.hours, bool) if item.dayparts is None else np.isin(when, sorted(item.dayparts))
            for item, when in zip(items, week, strict=True)
        ]
        keys = list(registry.TargetingKey)
        two_valued = [key for key in keys if len(key.columns) > 1]
        separated = [self.market.separation.separates(item.category) for item in items]
        # Numbers in the place of names: the same for the same one.
        advertisers = np.unique([item.advertiser_name for item in items], return_inverse=True)[1]
        categories = np.unique([item.category for item in items], return_inverse=True)[1]
        first = np.array([item.max_bid_micros for item in items], np.int64)
        deal_terms = [item.deal.terms(item.max_bid_micros) for item in items]
        floors = [-1 if deal.floor_micros is None else deal.floor_micros for deal in deal_terms]
        return laws.LineItemTerms(
            live=np.array(live, bool).reshape(len(items), self.hours),
            open=np.array(inside, bool).reshape(len(items), self.hours),
            active=laws.in_force(np.ones(len(items), np.int64), self._activity()),
            max_bid=laws.in_force(first, self._max_bids()),
            admits={key: np.stack([self._admits(item, key) for item in items]) for key in keys},
            refuses={
                key: np.stack([self._flags(key, item.exclude.get(key, ())) for item in items])
                for key in two_valued
            },
            campaign=np.array([item.campaign for item in items], np.int64),
            advertiser=advertisers,
            category=np.where(separated, categories, -1),
            priority=np.array([deal.priority for deal in deal_terms], np.int64),
            floor=np.array(floors, np.int64),
            within_worth=np.array([item.bidding.within_worth for item in items], bool),
            ends=np.array([item.slot_in_pod.ends for item in items], np.int64),
        )

    def budgets(self, kind: registry.BudgetType, *, campaigns: bool) -> laws.InForce:
        """Return the budgets of that kind, of line items or campaigns, with the scripted changes in them."""
        owners = self.book.campaigns if campaigns else self.book.line_items
        lifetime = kind == registry.BudgetType.lifetime
        booked = [owner.lifetime_micros if lifetime else owner.daily_micros for owner in owners]
        first = np.array([laws.NO_LIMIT if micros is None else micros for micros in booked], np.int64)
        changes = []
        for second, cue in self._cues:
            owner = cue.campaign if campaigns else cue.line_item
            amount = cue.change.lifetime_budget if lifetime else cue.change.daily_budget
            if owner is not None and amount is not None:
                changes.append((second, owner, int(amount * MICROS)))
        return laws.in_force(first, changes)

    def days(self, *, campaigns: bool) -> NDArray[np.int64]:
        """Return the local day of each line item or campaign in each hour, owners × hours."""
        items = self.book.line_items
        zones = [
            items[owner.line_items[0]].zone if isinstance(owner, BookedCampaign) else owner.zone
            for owner in (self.book.campaigns if campaigns else items)
        ]
        return np.stack([laws.local_days(self.clocks[zone]) for zone in zones])

    def days_of_horizon(self) -> Iterator[tuple[str, int, int]]:
        """Yield each UTC day with its first hour and the one after its last."""
        horizon, first = self.market.horizon, 0
        while first < horizon.hours:
            began = horizon.at(first)
            last = min(first + 24 - began.hour, horizon.hours)
            yield f"{began:%Y-%m-%d}", first, last
            first = last

    @cached_property
    def _cues(self) -> list[tuple[int, Cue]]:
        # In the order of their moments; each takes effect at the first tick that does not begin before it.
        cues = [cue for tick in script_of(self.market, self.book).values() for cue in tick]
        timed = [(self._second(cue.change), cue) for cue in cues]
        return sorted(timed, key=lambda pair: (pair[0], pair[1].change.at))

    def _second(self, change: Change) -> int:
        moment = change.at.replace(tzinfo=ZoneInfo(self.market.timezone)).astimezone(UTC)
        passed = (moment - self.market.horizon.start).total_seconds()
        return int(-(-passed // self.tick_seconds)) * self.tick_seconds

    def _activity(self) -> list[tuple[int, int, int]]:
        own, campaigns = [True] * len(self.book.line_items), [True] * len(self.book.campaigns)
        changes = []
        for second, cue in self._cues:
            if cue.change.status is None:
                continue
            active = cue.change.status == registry.EntityStatus.active
            if cue.line_item is not None:
                own[cue.line_item] = active
            if cue.campaign is not None:
                campaigns[cue.campaign] = active
            for place, item in enumerate(self.book.line_items):
                changes.append((second, place, int(own[place] and campaigns[item.campaign])))
        return changes

    def _max_bids(self) -> list[tuple[int, int, int]]:
        return [
            (second, cue.line_item, micros_from_cpm(cue.change.max_cpm))
            for second, cue in self._cues
            if cue.line_item is not None and cue.change.max_cpm is not None
        ]

    def _admits(self, item: BookedLineItem, key: registry.TargetingKey) -> NDArray[np.bool_]:
        wanted = set(item.include.get(key, key.words(self.market.regions)))
        if len(key.columns) == 1:  # of two values one may be wanted and the other refused
            wanted -= set(item.exclude.get(key, ()))
        return self._flags(key, wanted)

    def _flags(self, key: registry.TargetingKey, named: Iterable[str]) -> NDArray[np.bool_]:
        flags = np.zeros(laws.CODES, bool)
        words = key.words(self.market.regions)
        flags[[words.index(word) for word in named]] = True
        return flags
