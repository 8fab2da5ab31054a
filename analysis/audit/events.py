"""The laws on a run's events: every won slot of the run, read from disk a day at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.audit.digest import rows_digest
from analysis.audit.lift import LiftAudit
from analysis.audit.rows import RowAudit, Table, places, sums
from analysis.audit.slots import SlotAudit, Slots
from analysis.audit.supply import SupplyAudit
from analysis.rows.digest import combine
from analysis.rows.events import EVENT_COLUMNS
from analysis.rows.parts import Part, frame_of
from analysis.rows.performance import BILLED
from entities import registry
from sim import laws
from sim.engine.leaks import Leaks
from sim.events import EVENT, FREQUENCY_BUCKETS, NO_GENRE, POD_SHIFT, Fact
from sim.layout import POD_BITS

_KEPT = [name for name in EVENT.names or () if name in EVENT_COLUMNS]
"""Columns that are in the records too."""


class EventAudit:
    """Checks the events of one run, against the laws and against its rows."""

    def __init__(
        self,
        sold: Sold,
        rows: RowAudit,
        frames: dict[str, pl.DataFrame],
        days: Mapping[str, Part],
        lift: LiftAudit,
        ids: Sequence[pl.Expr] = (),
    ) -> None:
        """Take the events by *days*; *ids* give those of files the ids of the run, where they have others."""
        self._ids = ids
        self.sold, self._rows, self._frames, self._by_day = sold, rows, frames, days
        self._slots, self._supply, self._lift = SlotAudit(sold), SupplyAudit(sold, rows), lift
        self._codes = sold.columns.words
        self._item_ids = [item.id for item in sold.book.line_items]
        self._creative_ids = [creative.id for creative in sold.book.creatives]
        self._creatives = [creative.name for creative in sold.book.creatives]
        market = sold.market
        self._leaks = None if market.identity.perfect else Leaks(market, sold.book, market.population.viewers)
        self._creative_owner = np.array([creative.line_item for creative in sold.book.creatives], np.int64)

    def verdicts(self) -> Iterator[laws.Verdict]:
        """Yield every verdict that the events allow, day by day."""
        days = dict(self._by_day)
        for day, first, last in self.sold.days_of_horizon():
            yield from self._day(days.pop(day, None), first, last)
        for day, strays in days.items():
            yield laws.Verdict(
                3, 0, 1, (laws.Finding(3, f"events of {day}", len(strays), "inside the horizon"),)
            )
        yield from self._end()

    @property
    def leaked(self) -> tuple[Fact, ...]:
        """Return what caps leaked, when all days are read."""
        return tuple(self._leaks.facts()) if self._leaks else ()

    def _day(self, part: Part | None, first: int, last: int) -> Iterator[laws.Verdict]:
        if part is None:
            slots = self._slots.take(np.zeros(0, EVENT), first, last)
        else:
            frame = self._frame(part)
            item = places(frame["line_item_id"].to_numpy(), self._item_ids)
            creative = places(frame["creative_id"].to_numpy(), self._creative_ids)
            viewer = frame["viewer_id"].to_numpy()
            known = (item >= 0) & (creative >= 0)
            known &= (viewer >= 0) & (viewer < self.sold.market.population.viewers)
            yield self._known(frame, known)
            frame = frame.filter(known)
            slots = self._slots.take(self._read(frame, item[known], creative[known]), first, last)
            yield from self._owned(frame, slots)
        if self._leaks:
            for hour in range(first, last):
                self._leaks.add(hour, slots.events[slots.hour == hour - first])
        yield from self._slots.verdicts(slots)
        yield from self._counts(slots)
        yield from self._viewers(slots)
        yield from self._touches(slots)
        yield from self._supply.of(slots)
        yield from self._lift.of(slots)

    def _frame(self, part: Part) -> pl.DataFrame:
        words = (pl.col(name).cast(pl.Enum(known)) for name, known in self._codes.items())
        return frame_of(part, list(EVENT_COLUMNS), *self._ids, *words)

    def _read(
        self, frame: pl.DataFrame, item: NDArray[np.int64], creative: NDArray[np.int64]
    ) -> NDArray[np.void]:
        events = np.zeros(len(frame), EVENT)
        for name in _KEPT:
            column = frame[name]
            if name == "ts":
                column = column.dt.epoch("s") - int(self.sold.market.horizon.start.timestamp())
            elif name in self._codes:
                column = column.to_physical().cast(pl.Int16).fill_null(NO_GENRE)
            events[name] = column.to_numpy()
        events["line_item"], events["creative"] = item, creative
        return events

    def _known(self, frame: pl.DataFrame, known: NDArray[np.bool_]) -> laws.Verdict:
        names = ("line_item_id", "creative_id", "viewer_id")

        def ids(i: int) -> str:
            return ", ".join(f"{name} {frame[name][i]}" for name in names)

        return laws.verdict(
            11, ~known, lambda i: f"slot {frame['slot_id'][i]}", ids, "those of the run's book"
        )

    def _owned(self, frame: pl.DataFrame, slots: Slots) -> Iterator[laws.Verdict]:
        items = self.sold.book.line_items
        item, slot = slots.events["line_item"], slots.events["slot_id"]
        wanted = {
            "campaign_id": np.array([one.campaign_id for one in items])[item],
            "advertiser_id": np.array([one.advertiser_id for one in items])[item],
            "viewer_id": slot >> (POD_SHIFT + POD_BITS),
            "hour": slots.breaks.second // 3600,
            "identity": self._identity(slots.events),
        }
        for name, values in wanted.items():
            yield laws.equal(11, frame[name].to_numpy(), values, self._slots.name(slots, name))
        yield laws.equal(
            11, item, self._creative_owner[slots.events["creative"]], self._slots.name(slots, "creative")
        )

    def _identity(self, events: NDArray[np.void]) -> NDArray[np.int64]:
        identity, viewer = self.sold.market.identity, events["viewer_id"].astype(np.int64)
        known = {
            "person": viewer,
            "household": self._slots.breaks.viewers["household"][viewer].astype(np.int64),
            "device": viewer * len(registry.DeviceType) + events["device"],
        }[identity.counted_by]
        return known if identity.match_rate == 1 else np.where(events["identity"] == -1, -1, known)

    def _counts(self, slots: Slots) -> Iterator[laws.Verdict]:
        # What the events of each hour add up to, as against the rows.
        found = self._slots.won(slots)
        yield from self._equal(12, slots, found, self._rows.extended, "performance_extended.")
        slots = slots.only(slots.won)
        events, billed, rows = slots.events, slots.billed, self._rows.performance
        failed, shape = events["rendered"] == 0, (len(self._creatives), slots.last - slots.first)
        spent = sums(events["creative"], slots.hour, events["charged_micros"], shape)
        stored = rows.by_hour("spend_micros", rows.creative, shape[0], slots.first, slots.last)
        accounts = {"events": spent.ravel(), "performance": stored.ravel()}
        yield laws.conservation(accounts, self._names(self._creatives, slots))
        ends = {"ivt": ~failed & ~billed, "errors": failed, "impressions": billed}
        ends |= {column: np.where(billed, events[name], 0) for column, name in BILLED.items()}
        shown = {column: sums(events["creative"], slots.hour, end, shape) for column, end in ends.items()}
        yield from self._equal(12, slots, shown, rows, "performance.")

    def _viewers(self, slots: Slots) -> Iterator[laws.Verdict]:
        found, table = self._slots.viewers(slots), self._rows.extended
        # Frequency goes on where there is no row to tell it.
        owner, (items, _) = table.line_item, found["new_viewers_hour"].shape
        told = table.by_hour("line_item_id", owner, items, slots.first, slots.last) > 0
        found |= {name: np.where(told, found[name], 0) for name in FREQUENCY_BUCKETS}
        yield from self._equal(9, slots, found, table)

    def _touches(self, slots: Slots) -> Iterator[laws.Verdict]:
        if self.sold.market.conversions.on:
            touches = {"touches": self._slots.touches(slots)}
            yield from self._equal(15, slots, touches, self._rows.conversions, "conversions_hourly.")

    def _equal(
        self, law: int, slots: Slots, counted: Mapping[str, NDArray[np.int64]], table: Table, prefix: str = ""
    ) -> Iterator[laws.Verdict]:
        shown = table is self._rows.performance
        owner, names = (table.creative, self._creatives) if shown else (table.line_item, self.sold.paths)
        name = self._names(names, slots)
        for column, counts in counted.items():
            stored = table.by_hour(column, owner, len(names), slots.first, slots.last)
            yield laws.equal(law, stored.ravel(), counts.ravel(), laws.also(name, f"{prefix}{column}"))

    def _end(self) -> Iterator[laws.Verdict]:
        yield from self._slots.budgets()
        found = combine(self._slots.digest.hexdigest(), rows_digest(self.sold.columns, self._frames))
        digest, where_digest = self.sold.run.digest, "digest of the stored rows and events"
        yield laws.verdict(12, np.array([found != digest]), lambda _: where_digest, found, digest)

    def _names(self, owners: list[str], slots: Slots) -> Callable[[int], str]:
        hours = slots.last - slots.first
        return lambda i: f"{owners[i // hours]}, {self._rows.moment(slots.first + i % hours)}"
