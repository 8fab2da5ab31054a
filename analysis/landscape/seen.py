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
from sim.engine.traffic import Loops
from sim.events import Hour
from sim.layout import SHADE_STEPS

PRICE_STEPS = 500
"""Prices by genre are counted in as many steps of the highest maximum bid."""


@dataclass(frozen=True)
class Seen:
    """What the rows of a run do not have."""

    least_bids: pl.DataFrame
    """line_item, least_micros, auctions (Int64): in how many auctions that a line item took part in the least
    bid that would have won was that or up to a step of its maximum bid lower; NULL where its maximum was too
    low. Only of line items that shade, which alone are told."""
    prices: pl.DataFrame
    """line_item, genre, price_micros (the middle of a step), wins (Int64)."""


def seen(run: Run, *, workers: int = 1, progress: OnProgress = None) -> Seen:
    """Return what is seen of *run* as it is played again, from what was asked of it; nothing is kept.

    InputError where this version cannot read or play it.
    """
    scenario, book = run.scenario, _book(run)
    names = _names(run, book)
    loops, prices = _Loops(), _Prices(book)
    with run.unchanged() if isinstance(run, StoredRun) else nullcontext():
        play(scenario, book, prices.add, workers=workers, progress=progress, loops=cast("Loops", loops))
    return Seen(loops.least_bids(names), prices.frame(names))


class _Loops:
    # The compiled loops, and what they count for those who shade. Shards may run at the same time.
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[int, int], NDArray[np.int64]] = {}
        self.session_breaks, self.poisson_breaks = kernels.session_breaks, kernels.poisson_breaks

    def serve_slots(self, *given: Any) -> int:
        return self._serve(kernels.serve_slots, *given)

    def serve_pods(self, *given: Any) -> int:
        return self._serve(kernels.serve_pods, *given)

    def _serve(
        self, serve: Any, pods: Any, book: Any, market: Any, tick: Any, shard: Any, price: Any, result: Any
    ) -> int:
        won = int(serve(pods, book, market, tick, shard, price, result))
        rows = book.line_items["shade"]
        with self._lock:
            for place in np.flatnonzero(rows >= 0).tolist():
                # Steps are parts of the maximum bid, which may change.
                key = place, int(tick.quotes["max_bid"][place])
                self._counts[key] = result.landscape[rows[place]] + self._counts.get(key, 0)
        return won

    def least_bids(self, names: list[str]) -> pl.DataFrame:
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
        self._counts: NDArray[np.int64] = np.zeros(shape, np.int64)

    def add(self, hour: Hour) -> None:
        won = hour.won
        step = np.minimum(won["price_micros"] // self._step, self._counts.shape[2] - 1)
        np.add.at(self._counts, (won["line_item"], won["genre"], step), 1)

    def frame(self, names: list[str]) -> pl.DataFrame:
        rows = [
            (names[item], self._genres[genre], step * self._step + self._step // 2, count)
            for (item, genre, step), count in zip(
                np.argwhere(self._counts).tolist(), self._counts[self._counts > 0].tolist(), strict=True
            )
        ]
        schema = {"line_item": pl.String(), "genre": pl.String(), "price_micros": pl.Int64()}
        return pl.DataFrame(rows, schema | {"wins": pl.Int64()}, orient="row")


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
