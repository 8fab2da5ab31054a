"""The laws, checked on a market that was played in memory: what an audit asks of a stored run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.audit.breaks import BreakReplay, breaks_of
from analysis.audit.caps import CapAudit
from analysis.audit.digest import EventsDigest
from analysis.audit.rows import budget_verdicts
from analysis.runs.played import PlayedRun
from sim import laws
from sim.audience.conversions import exposures
from sim.events import FREQUENCY_BUCKETS, POD_SHIFT
from sim.layout import POD_BITS

_LEAST = tuple(int(name.split("_")[1]) for name in FREQUENCY_BUCKETS)
CHECKED = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15)
"""The laws that a single market in memory can break; 13 takes two of them, 14 a database."""


def check(played: PlayedRun) -> dict[int, laws.Verdict]:
    """Return the verdict on each of the CHECKED laws, by number."""
    found = {number: laws.Verdict(number, 0) for number in CHECKED}
    for verdict in _verdicts(Checked(played)):
        found[verdict.law] += verdict
    return found


class Checked:
    """A market, and what all its checks look at."""

    def __init__(self, played: PlayedRun) -> None:
        self.played, self.sold, self.events = played, Sold(played), played.won
        self.second = laws.break_seconds(self.events)
        self.hour = self.second // 3600
        self.item = self.events["line_item"].astype(np.int64)
        self.billed = (self.events["rendered"] == 1) & (self.events["invalid"] == 0)
        self.items = len(self.sold.book.line_items)
        self.again = BreakReplay(self.sold)

    def slot(self, i: int) -> str:
        """Return the name of an event."""
        return f"slot {self.events['slot_id'][i]}, second {self.events['ts'][i]}"

    def name(self, steps: int) -> Callable[[int], str]:
        """Return what names a flat position of a line items × *steps* array."""
        return lambda i: f"{self.sold.paths[i // steps]}, step {i % steps} of {steps}"

    def by_hour(self, values: NDArray[np.integer], of: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Return the sums of *values* of events, of some of them if told which: line items × hours."""
        return self._sums(values, self.hour, self.sold.hours, of)

    def by_tick(self, values: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the sums of *values* of events, line items × ticks."""
        ticks = self.sold.hours * 3600 // self.sold.tick_seconds
        return self._sums(values, self.second // self.sold.tick_seconds, ticks, None)

    def _sums(
        self,
        values: NDArray[np.integer],
        step: NDArray[np.int64],
        steps: int,
        of: NDArray[np.bool_] | None,
    ) -> NDArray[np.int64]:
        sums = np.zeros((self.items, steps), np.int64)
        mine = slice(None) if of is None else of
        np.add.at(sums, (self.item[mine], step[mine]), values[mine].astype(np.int64))
        return sums


def _verdicts(of: Checked) -> Iterator[laws.Verdict]:
    yield from _money(of)
    yield from _budgets(of)
    yield from _eligibility(of)
    yield from CapAudit(of.sold).verdicts(of.events, of.billed, of.second)
    yield from _pods_and_prices(of)
    yield from _funnel(of)
    yield laws.outcomes(of.events, of.slot)
    yield from _reach(of)
    yield from _rows(of)
    yield from _identities(of)
    yield _digest(of)
    yield from _conversions(of)


def _money(of: Checked) -> Iterator[laws.Verdict]:
    funnel, supply, hours = of.played.counts, of.played.supply, of.sold.hours
    charged = of.by_hour(of.events["charged_micros"])
    drawn = np.diff(of.played.pacing("delivered_cum_micros"), axis=1, prepend=0)
    accounts = {"events": charged, "funnel": funnel["spend_micros"], "drawn": drawn}
    yield laws.charges(of.events, of.slot)
    yield laws.conservation({name: sums.ravel() for name, sums in accounts.items()}, of.name(hours))
    earned = {"spend of all": charged.sum(axis=0), "revenue": supply["revenue_micros"]}
    yield laws.conservation(earned, lambda hour: f"hour {hour}")


def _budgets(of: Checked) -> Iterator[laws.Verdict]:
    spend = of.by_tick(of.events["charged_micros"])
    yield from budget_verdicts(of.sold, spend, of.sold.tick_seconds, lambda tick: f"tick {tick}")


def _eligibility(of: Checked) -> Iterator[laws.Verdict]:
    terms, funnel, hours = of.sold.terms, of.played.counts, of.sold.hours
    yield laws.eligibility(of.events, of.second, terms, of.slot, lambda i: of.sold.paths[of.item[i]])
    told = "no match outside the flight or while paused, no bid outside the dayparts"
    paused = terms.active.highest(3600, hours) == 0
    wrong = ((~terms.live | paused) & (funnel["requests_matched"] > 0)) | (~terms.open & (funnel["bids"] > 0))
    yield laws.verdict(3, wrong.ravel(), of.name(hours), funnel["requests_matched"].ravel(), told)


def _pods_and_prices(of: Checked) -> Iterator[laws.Verdict]:
    market, terms, funnel = of.sold.market, of.sold.terms, of.played.counts
    whole, breaks = market.pods.dynamic, breaks_of(of.events, of.again.watch(0, of.sold.hours))
    yield laws.pods(of.events, terms, breaks, None if whole else market.pods.ad_seconds, of.slot)
    floors, equation = market.ad_floors(), market.auction.equation
    yield laws.prices(of.events, of.second, terms, floors, equation, of.slot, whole=whole)
    highest = terms.max_bid.highest(3600, of.sold.hours).ravel()
    yield laws.price_sums(
        {name: column.ravel() for name, column in funnel.items()}, highest, of.name(of.sold.hours)
    )


def _funnel(of: Checked) -> Iterator[laws.Verdict]:
    funnel, supply, hours = of.played.counts, of.played.supply, of.sold.hours
    name, events, one = of.name(hours), of.events, np.ones(len(of.events), np.int64)
    yield laws.funnel({column: counts.ravel() for column, counts in funnel.items()}, name)
    counted = {
        "wins": of.by_hour(one),
        "errors": of.by_hour(one, events["rendered"] == 0),
        "invalid": of.by_hour(one, (events["rendered"] == 1) & (events["invalid"] == 1)),
        "impressions": of.by_hour(one, of.billed),
        "clearing_sum_micros": of.by_hour(events["price_micros"]),
        "floor_sum_micros": of.by_hour(events["floor_micros"]),
        "impression_bid_sum_micros": of.by_hour(events["bid_micros"], of.billed),
    }
    for column, sums in counted.items():
        yield laws.equal(7, funnel[column].ravel(), sums.ravel(), laws.also(name, column))
    ends = supply["filled"] + supply["filled_ambient"] + supply["unfilled"]
    yield laws.equal(7, supply["avails"], ends, lambda hour: f"slots of hour {hour}")
    yield laws.equal(7, supply["filled"], funnel["wins"].sum(axis=0), lambda hour: f"wins of hour {hour}")


def _reach(of: Checked) -> Iterator[laws.Verdict]:
    hours, funnel = of.sold.hours, of.played.counts
    reach = laws.ReachCount(of.items, of.sold.market.population.viewers)
    new, _ = reach.add(of.item[of.billed], of.events["viewer_id"][of.billed], of.hour[of.billed], hours)
    yield laws.equal(9, funnel["new_viewers"].ravel(), new.ravel(), of.name(hours))
    told = of.played.hours[-1].frequency
    yield laws.equal(9, told.ravel(), reach.buckets(_LEAST).ravel(), of.name(told.shape[1]))
    yield laws.at_most(
        9,
        funnel["new_viewers"].cumsum(axis=1).ravel(),
        funnel["impressions"].cumsum(axis=1).ravel(),
        of.name(hours),
    )


def _rows(of: Checked) -> Iterator[laws.Verdict]:
    # A row of an hour is written for who is in flight in it.
    told = of.played.pacing("live")
    yield laws.equal(10, told.ravel(), of.sold.terms.live.ravel(), of.name(of.sold.hours))


def _identities(of: Checked) -> Iterator[laws.Verdict]:
    events, creatives = of.events, of.sold.book.creatives
    owner = np.array([creative.line_item for creative in creatives], np.int64)
    lasts = np.array([creative.seconds for creative in creatives], np.int64)
    yield laws.owners(of.item, owner[events["creative"]], lambda i: f"{of.slot(i)}, creative")
    yield laws.owners(events["duration_s"], lasts[events["creative"]], lambda i: f"{of.slot(i)}, seconds")
    viewer = events["slot_id"] >> (POD_SHIFT + POD_BITS)
    yield laws.owners(events["viewer_id"], viewer, lambda i: f"{of.slot(i)}, viewer")


def _digest(of: Checked) -> laws.Verdict:
    again = EventsDigest(of.again.homes, of.sold.tick_seconds)
    again.update(of.events, of.second, 0, of.sold.hours)
    found, told = again.hexdigest(), of.played.outcome.events_digest
    return laws.verdict(12, np.array([found != told]), lambda _: "digest of the events", found, told)


def _conversions(of: Checked) -> Iterator[laws.Verdict]:
    terms, hours = of.sold.market.conversions, of.sold.hours
    if not terms.on:
        return
    told, events = of.played.converted, of.events
    touching = of.billed & (exposures(events, terms) | (events["clicked"] == 1))
    touches = of.by_hour(np.ones(len(events), np.int64), touching)
    yield laws.equal(15, told["touches"].ravel(), touches.ravel(), of.name(hours))
    yield from laws.conversions(told, of.sold.terms.campaign, terms.lookback_hours, of.name(hours))
