"""The laws on bids that were kept: they are what the funnel counts, and what was won."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.audit.rows import RowAudit, places, sums
from analysis.rows.events_of import EventsOf
from analysis.rows.parts import Part, frame_of
from sim import laws
from sim.events import BID_OUTCOMES
from sim.streams import salts

_BIDS = ("hour", "viewer_id", "line_item_id", "bid_micros", "outcome")
_EVENTS = ("hour", "viewer_id", "line_item_id", "ghost")
IDS = ("line_item_id",)
"""The ids that are read."""
COUNTED = {"wins": "won", "ghosts": "ghost", **{name: name for name in BID_OUTCOMES[2:]}}
"""Columns of the funnel that count bids of one outcome."""
_FUNNEL, _KEYS, _FILES = 7, 11, 14


class KeptBids(NamedTuple):
    """The bids of a run that were kept, and the events of the same viewers, by UTC day."""

    of: EventsOf
    bids: Mapping[str, Part]
    events: Mapping[str, Part]
    ids: Sequence[pl.Expr] = ()
    """What gives IDS of files the ids of the run, where they have others."""


class BidAudit:
    """Checks the bids of some or all viewers against the rows of their run, and against their events."""

    def __init__(self, sold: Sold, rows: RowAudit, kept: KeptBids) -> None:
        self._sold, self._rows, self._kept = sold, rows, kept
        self._ids = [item.id for item in sold.book.line_items]
        self._salts = salts(sold.scenario.seed)

    def verdicts(self) -> Iterator[laws.Verdict]:
        """Yield every verdict, day by day."""
        bids, events = dict(self._kept.bids), dict(self._kept.events)
        for day, first, last in self._sold.days_of_horizon():
            yield from self._day(bids.pop(day, None), events.pop(day, None), first, last)
        for day in bids:
            finding = laws.Finding(_FILES, f"bids of {day}", "there", "inside the horizon")
            yield laws.Verdict(_FILES, 0, 1, (finding,))

    def _day(self, bids: Part | None, events: Part | None, first: int, last: int) -> Iterator[laws.Verdict]:
        shape = (len(self._ids), last - first)
        told = self._frame(bids, _BIDS)
        item, hour = self._places(told, first)
        known = (item >= 0) & (hour >= 0) & (hour < shape[1])
        yield laws.verdict(
            _KEYS,
            ~known,
            lambda i: f"bid in hour {told['hour'][i]}",
            lambda i: f"line item {told['line_item_id'][i]}",
            f"one of the run's book, in hours {first} to {last - 1}",
        )
        yield laws.verdict(
            _FILES,
            ~self._kept.of.kept(told["viewer_id"].to_numpy(), self._salts),
            lambda i: f"bid for a slot of viewer {told['viewer_id'][i]}",
            "there",
            f"those of {self._kept.of}",
        )
        count = partial(sums, item[known], hour[known], shape=shape)
        became = told["outcome"].filter(known)
        found = {column: count((became == outcome).to_numpy()) for column, outcome in COUNTED.items()}
        found["bids"] = count(np.ones(int(known.sum()), bool))
        found["bid_sum_micros"] = count(told["bid_micros"].to_numpy()[known])
        table = self._rows.extended
        for column, counted in found.items():
            stored = table.by_hour(column, table.line_item, shape[0], first, last)
            where = laws.also(partial(self._where, first, shape[1]), f"performance_extended.{column}")
            if self._kept.of.everybody:
                yield laws.equal(_FUNNEL, stored.ravel(), counted.ravel(), where)
            else:
                yield laws.at_most(_FUNNEL, counted.ravel(), stored.ravel(), laws.also(where, "bids kept"))
        yield from self._won(found, events, first, shape)

    def _won(
        self, found: Mapping[str, NDArray[np.int64]], events: Part | None, first: int, shape: tuple[int, int]
    ) -> Iterator[laws.Verdict]:
        told = self._frame(events, _EVENTS)
        item, hour = self._places(told, first)
        mine = self._kept.of.kept(told["viewer_id"].to_numpy(), self._salts)
        mine &= (item >= 0) & (hour >= 0) & (hour < shape[1])
        ghost = told["ghost"].to_numpy()
        for column, which in (("wins", mine & ~ghost), ("ghosts", mine & ghost)):
            due = sums(item[which], hour[which], np.ones(int(which.sum()), bool), shape)
            where = laws.also(partial(self._where, first, shape[1]), f"bids that are {column}")
            yield laws.equal(_FUNNEL, found[column].ravel(), due.ravel(), where)

    def _places(self, told: pl.DataFrame, first: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        hour = told["hour"].to_numpy().astype(np.int64) - first
        return places(told["line_item_id"].to_numpy(), self._ids), hour

    def _where(self, first: int, hours: int, i: int) -> str:
        return f"{self._sold.paths[i // hours]}, {self._rows.moment(first + i % hours)}"

    def _frame(self, part: Part | None, columns: tuple[str, ...]) -> pl.DataFrame:
        if part is None:
            kinds = {"outcome": pl.Enum(BID_OUTCOMES), "ghost": pl.Boolean()}
            return pl.DataFrame(schema={name: kinds.get(name, pl.Int64()) for name in columns})
        return frame_of(part, columns, *self._kept.ids)
