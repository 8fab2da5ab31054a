"""The laws, checked on a market that was played in memory: what an audit asks of a stored run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from analysis.audit.book import Sold
from analysis.audit.slots import SlotAudit
from analysis.runs.played import PlayedRun
from sim import laws
from sim.events import POD_SHIFT
from sim.layout import POD_BITS

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
        self.items, self.audit = len(played.book.line_items), SlotAudit(self.sold)
        self.slots = self.audit.take(self.events, 0, self.sold.hours)

    def name(self, steps: int) -> Callable[[int], str]:
        """Return what names a flat position of a line items × *steps* array."""
        return lambda i: f"{self.sold.paths[i // steps]}, step {i % steps} of {steps}"


def _verdicts(of: Checked) -> Iterator[laws.Verdict]:
    yield from of.audit.verdicts(of.slots)
    yield from of.audit.budgets()
    yield from _money(of)
    yield from _eligibility(of)
    yield from _funnel(of)
    yield from _reach(of)
    yield from _rows(of)
    yield from _identities(of)
    yield _digest(of)
    yield from _conversions(of)


def _money(of: Checked) -> Iterator[laws.Verdict]:
    funnel, supply, hours = of.played.counts, of.played.supply, of.sold.hours
    charged = of.audit.sums(of.slots, of.events["charged_micros"])
    drawn = np.diff(of.played.pacing("delivered_cum_micros"), axis=1, prepend=0)
    accounts = {"events": charged, "funnel": funnel["spend_micros"], "drawn": drawn}
    yield laws.conservation({name: sums.ravel() for name, sums in accounts.items()}, of.name(hours))
    earned = {"spend of all": charged.sum(axis=0), "revenue": supply["revenue_micros"]}
    yield laws.conservation(earned, lambda hour: f"hour {hour}")


def _eligibility(of: Checked) -> Iterator[laws.Verdict]:
    terms, funnel, hours = of.sold.terms, of.played.counts, of.sold.hours
    allowed = "no match outside the flight or while paused, no bid outside the dayparts"
    paused = terms.active.highest(3600, hours) == 0
    wrong = ((~terms.live | paused) & (funnel["requests_matched"] > 0)) | (~terms.open & (funnel["bids"] > 0))
    yield laws.verdict(3, wrong.ravel(), of.name(hours), funnel["requests_matched"].ravel(), allowed)


def _funnel(of: Checked) -> Iterator[laws.Verdict]:
    funnel, supply, hours = of.played.counts, of.played.supply, of.sold.hours
    name, rendered, billed = of.name(hours), of.events["rendered"] == 1, of.slots.billed
    flat = {column: counts.ravel() for column, counts in funnel.items()}
    yield laws.funnel(flat, name)
    yield laws.price_sums(flat, of.sold.terms.max_bid.highest(3600, hours).ravel(), name)
    ends = {"errors": ~rendered, "invalid": rendered & ~billed, "impressions": billed}
    counted = of.audit.won(of.slots) | {end: of.audit.sums(of.slots, each) for end, each in ends.items()}
    for column, sums in counted.items():
        yield laws.equal(7, funnel[column].ravel(), sums.ravel(), laws.also(name, column))
    filled = supply["filled"] + supply["filled_ambient"] + supply["unfilled"]
    yield laws.equal(7, supply["avails"], filled, lambda hour: f"slots of hour {hour}")
    yield laws.equal(7, supply["filled"], funnel["wins"].sum(axis=0), lambda hour: f"wins of hour {hour}")


def _reach(of: Checked) -> Iterator[laws.Verdict]:
    hours, funnel = of.sold.hours, of.played.counts
    new, _ = of.audit.viewers(of.slots)
    yield laws.equal(9, funnel["new_viewers"].ravel(), new.ravel(), of.name(hours))
    frequency = of.played.hours[-1].frequency
    yield laws.equal(9, frequency.ravel(), of.audit.frequency().ravel(), of.name(frequency.shape[1]))
    yield laws.at_most(
        9,
        funnel["new_viewers"].cumsum(axis=1).ravel(),
        funnel["impressions"].cumsum(axis=1).ravel(),
        of.name(hours),
    )


def _rows(of: Checked) -> Iterator[laws.Verdict]:
    # A row of an hour is written for who is in flight in it.
    live = of.played.pacing("live")
    yield laws.equal(10, live.ravel(), of.sold.terms.live.ravel(), of.name(of.sold.hours))


def _identities(of: Checked) -> Iterator[laws.Verdict]:
    events, creatives = of.events, of.sold.book.creatives
    owner = np.array([creative.line_item for creative in creatives], np.int64)
    lasts = np.array([creative.seconds for creative in creatives], np.int64)
    yield laws.owners(of.slots.item, owner[events["creative"]], of.audit.name(of.slots, "creative"))
    yield laws.owners(events["duration_s"], lasts[events["creative"]], of.audit.name(of.slots, "seconds"))
    viewer = events["slot_id"] >> (POD_SHIFT + POD_BITS)
    yield laws.owners(events["viewer_id"], viewer, of.audit.name(of.slots, "viewer"))


def _digest(of: Checked) -> laws.Verdict:
    found, stored = of.audit.digest.hexdigest(), of.played.outcome.events_digest
    return laws.verdict(12, np.array([found != stored]), lambda _: "digest of the events", found, stored)


def _conversions(of: Checked) -> Iterator[laws.Verdict]:
    terms, hours = of.sold.market.conversions, of.sold.hours
    if not terms.on:
        return
    converted, touches = of.played.converted, of.audit.touches(of.slots)
    yield laws.equal(15, converted["touches"].ravel(), touches.ravel(), of.name(hours))
    yield from laws.conversions(converted, of.sold.terms.campaign, terms.lookback_hours, of.name(hours))
