"""The laws on won slots, wherever they come from: slot by slot, pod by pod, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.audit.digest import EventsDigest
from analysis.audit.limits import CapAudit, budget_verdicts
from analysis.audit.rows import sums
from sim import laws
from sim.audience.conversions import exposures
from sim.audience.holdout import held_out
from sim.engine.traffic import Traffic
from sim.events import FREQUENCY_BUCKETS, POD_SHIFT
from sim.market.rhythm import Rhythm
from sim.streams import salts

_LEAST = tuple(int(name.split("_")[1]) for name in FREQUENCY_BUCKETS)


_KEPT = ["id", "second", "seconds", "slots", "device", "placement"]


class BreakReplay:
    """Draws the ad breaks of a run a second time, hours in order."""

    def __init__(self, sold: Sold) -> None:
        # By shard too, because the traffic of all viewers at once would take its memory.
        market = sold.market
        self.viewers, self.homes = market.audience(sold.scenario.seed)
        rhythm = Rhythm(market, sold.scenario.seed)
        self._traffic = [Traffic([viewers], rhythm) for viewers in self.homes]

    def hours(self, first: int, last: int) -> NDArray[np.void]:
        """Return the POD records of the hours from *first*, where the last call ended, to before *last*."""
        found = [traffic.breaks(hour)[0][_KEPT] for hour in range(first, last) for traffic in self._traffic]
        pods = np.concatenate(found)  # by id from here on
        return np.asarray(pods[np.argsort(pods["id"])])


def breaks_of(events: NDArray[np.void], pods: NDArray[np.void]) -> laws.Breaks:
    """Return the break of each of the EVENT records among *pods*, by id.

    One that is not among them has no ads and no seconds, and began when the event says so.
    """
    number = events["slot_id"] >> POD_SHIFT
    place = np.searchsorted(pods["id"], number).clip(0, max(len(pods) - 1, 0))
    known = pods["id"][place] == number if len(pods) else np.zeros(len(events), bool)
    found = pods[np.where(known, place, 0)] if len(pods) else np.zeros(len(events), pods.dtype)
    return laws.Breaks(
        second=np.where(known, found["second"], laws.break_seconds(events)).astype(np.int64),
        seconds=np.where(known, found["seconds"], 0).astype(np.int64),
        ads=np.where(known, found["slots"], 0).astype(np.int64),
    )


class Slots(NamedTuple):
    """The slots that were won in some hours, ghosts among them."""

    first: int
    last: int
    """The hour after the last one."""
    events: NDArray[np.void]
    """EVENT records in the order in which they were written."""
    breaks: laws.Breaks
    """The pod of each."""
    pods: NDArray[np.void]
    """All POD records of the hours, by id."""
    shown: NDArray[np.bool_]
    """Rendered, to a person: impressions, and ghosts of them."""

    @property
    def won(self) -> NDArray[np.bool_]:
        """Return which are no ghosts."""
        return np.asarray(self.events["ghost"] == 0)

    @property
    def billed(self) -> NDArray[np.bool_]:
        """Return which are impressions."""
        return self.shown & self.won

    def only(self, which: NDArray[np.bool_]) -> Slots:
        """Return some of them."""
        breaks = laws.Breaks(*(each[which] for each in self.breaks))
        return self._replace(events=self.events[which], breaks=breaks, shown=self.shown[which])

    @property
    def item(self) -> NDArray[np.int64]:
        """Return the position of each one's line item."""
        return self.events["line_item"].astype(np.int64)

    @property
    def hour(self) -> NDArray[np.int64]:
        """Return the hour of each, counted from the first."""
        return (self.breaks.second // 3600 - self.first).clip(0, self.last - self.first - 1)


class SlotAudit:
    """Checks the slots of a run, some hours at a time, in order; what they add up to is kept."""

    def __init__(self, sold: Sold) -> None:
        self.sold, self._market, self._terms = sold, sold.market, sold.terms
        self._items = len(sold.book.line_items)
        self._caps = CapAudit(sold)
        self.breaks = BreakReplay(sold)
        self.digest = EventsDigest(self.breaks.homes, sold.tick_seconds)
        self._reach = laws.ReachCount(self._items, sold.market.population.viewers, _LEAST)
        self._spend = np.zeros((self._items, sold.hours * 3600 // sold.tick_seconds), np.int64)
        since, floors = zip(*sold.market.floors_since, strict=True)
        tables = [sold.market.ad_floors(each) for each in floors]
        self._floors = laws.Floors(np.array(since, np.int64) * sold.tick_seconds, np.stack(tables))
        items = sold.book.line_items
        self._keys = np.array([item.key for item in items], np.uint64)
        self._holdouts = np.array([item.holdout_ppm for item in items], np.int64)
        self._salts = salts(sold.scenario.seed)

    def take(self, events: NDArray[np.void], first: int, last: int) -> Slots:
        """Return the EVENT records of the hours from *first* to before *last*, which come next."""
        pods = self.breaks.hours(first, last)
        breaks = breaks_of(events, pods)
        slots = Slots(first, last, events, breaks, pods, (events["rendered"] == 1) & (events["invalid"] == 0))
        tick = (breaks.second // self.sold.tick_seconds).clip(0, self._spend.shape[1] - 1)
        np.add.at(self._spend, (slots.item, tick), events["charged_micros"])
        self.digest.update(events, breaks.second, first, last)
        return slots

    def verdicts(self, slots: Slots) -> Iterator[laws.Verdict]:
        """Yield the verdicts on single slots, pods and frequency caps."""
        market, terms, events, second = self._market, self._terms, slots.events, slots.breaks.second
        where, item, dynamic = self.name(slots), slots.item, market.pods.dynamic
        yield laws.charges(events, where)
        yield laws.eligibility(events, second, terms, where, lambda i: self.sold.paths[item[i]])
        yield laws.holdouts(events, self._held_out(slots), where)
        won = slots.only(slots.won)
        seconds = None if dynamic else market.pods.ad_seconds
        yield laws.pods(won.events, terms, won.breaks, seconds, self.name(won))
        equation = market.auction.equation
        yield laws.prices(events, second, terms, self._floors, equation, where, dynamic=dynamic)
        yield laws.outcomes(events, where)
        yield from self._caps.verdicts(events, slots.billed, second)

    def _held_out(self, slots: Slots) -> NDArray[np.bool_]:
        return held_out(
            slots.events["viewer_id"], self._keys[slots.item], self._holdouts[slots.item], self._salts
        )

    def name(self, slots: Slots, what: str = "") -> Callable[[int], str]:
        """Return what names each of the *slots*."""
        start, ts, slot = self._market.horizon.start, slots.events["ts"], slots.events["slot_id"]

        def name(i: int) -> str:
            moment = start + timedelta(seconds=int(ts[i]))
            return f"slot {slot[i]}, {moment:%Y-%m-%d %H:%M:%S}{what and ', '}{what}"

        return name

    def sums(
        self, slots: Slots, values: NDArray[np.integer | np.bool_], of: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Return the sums of *values*, of all slots or of some: line items × hours."""
        mine, shape = slice(None) if of is None else of, (self._items, slots.last - slots.first)
        return sums(slots.item[mine], slots.hour[mine], values[mine], shape)

    def won(self, slots: Slots) -> dict[str, NDArray[np.int64]]:
        """Return columns of the funnel as the slots have them, line items × hours."""
        events = slots.events
        return {
            "ghosts": self.sums(slots, ~slots.won),
            "wins": self.sums(slots, slots.won),
            "clearing_sum_micros": self.sums(slots, events["price_micros"], slots.won),
            "floor_sum_micros": self.sums(slots, events["floor_micros"], slots.won),
            "impression_bid_sum_micros": self.sums(slots, events["bid_micros"], slots.billed),
            "worth_sum_micros": self.sums(slots, events["worth_micros"], slots.billed),
        }

    def touches(self, slots: Slots) -> NDArray[np.int64]:
        """Return how many exposures and clicks a conversion may follow, line items × hours."""
        events = slots.events
        touching = slots.billed & (exposures(events, self._market.conversions) | (events["clicked"] == 1))
        return self.sums(slots, np.ones(len(events), np.int64), touching)

    def viewers(self, slots: Slots) -> dict[str, NDArray[np.int64]]:
        """Return columns of `performance_extended`: the hours' viewers and those to date by frequency."""
        item, viewer = slots.item[slots.billed], slots.events["viewer_id"][slots.billed]
        hours = slots.last - slots.first
        new, viewers, frequency = self._reach.add(item, viewer, slots.hour[slots.billed], hours)
        found = {"new_viewers_hour": new, "unique_viewers_hour": viewers}
        return found | dict(zip(FREQUENCY_BUCKETS, np.moveaxis(frequency, -1, 0), strict=True))

    def budgets(self) -> Iterator[laws.Verdict]:
        """Yield the verdicts on all budgets, tick by tick, when all slots are taken."""
        seconds, start = self.sold.tick_seconds, self._market.horizon.start

        def moment(tick: int) -> str:
            return f"{start + timedelta(seconds=tick * seconds):%Y-%m-%d %H:%M}"

        yield from budget_verdicts(self.sold, self._spend, seconds, moment)
