"""The laws, checked on a market that was played in memory: what an audit asks of a stored run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.audit.rows import LineItemHours
from analysis.audit.slots import SlotAudit
from analysis.runs.played import PlayedRun
from sim import laws
from sim.events import FREQUENCY_BUCKETS, POD_SHIFT
from sim.layout import POD_BITS

CHECKED = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15)
"""The laws that a single market in memory can break; 13 takes two of them, 14 a database."""


def check(played: PlayedRun) -> dict[int, laws.Verdict]:
    """Return the verdict on each of the CHECKED laws, by number."""
    found = {number: laws.Verdict(number, 0) for number in CHECKED}
    for verdict in MemoryAudit(played).verdicts():
        found[verdict.law] += verdict
    return found


class MemoryAudit:
    """Checks the slots, hours and sums of one run in memory."""

    def __init__(self, played: PlayedRun) -> None:
        self._played, self._sold, self._events = played, Sold(played), played.recorded
        self._audit = SlotAudit(self._sold)
        self._slots = self._audit.take(self._events, 0, self._sold.hours)

    def verdicts(self) -> Iterator[laws.Verdict]:
        """Yield the verdicts on all CHECKED laws."""
        yield from self._audit.verdicts(self._slots)
        yield from self._audit.budgets()
        items, hours = np.indices((len(self._sold.paths), self._sold.hours)).reshape(2, -1)
        funnel = {column: counts.ravel() for column, counts in self._played.counts.items()}
        yield from LineItemHours(funnel, items, hours, self._name(self._sold.hours)).verdicts(self._sold)
        yield from self._money()
        yield from self._counts()
        yield from self._owners()
        yield from self._conversions()
        found, digest = self._audit.digest.hexdigest(), self._played.outcome.events_digest
        yield laws.verdict(12, np.array([found != digest]), lambda _: "digest of the events", found, digest)

    def _name(self, steps: int) -> Callable[[int], str]:
        # A flat position of a line items × steps array in words.
        return lambda i: f"{self._sold.paths[i // steps]}, step {i % steps} of {steps}"

    def _money(self) -> Iterator[laws.Verdict]:
        charged = self._audit.sums(self._slots, self._events["charged_micros"])
        drawn = np.diff(self._played.pacing("delivered_cum_micros"), axis=1, prepend=0)
        accounts = {"events": charged, "funnel": self._played.counts["spend_micros"], "drawn": drawn}
        flat = {name: sums.ravel() for name, sums in accounts.items()}
        yield laws.conservation(flat, self._name(self._sold.hours))
        earned = {"spend of all": charged.sum(axis=0), "revenue": self._played.supply["revenue_micros"]}
        yield laws.conservation(earned, lambda hour: f"hour {hour}")

    def _counts(self) -> Iterator[laws.Verdict]:
        played, audit, slots = self._played, self._audit, self._slots
        funnel, supply, rendered = played.counts, played.supply, self._events["rendered"] == 1
        ends = {"errors": ~rendered, "invalid": rendered & ~slots.shown, "impressions": slots.shown}
        ends = {end: each & slots.won for end, each in ends.items()}
        counted = audit.won(slots) | {end: audit.sums(slots, each) for end, each in ends.items()}
        equal: dict[str, tuple[int, NDArray[Any], NDArray[Any]]]
        equal = {column: (7, funnel[column], sums) for column, sums in counted.items()}
        viewers = audit.viewers(slots)
        equal["new_viewers"] = 9, funnel["new_viewers"], viewers["new_viewers_hour"]
        for k, name in enumerate(FREQUENCY_BUCKETS):
            to_date = np.stack([hour.frequency[:, k] for hour in played.hours], axis=1)
            equal[name] = 9, to_date, viewers[name]
        # A row of an hour is written for who is in flight in it.
        equal["live"] = 10, played.pacing("live"), self._sold.terms.live
        for column, (law, found, wanted) in equal.items():
            where = laws.also(self._name(found.shape[1]), column)
            yield laws.equal(law, found.ravel(), wanted.ravel(), where)
        reach, impressions = (funnel[name].cumsum(axis=1) for name in ("new_viewers", "impressions"))
        yield laws.at_most(9, reach.ravel(), impressions.ravel(), self._name(self._sold.hours))
        filled = supply["filled"] + supply["filled_ambient"] + supply["unfilled"]
        yield laws.equal(7, supply["avails"], filled, lambda hour: f"slots of hour {hour}")
        yield laws.equal(7, supply["filled"], funnel["wins"].sum(axis=0), lambda hour: f"wins of hour {hour}")

    def _owners(self) -> Iterator[laws.Verdict]:
        events, creatives = self._events, self._sold.book.creatives
        owner = np.array([creative.line_item for creative in creatives], np.int64)[events["creative"]]
        lasts = np.array([creative.seconds for creative in creatives], np.int64)[events["creative"]]
        viewer = events["slot_id"] >> (POD_SHIFT + POD_BITS)
        for column, wanted in {"line_item": owner, "duration_s": lasts, "viewer_id": viewer}.items():
            yield laws.equal(11, events[column], wanted, self._audit.name(self._slots, column))

    def _conversions(self) -> Iterator[laws.Verdict]:
        terms, name = self._sold.market.conversions, self._name(self._sold.hours)
        if terms.on:
            converted, touches = self._played.converted, self._audit.touches(self._slots)
            yield laws.equal(15, converted["touches"].ravel(), touches.ravel(), name)
            organic = self._sold.market.population.viewers if terms.organic_rate else 0
            yield from laws.conversions(
                converted, self._sold.terms.campaign, terms.lookback_hours, name, organic
            )
