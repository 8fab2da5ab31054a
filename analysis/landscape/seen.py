"""A run played again to see its auctions: the least bids that would have won, and prices by genre."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.runs.playing import OnProgress, play
from analysis.runs.run import Run
from analysis.runs.stored import StoredRun
from entities.enums import TargetingKey
from entities.errors import InputError
from sim import kernels
from sim.book.records import Book
from sim.engine import traffic
from sim.events import Hour
from sim.layout import SHADE_STEPS

PRICE_STEPS = 500
"""Prices by genre are counted in as many steps of the highest maximum bid."""


@dataclass(frozen=True)
class Seen:
    """What the rows of a run do not have."""

    least_bids: pl.DataFrame
    """line_item, least_micros, auctions (Int64): in how many auctions that a line item bid in the least bid
    that would have won was that or up to a step of its maximum bid lower; NULL where its maximum was too
    low. Not of line items that bid a worth in parts as it is: only who shades is told."""
    prices: pl.DataFrame
    """line_item, genre, price_micros (a step, rounded down), wins, paid_micros (Int64)."""


def seen(run: Run, *, workers: int = 1, progress: OnProgress = None) -> Seen:
    """Return what is seen of *run* as it is played again, from what was asked of it; nothing is kept.

    InputError where this version cannot read or play it.
    """
    scenario, book = run.scenario, _book(run)
    names = _names(run, book)
    loops, prices = Loops(), _Prices(book)
    with run.unchanged() if isinstance(run, StoredRun) else nullcontext():
        play(
            scenario, book, prices.add, workers=workers, progress=progress, loops=cast("traffic.Loops", loops)
        )
    return Seen(loops.least_bids(names), prices.frame(names))


class Loops:
    """The compiled loops, which count the least bids that win for those who shade, and for plain bids, too.

    They stand in for `sim.kernels` in a run, whose bytes stay as they are: nothing else looks at the
    `shade` of a plain bid. Shards may run at the same time.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[int, int], NDArray[np.int64]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(kernels, name)

    def serve_slots(self, *given: Any) -> int:
        """Return what `serve_slots` of the kernels does."""
        return self._serve(kernels.serve_slots, *given)

    def serve_pods(self, *given: Any) -> int:
        """Return what `serve_pods` of the kernels does."""
        return self._serve(kernels.serve_pods, *given)

    def _serve(
        self, serve: Any, pods: Any, book: Any, market: Any, tick: Any, memory: Any, price: Any, result: Any
    ) -> int:
        items = book.line_items.copy()
        rows, told = items["shade"], len(result.landscape)
        untold = np.flatnonzero((rows < 0) & (items["plain"] == 1))
        rows[untold] = told + np.arange(len(untold))
        landscape = np.zeros((told + len(untold), SHADE_STEPS + 2), np.int64)
        more = result._replace(landscape=landscape)
        won = int(serve(pods, book._replace(line_items=items), market, tick, memory, price, more))
        result.landscape[:] += landscape[:told]
        with self._lock:
            for place in np.flatnonzero(rows >= 0).tolist():
                # Steps are parts of the maximum bid, which may change.
                key = place, int(tick.quotes["max_bid"][0, place])
                self._counts[key] = landscape[rows[place]] + self._counts.get(key, 0)
        return won

    def least_bids(self, names: list[str]) -> pl.DataFrame:
        """Return `Seen.least_bids` of line items that go by *names*, in the order of the book."""
        rows = [
            (names[place], None if step > SHADE_STEPS else -(-most * step // SHADE_STEPS), count)
            for (place, most), counts in sorted(self._counts.items())
            for step, count in enumerate(counts.tolist())
            if count
        ]
        schema = {"line_item": pl.String(), "least_micros": pl.Int64(), "auctions": pl.Int64()}
        found = pl.DataFrame(rows, schema=schema, orient="row")
        by = "line_item", "least_micros"
        return found.group_by(by).agg(pl.col("auctions").sum()).sort(by, nulls_last=True)


class _Prices:
    # Line items × genres × steps of the price: slots won.
    def __init__(self, book: Book) -> None:
        self._genres = TargetingKey.genre.words(())
        highest = max((item.max_bid_micros for item in book.line_items), default=1)
        self._step = max(-(-highest // PRICE_STEPS), 1)
        shape = len(book.line_items), len(self._genres), highest // self._step + 1
        self._wins, self._paid = np.zeros((2, *shape), np.int64)

    def add(self, hour: Hour) -> None:
        won = hour.won
        step = np.minimum(won["price_micros"] // self._step, self._wins.shape[2] - 1)
        at = won["line_item"], won["genre"], step
        np.add.at(self._wins, at, 1)
        np.add.at(self._paid, at, won["price_micros"])

    def frame(self, names: list[str]) -> pl.DataFrame:
        rows = [
            (names[item], self._genres[genre], step * self._step, *self._of(item, genre, step))
            for item, genre, step in np.argwhere(self._wins).tolist()
        ]
        schema = {"line_item": pl.String(), "genre": pl.String(), "price_micros": pl.Int64()}
        schema |= {"wins": pl.Int64(), "paid_micros": pl.Int64()}
        return pl.DataFrame(rows, schema, orient="row")

    def _of(self, *place: int) -> tuple[int, int]:
        return int(self._wins[place]), int(self._paid[place])


def _names(run: Run, book: Book) -> list[str]:
    # The names by which its frames call them.
    shown = dict(run.line_items.select("line_item_id", "line_item").iter_rows())
    ids = [item.id for item in (run.book if isinstance(run, StoredRun) else book).line_items]
    return [shown.get(id_, item.name) for id_, item in zip(ids, book.line_items, strict=True)]


def _book(run: Run) -> Book:
    if isinstance(run, StoredRun):
        return run.book_as_stored
    if isinstance(run, PlayedRun):
        return run.book
    raise InputError(f"{run!r}: neither stored nor in memory")
