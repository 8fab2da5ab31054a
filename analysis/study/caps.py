"""The arms of a study that any run can be: a line item of it with other daily caps, on the run's own luck."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import polars as pl

from analysis.runs.run import Run
from analysis.study.kept import SCHEMA
from analysis.study.replication import Booked
from entities.enums import CapUnit
from entities.errors import InputError
from entities.messages import quoted
from sim.book.records import Book, BookedCap

CAPS = range(1, 9)
"""Impressions a day."""


def capped(book: Book, place: int, most: int) -> Book:
    """Return *book* with a cap of so many impressions a day on the line item at *place*.

    It takes the place of the daily caps that only this line item has; those that others share, of its
    campaign or advertiser, and caps over other windows stay.
    """
    item = book.line_items[place]
    shared = {cap for one in book.line_items if one is not item for cap in one.caps}
    kept = [cap for cap in item.caps if cap in shared or not _daily(book.caps[cap])]
    caps = (*book.caps, BookedCap(CapUnit.day, 1, most, item.zone))
    items = list(book.line_items)
    items[place] = replace(item, caps=(len(book.caps), *kept))
    return replace(book, line_items=tuple(items), caps=caps)


def cap_arms(run: Run, line_item: str, caps: Iterable[int] = CAPS) -> list[Booked]:
    """Return the market of *run* with each of *caps* a day on *line_item*, as its frames call it.

    InputError where it reached nobody, whom no cap would have changed.
    """
    place = _place(run, line_item)
    if not run.rows_of("performance_extended", run.book.line_items[place].id)["impressions"].sum():
        raise InputError(
            f"line item {quoted(line_item)}: reached nobody, so another cap would change nothing"
        )
    return [Booked(f"{most} a day", run.scenario, capped(run.book, place, most)) for most in caps]


def played(
    arms: Sequence[Booked], seeds: Iterable[int], progress: Callable[[], object] = lambda: None
) -> pl.DataFrame:
    """Return the tidy table of *arms*, each played here with all *seeds*; *progress* is called after each."""
    rows = []
    for seed in seeds:
        for arm in arms:
            found = arm.replicate(seed)
            rows += [
                ("", found.arm, seed, path, metric, value, found.fingerprint, "", found.digest)
                for path, metric, value in found.values
            ]
            progress()
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def path_of(run: Run, line_item: str) -> str:
    """Return the path by which studies know *line_item*."""
    return run.book.line_items[_place(run, line_item)].path


def _place(run: Run, line_item: str) -> int:
    (own,) = run.line_items.filter(pl.col("line_item") == line_item)["line_item_id"]
    return [item.id for item in run.book.line_items].index(own)


def _daily(cap: BookedCap) -> bool:
    return cap.unit == CapUnit.day and cap.unit_count == 1
