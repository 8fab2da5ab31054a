"""The laws on a run's events: every won slot of the run, read from disk a day at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.audit.breaks import BreakReplay, breaks_of
from analysis.audit.caps import CapAudit
from analysis.audit.digest import EventsDigest, rows_digest
from analysis.audit.rows import RowAudit, Table, budget_verdicts, places
from analysis.runs.digest import combine
from analysis.runs.events import EVENT_COLUMNS, events_folder
from analysis.runs.performance import BILLED
from entities import registry
from entities.enums.outcomes import FLAGS
from sim import laws
from sim.audience.conversions import exposures
from sim.events import EVENT, NO_GENRE, POD_SHIFT
from sim.layout import POD_BITS

_PLAIN = tuple(name for name in EVENT.names or () if name in EVENT_COLUMNS and name not in FLAGS)
_BUCKETS = {"freq_1": 1, "freq_2": 2, "freq_3_5": 3, "freq_6_9": 6, "freq_10_plus": 10}


class Day(NamedTuple):
    """The events of one UTC day, those that the book knows."""

    first: int
    """Its first hour within the horizon; `last` is the hour after its last one."""
    last: int
    events: NDArray[np.void]
    """EVENT records in the order in which they were written."""
    breaks: laws.Breaks
    """The pod of each."""
    billed: NDArray[np.bool_]


class EventAudit:
    """Checks the events of one run, against the laws and against its rows."""

    def __init__(self, sold: Sold, rows: RowAudit, frames: dict[str, pl.DataFrame], folder: Path) -> None:
        self.sold, self._rows, self._frames = sold, rows, frames
        self._folder = events_folder(folder, sold.run.run_id)
        if not self._folder.is_dir():
            raise registry.InputError(f"{folder}: no events of run {sold.run.run_id}")
        market, book = sold.market, sold.book
        viewers = market.population.viewers
        self._caps = CapAudit(sold)
        self._reach = laws.ReachCount(len(book.line_items), viewers)
        ticks = sold.hours * 3600 // sold.tick_seconds
        self._spend = np.zeros((len(book.line_items), ticks), np.int64)
        self._breaks = BreakReplay(sold)
        self._digest = EventsDigest(self._breaks.homes, sold.tick_seconds)
        self._codes = sold.columns.words
        self._item_ids = [item.id for item in book.line_items]
        self._creative_ids = [creative.id for creative in book.creatives]
        self._creative_owner = np.array([creative.line_item for creative in book.creatives], np.int64)
        self._floors = market.ad_floors()

    def verdicts(self) -> Iterator[laws.Verdict]:
        """Yield every verdict that the events allow, day by day."""
        files: dict[str, list[Path]] = defaultdict(list)
        for file in sorted(self._folder.glob("date=*/*.parquet")):
            files[file.parent.name.removeprefix("date=")].append(file)
        for day, first, last in self._days():
            yield from self._day(files.pop(day, []), first, last)
        for day, strays in files.items():
            yield laws.Verdict(
                3, 0, 1, (laws.Finding(3, f"events of {day}", len(strays), "inside the horizon"),)
            )
        yield from self._end()

    def _days(self) -> Iterator[tuple[str, int, int]]:
        horizon = self.sold.market.horizon
        first = 0
        while first < horizon.hours:
            began = horizon.at(first)
            last = min(first + 24 - began.hour, horizon.hours)
            yield f"{began:%Y-%m-%d}", first, last
            first = last

    def _day(self, files: list[Path], first: int, last: int) -> Iterator[laws.Verdict]:
        pods = self._breaks.watch(first, last)
        frame = self._frame(files)
        if frame is None:
            nothing = np.zeros(0, EVENT)
            day = Day(first, last, nothing, breaks_of(nothing, pods), np.zeros(0, bool))
        else:
            item = places(frame["line_item_id"].to_numpy(), self._item_ids)
            creative = places(frame["creative_id"].to_numpy(), self._creative_ids)
            viewer = frame["viewer_id"].to_numpy()
            known = (item >= 0) & (creative >= 0) & (viewer >= 0) & (viewer < len(self._reach.impressions[0]))
            yield self._known(frame, known)
            events = self._read(frame.filter(known), item[known], creative[known])
            billed = (events["rendered"] == 1) & (events["invalid"] == 0)
            day = Day(first, last, events, breaks_of(events, pods), billed)
            yield from self._owned(frame.filter(known), day)
        yield from self._slots(day)
        yield from self._counts(day)
        yield from self._viewers(day)
        yield from self._touches(day)
        self._digest.update(day.events, day.breaks.second, first, last)

    def _frame(self, files: list[Path]) -> pl.DataFrame | None:
        if not files:
            return None
        words = [pl.col(name).cast(pl.Enum(known)) for name, known in self._codes.items()]
        try:
            frame = pl.read_parquet(files, columns=list(EVENT_COLUMNS), hive_partitioning=False)
            return frame.with_columns(words)
        except pl.exceptions.PolarsError as error:
            raise registry.InputError(f"events in {files[0].parent}: cannot be read: {error}") from None

    def _read(
        self, frame: pl.DataFrame, item: NDArray[np.int64], creative: NDArray[np.int64]
    ) -> NDArray[np.void]:
        events = np.zeros(len(frame), EVENT)
        for name in _PLAIN:
            if name == "ts":
                start = int(self.sold.market.horizon.start.timestamp())
                events[name] = frame[name].dt.epoch("s").to_numpy() - start
            elif name in self._codes:
                events[name] = frame[name].to_physical().cast(pl.Int16).fill_null(NO_GENRE).to_numpy()
            else:
                events[name] = frame[name].to_numpy()
        for name in FLAGS:
            events[name] = frame[name].to_numpy()
        events["line_item"], events["creative"] = item, creative
        return events

    def _known(self, frame: pl.DataFrame, known: NDArray[np.bool_]) -> laws.Verdict:
        names = ("line_item_id", "creative_id", "viewer_id")

        def ids(i: int) -> str:
            return ", ".join(f"{name} {frame[name][i]}" for name in names)

        return laws.verdict(
            11, ~known, lambda i: f"slot {frame['slot_id'][i]}", ids, "those of the run's book"
        )

    def _owned(self, frame: pl.DataFrame, day: Day) -> Iterator[laws.Verdict]:
        items = self.sold.book.line_items
        item, slot = day.events["line_item"], day.events["slot_id"]
        wanted = {
            "campaign_id": np.array([one.campaign_id for one in items])[item],
            "advertiser_id": np.array([one.advertiser_id for one in items])[item],
            "pod_id": slot >> POD_SHIFT,
            "viewer_id": slot >> (POD_SHIFT + POD_BITS),
            "hour": day.breaks.second // 3600,
            "identity": self._identity(day.events),
        }
        for name, values in wanted.items():
            yield laws.owners(frame[name].to_numpy(), values, self._slot(day, name))
        yield laws.owners(item, self._creative_owner[day.events["creative"]], self._slot(day, "creative"))

    def _identity(self, events: NDArray[np.void]) -> NDArray[np.int64]:
        identity, viewer = self.sold.market.identity, events["viewer_id"].astype(np.int64)
        known = {
            "person": viewer,
            "household": self._breaks.viewers["household"][viewer].astype(np.int64),
            "device": viewer * len(registry.DeviceType) + events["device"],
        }[identity.counted_by]
        return known if identity.match_rate == 1 else np.where(events["identity"] == -1, -1, known)

    def _slot(self, day: Day, what: str = "") -> Callable[[int], str]:
        start, ts, slot = self.sold.market.horizon.start, day.events["ts"], day.events["slot_id"]

        def name(i: int) -> str:
            moment = start + timedelta(seconds=int(ts[i]))
            return f"slot {slot[i]}, {moment:%Y-%m-%d %H:%M:%S}{what and ', '}{what}"

        return name

    def _slots(self, day: Day) -> Iterator[laws.Verdict]:
        market, terms, events = self.sold.market, self.sold.terms, day.events
        where = self._slot(day)
        item = events["line_item"]
        yield laws.charges(events, where)
        yield laws.eligibility(events, day.breaks.second, terms, where, lambda i: self.sold.paths[item[i]])
        slot_seconds = None if market.pods.dynamic else market.pods.ad_seconds
        yield laws.pods(events, terms, day.breaks, slot_seconds, where)
        yield laws.prices(
            events,
            day.breaks.second,
            terms,
            self._floors,
            market.auction.equation,
            where,
            whole=market.pods.dynamic,
        )
        yield laws.outcomes(events, where)

    def _counts(self, day: Day) -> Iterator[laws.Verdict]:
        # What the events of each hour add up to, as against the rows.
        hours = day.last - day.first
        events, hour = day.events, self._hour(day)
        item = events["line_item"].astype(np.int64)
        tick = (day.breaks.second // self.sold.tick_seconds).clip(0, self._spend.shape[1] - 1)
        np.add.at(self._spend.reshape(-1), item * self._spend.shape[1] + tick, events["charged_micros"])

        rows, at = self._rows.performance, events["creative"].astype(np.int64) * hours + hour
        shape = len(self._creative_ids), hours
        shown = _summed(events, at, day.billed, shape)
        name = self._names([creative.name for creative in self.sold.book.creatives], day)
        stored = self._stored(rows, rows.creative, (*shown, "spend_micros"), shape[0], day)
        spent = _sums(at, events["charged_micros"], shape)
        yield laws.conservation(
            {"events": spent.ravel(), "performance": stored["spend_micros"].ravel()}, name
        )
        for column, counted in shown.items():
            yield laws.equal(
                12, stored[column].ravel(), counted.ravel(), laws.also(name, f"performance.{column}")
            )

        table, at = self._rows.extended, item * hours + hour
        shape = len(self._item_ids), hours
        won = {
            "wins": np.bincount(at, minlength=shape[0] * hours).reshape(shape),
            "clearing_sum_micros": _sums(at, events["price_micros"], shape),
            "floor_sum_micros": _sums(at, events["floor_micros"], shape),
            "impression_bid_sum_micros": _sums(at, np.where(day.billed, events["bid_micros"], 0), shape),
        }
        name = self._names(self.sold.paths, day)
        stored = self._stored(table, table.line_item, won, shape[0], day)
        for column, counted in won.items():
            named = laws.also(name, f"performance_extended.{column}")
            yield laws.equal(12, stored[column].ravel(), counted.ravel(), named)

    def _touches(self, day: Day) -> Iterator[laws.Verdict]:
        terms = self.sold.market.conversions
        if not terms.on:
            return
        events, table = day.events, self._rows.conversions
        touching = day.billed & (exposures(events, terms) | (events["clicked"] == 1))
        hours, shape = day.last - day.first, (len(self._item_ids), day.last - day.first)
        at = events["line_item"].astype(np.int64)[touching] * hours + self._hour(day)[touching]
        counted = np.bincount(at, minlength=shape[0] * hours)
        stored = self._stored(table, table.line_item, ("touches",), shape[0], day)["touches"]
        yield laws.equal(
            15,
            stored.ravel(),
            counted,
            laws.also(self._names(self.sold.paths, day), "conversions_hourly.touches"),
        )

    def _viewers(self, day: Day) -> Iterator[laws.Verdict]:
        hours = day.last - day.first
        events, table = day.events, self._rows.extended
        item, viewer = events["line_item"][day.billed], events["viewer_id"][day.billed]
        new, viewers = self._reach.add(item, viewer, self._hour(day)[day.billed], hours)
        counted = {"new_viewers_hour": new, "unique_viewers_hour": viewers}
        stored = self._stored(table, table.line_item, counted, len(self._item_ids), day)
        name = self._names(self.sold.paths, day)
        for column, counts in counted.items():
            yield laws.equal(9, stored[column].ravel(), counts.ravel(), laws.also(name, column))
        yield from self._caps.verdicts(day.events, day.billed, day.breaks.second)

    def _end(self) -> Iterator[laws.Verdict]:
        seconds = self.sold.tick_seconds
        start = self.sold.market.horizon.start

        def moment(tick: int) -> str:
            return f"{start + timedelta(seconds=tick * seconds):%Y-%m-%d %H:%M}"

        yield from budget_verdicts(self.sold, self._spend, seconds, moment)
        counted = self._reach.buckets(tuple(_BUCKETS.values()))
        table = self._rows.extended
        order = np.argsort(table.hour, kind="stable")
        last = {
            int(place): int(i) for i, place in zip(order, table.line_item[order], strict=True) if place >= 0
        }
        rows = np.array(list(last.values()), np.int64)
        for k, column in enumerate(_BUCKETS):
            stored = table[column][rows]
            where = [f"{table.where(i)}, {column}" for i in rows.tolist()]
            yield laws.equal(9, stored, counted[list(last), k], where.__getitem__)
        found = combine(self._digest.hexdigest(), rows_digest(self.sold, self._frames))
        stored_digest = self.sold.run.digest
        where_digest = "digest of the stored rows and events"
        yield laws.verdict(
            12, np.array([found != stored_digest]), lambda _: where_digest, found, stored_digest
        )

    def _hour(self, day: Day) -> NDArray[np.int64]:
        return (day.breaks.second // 3600 - day.first).clip(0, day.last - day.first - 1)

    def _stored(
        self, table: Table, owner: NDArray[np.int64], columns: Iterable[str], owners: int, day: Day
    ) -> dict[str, NDArray[np.int64]]:
        # The rows of one day, owners × hours.
        mine = np.flatnonzero((table.hour >= day.first) & (table.hour < day.last) & (owner >= 0))
        found = {}
        for column in columns:
            values = np.zeros((owners, day.last - day.first), np.int64)
            np.add.at(values, (owner[mine], table.hour[mine] - day.first), table[column][mine])
            found[column] = values
        return found

    def _names(self, owners: list[str], day: Day) -> Callable[[int], str]:
        hours = day.last - day.first
        return lambda i: f"{owners[i // hours]}, {self._rows.moment(day.first + i % hours)}"


def _summed(
    events: NDArray[np.void], at: NDArray[np.int64], billed: NDArray[np.bool_], shape: tuple[int, int]
) -> dict[str, NDArray[np.int64]]:
    failed = events["rendered"] == 0
    ends = {"ivt": ~failed & ~billed, "errors": failed, "impressions": billed}
    sums = {column: _sums(at, end, shape) for column, end in ends.items()}
    shown, at = events[billed], at[billed]
    return sums | {column: _sums(at, shown[name], shape) for column, name in BILLED.items()}


def _sums(
    at: NDArray[np.int64], values: NDArray[np.integer | np.bool_], shape: tuple[int, int]
) -> NDArray[np.int64]:
    sums = np.zeros(shape[0] * shape[1], np.int64)
    np.add.at(sums, at, values.astype(np.int64))
    return sums.reshape(shape)
