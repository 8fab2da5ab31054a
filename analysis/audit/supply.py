"""Places on offer and what became of them: the rows of `inventory_hourly`, counted again."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.audit.rows import RowAudit, sums
from analysis.audit.slots import Slots
from entities import registry
from sim import laws

DEVICES, PLACEMENTS = tuple(registry.DeviceType), tuple(registry.Placement)


class SupplyAudit:
    """Holds the rows of a run against its ad breaks, its funnel and its events."""

    def __init__(self, sold: Sold, rows: RowAudit) -> None:
        self._sold, self._rows, self._table = sold, rows, rows.inventory
        place = {
            names: number for number, names in enumerate(product(map(str, DEVICES), map(str, PLACEMENTS)))
        }
        told = self._table.frame.select("device", "placement").iter_rows()
        self._owner = np.array([place[names] for names in told], np.int64)

    def verdicts(self) -> Iterator[laws.Verdict]:
        """Yield the verdicts that need no events."""
        table, where = self._table, self._table.where
        accounted = table["filled"] + table["filled_ambient"] + table["unfilled"]
        yield laws.equal(7, table["avails"], accounted, laws.also(where, "avails"))
        yield laws.at_most(7, table["sold_seconds"], table["ad_seconds"], laws.also(where, "sold_seconds"))
        filled = table.by_hour("filled", np.zeros(len(table), np.int64), 1)[0]
        extended = self._rows.extended
        won = extended.by_hour("wins", extended.line_item, len(self._sold.paths)).sum(axis=0)
        yield laws.equal(7, filled, won, laws.also(self._rows.moment, "filled by all who won"))

    def of(self, slots: Slots) -> Iterator[laws.Verdict]:
        """Yield the verdicts on the hours of these *slots*, whose breaks are drawn again."""
        slots = slots.only(slots.won)
        events, pods, hours = slots.events, slots.pods, slots.last - slots.first
        shape = len(DEVICES) * len(PLACEMENTS), hours
        offered, won = (
            each["device"].astype(np.int64) * len(PLACEMENTS) + each["placement"] for each in (pods, events)
        )
        when = pods["second"].astype(np.int64) // 3600 - slots.first
        usual = self._sold.market.pods.ad_seconds
        ambient = self._stored("filled_ambient", slots) * usual
        found = {
            "avails": sums(offered, when, pods["slots"], shape),
            "ad_seconds": sums(offered, when, pods["seconds"], shape),
            "filled": sums(won, slots.hour, np.ones(len(events), np.int64), shape),
            "revenue_micros": sums(won, slots.hour, events["charged_micros"], shape),
            "sold_seconds": sums(won, slots.hour, events["duration_s"], shape) + ambient,
        }
        for column, counts in found.items():

            def where(i: int, column: str = column) -> str:
                place, hour = divmod(i, hours)
                device, placement = divmod(place, len(PLACEMENTS))
                moment = self._rows.moment(slots.first + hour)
                return f"inventory_hourly, {moment}, {DEVICES[device]}, {PLACEMENTS[placement]}, {column}"

            law = 1 if column == "revenue_micros" else 7
            yield laws.equal(law, self._stored(column, slots).ravel(), counts.ravel(), where)

    def _stored(self, column: str, slots: Slots) -> NDArray[np.int64]:
        places = len(DEVICES) * len(PLACEMENTS)
        return self._table.by_hour(column, self._owner, places, slots.first, slots.last)
