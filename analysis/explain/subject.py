"""Whom an explanation is of: one line item of a run, by its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from analysis.rows.results import Results, TableName
from entities.errors import InputError
from entities.messages import listed, nearest, quoted
from scenarios.models import Scenario
from sim.book.records import Book, BookedLineItem
from sim.market.changes import goes_by


@dataclass(frozen=True)
class Subject:
    """A line item of a run."""

    run: Results
    place: int
    """Where it stands in the book."""

    @property
    def item(self) -> BookedLineItem:
        """Return its terms."""
        return self.run.book.line_items[self.place]

    @cached_property
    def rows(self) -> Results:
        """Return the run with its rows alone: of a large book they are few."""
        return _Rows(self.run, self.item.id)


class _Rows(Results):
    def __init__(self, run: Results, line_item_id: int) -> None:
        self.run_id, self._run, self._line_item_id = run.run_id, run, line_item_id

    @property
    def scenario(self) -> Scenario:
        return self._run.scenario

    @property
    def book(self) -> Book:
        return self._run.book

    @property
    def digest(self) -> str:
        return self._run.digest

    @cached_property
    def line_items(self) -> pl.DataFrame:
        return self._run.line_items

    def rows_of(self, name: TableName, line_item_id: int) -> pl.DataFrame:
        return self._run.rows_of(name, line_item_id)

    def table(self, name: TableName) -> pl.DataFrame:
        if name in _OF_LINE_ITEMS:
            return self._run.rows_of(name, self._line_item_id)
        return self._run.table(name)


_OF_LINE_ITEMS = ("performance", "performance_extended", "contention_daily")
"""Tables of which the rows of one line item say all of it; a fact may be its campaign's."""


def subject(run: Results, name: str) -> Subject:
    """Return the line item that goes by *name*: its own, or a longer path such as `campaign / line item`.

    Names of today and of the run's own day are both understood. InputError for a name that fits none or
    several, and for a line item that was never in flight.
    """
    then = [item.path for item in run.book.line_items]
    places = {item.id: place for place, item in enumerate(run.book.line_items)}
    today = run.line_items.select("line_item_id", "advertiser", "campaign", "name").iter_rows()
    paths = [*enumerate(then), *((places[id_], " / ".join(path)) for id_, *path in today if id_ in places)]
    found = sorted({place for place, path in paths if goes_by(name, path)})
    if len(found) > 1:
        several = listed(quoted(then[place]) for place in found)
        raise InputError(f"line item {quoted(name)}: means {len(found)} of the run's: {several}; say which")
    if not found:
        names = list(dict.fromkeys(path.rpartition(" / ")[2] for _, path in paths))
        if not name.strip():
            raise InputError(
                f"line item: name one of run {run.run_id}: {listed(quoted(one) for one in names)}"
            )
        word = name.rpartition("/")[2].strip()
        having = (one for one in names if word.lower() in one.lower())
        near = nearest(word, names) or next(having, None)
        hint = f"did you mean {quoted(near)}?" if near else f"it has {listed(quoted(one) for one in names)}"
        raise InputError(f"line item {quoted(name)}: run {run.run_id} has none of that name; {hint}")
    one = Subject(run, found[0])
    if one.rows.performance_extended.is_empty():
        raise InputError(f"line item {quoted(name)}: was not in flight while run {run.run_id} lasted")
    return one
