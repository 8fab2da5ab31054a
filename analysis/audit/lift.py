"""Who was exposed in each arm of a line item with a holdout: the rows of `lift`, counted again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.audit.rows import Table
from analysis.audit.slots import Slots
from entities.enums.lift import ARMS, COUNTS, GROUPS
from sim import laws
from sim.audience.conversions import exposures
from sim.audience.holdout import held_out
from sim.layout import VIEWER, VIEWER_TRAITS
from sim.streams import salts


class LiftAudit:
    """Holds the rows of a run against its people, their hash, and its events."""

    def __init__(self, sold: Sold, frame: pl.DataFrame) -> None:
        self._sold, self._table = sold, Table("lift", frame, sold)
        items, on = sold.book.line_items, sold.market.conversions.on
        self._held = [place for place, item in enumerate(items) if item.holdout_ppm and on]
        people = sold.market.people(sold.scenario.seed) if self._held else np.zeros(0, VIEWER)
        self._exposed = np.zeros((len(self._held), len(people)), bool)
        self._arms: dict[int, tuple[NDArray[np.bool_], NDArray[np.bool_]]] = {}
        for place in self._held:
            admits = (sold.terms.admits[trait][place, people[trait]] for trait in VIEWER_TRAITS)
            admitted = np.logical_and.reduce(list(admits))
            item = items[place]
            away = held_out(people["id"], item.key, item.holdout_ppm, salts(sold.scenario.seed))
            self._arms[place] = admitted & ~away, admitted & away

    def verdicts(self) -> Iterator[laws.Verdict]:
        """Yield the verdicts that need no events."""
        table, ends = self._table, self._ends()
        span = max(self._sold.hours, int(table.hour.max(initial=0)) + 1)
        first = min(0, int(table.hour.min(initial=0)))
        width = span - first
        due = np.array([place * width + hour - first for place in self._held for hour in ends], np.int64)
        keys = (
            np.where(table.line_item < 0, len(self._sold.paths), table.line_item) * width + table.hour - first
        )

        def name(key: int) -> str:
            place, hour = divmod(key, width)
            return f"lift, {[*self._sold.paths, 'a stranger'][place]}, hour {hour + first}"

        yield laws.one_row_each(keys, due, name)
        for number, arm in enumerate(ARMS):
            viewers = np.array([self._size(place, number) for place in table.line_item.tolist()], np.int64)
            column = f"{arm}_viewers"
            yield laws.equal(15, table[column], viewers, laws.also(table.where, column))
            for group in GROUPS:
                for count in COUNTS:
                    yield self._never_less(f"{arm}_{group}{count}")
                few, many = table[f"{arm}_{group}converters"], f"{arm}_{group}conversions"
                yield laws.at_most(15, few, table[many], laws.also(table.where, many))

    def of(self, slots: Slots) -> Iterator[laws.Verdict]:
        """Yield the verdicts on the viewers exposed to the end of the day that these *slots* are of."""
        exposed = slots.shown & exposures(slots.events, self._sold.market.conversions)
        item, viewer = slots.item[exposed], slots.events["viewer_id"][exposed]
        table = self._table
        for row, place in enumerate(self._held):
            self._exposed[row, viewer[item == place]] = True
            told = (table.line_item == place) & (table.hour == slots.last - 1)
            for those, arm in zip(self._arms[place], ARMS, strict=True):
                column = f"{arm}_exposed_viewers"
                found = np.full(int(told.sum()), int((self._exposed[row] & those).sum()))
                yield laws.equal(15, table[column][told], found, self._at(place, slots.last - 1, column))

    def _at(self, place: int, hour: int, column: str) -> laws.Where:
        return lambda _: f"lift, {self._sold.paths[place]}, hour {hour}, {column}"

    def _ends(self) -> list[int]:
        # The last hours of the days, and of the run.
        horizon = self._sold.market.horizon
        return [
            hour
            for hour in range(horizon.hours)
            if hour + 1 == horizon.hours or horizon.at(hour + 1).hour == 0
        ]

    def _size(self, place: int, arm: int) -> int:
        return int(self._arms[place][arm].sum()) if place in self._arms else -1

    def _never_less(self, column: str) -> laws.Verdict:
        table = self._table
        order = np.lexsort((table.hour, table.line_item))
        values, same = table[column][order], np.diff(table.line_item[order]) == 0
        less = np.concatenate([[False], same & (np.diff(values) < 0)])[: len(values)]
        where = laws.also(lambda i: table.where(int(order[i])), column)
        return laws.verdict(15, less, where, values, "no less than the day before")
