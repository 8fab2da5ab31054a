"""Hours of events become rows: whole numbers are counted here, ratios are derived from them later."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.columns import BookColumns
from analysis.rows.contention import contention_rows
from analysis.rows.reasons import ON_SCHEDULE, REASONS, behind, reason_codes
from entities import registry
from entities.enums.funnel import STAGES
from entities.enums.lift import LIFT
from entities.enums.outcomes import COUNTED
from sim import kernels
from sim.events import CONVERSIONS, COUNTED_COLUMNS, FREQUENCY_BUCKETS, FUNNEL, INVENTORY, Hour, Pacing

BILLED = {
    outcome.column: outcome.name
    for column in registry.Performance.__table__.columns
    for outcome in COUNTED
    if outcome.column == column.name
}
"""Columns of `performance` that count an outcome of impressions, each with its event column."""
COUNTS = ("impressions", *BILLED, "ivt", "errors", "spend_micros")
"""Every count of `performance`, all int64."""
CANONICAL = ("line_item_key", "creative_rank", "winner_key")
"""Columns that identify a row in every database; for the digest, not for the tables."""

_IDS = ("advertiser_id", "campaign_id", "line_item_id", "creative_id")
_FUNNEL_COLUMNS = tuple(stage.column for stage in STAGES)
_NEW_VIEWERS, _IMPRESSIONS = FUNNEL.index("new_viewers"), FUNNEL.index("impressions")
_GHOSTS = FUNNEL.index("ghosts")


HOURS_TOGETHER, EVENTS_TOGETHER = 24, 250_000
"""So many hours are counted at once, or fewer that have so many events: memory stays as it is."""
Hours = Sequence[Hour]


class Rows(NamedTuple):
    """The rows of some hours, by table; `hour` counts from the start, and the CANONICAL columns are in."""

    performance: pl.DataFrame
    performance_extended: pl.DataFrame
    inventory_hourly: pl.DataFrame
    conversions_hourly: pl.DataFrame
    lift: pl.DataFrame
    contention_daily: pl.DataFrame


class Tally:
    """Counts hours into rows, and remembers what is counted to date."""

    def __init__(self, columns: BookColumns) -> None:
        self.columns = columns
        items, creatives = columns.line_items, columns.creatives
        self._items = np.array(columns.line_item_order, dtype=np.int64)
        self._creatives = np.array(columns.creative_order, dtype=np.int64)
        self._owners = np.array([each.line_item for each in creatives], dtype=np.int64)
        self._keys = np.array([item.key for item in items], dtype=np.uint64)
        self._ranks = _ranks(columns)
        pairs = [(items[each.line_item], each.id) for each in creatives]
        ids = [(item.advertiser_id, item.campaign_id, item.id, creative) for item, creative in pairs]
        self._ids = np.array(ids, dtype=np.int64).reshape(-1, len(_IDS))
        self._item_ids = np.array([item.id for item in items], dtype=np.int64)
        self._reach = np.zeros(len(items), dtype=np.int64)
        self._impressions = np.zeros(len(items), dtype=np.int64)
        self._places = _places(columns)

    def rows(self, *hours: Hour) -> Rows:
        """Return the rows of *hours*, the next ones: line items in flight by key, zeros included."""
        at, events = _counted(hours)
        billed = (events["rendered"] == 1) & (events["invalid"] == 0)
        pacing = Pacing(*map(np.stack, zip(*(hour.pacing for hour in hours), strict=True)))
        return Rows(
            self._performance(hours, pacing, at, events, billed),
            self._extended(
                hours, pacing, at[billed], events["line_item"][billed], events["viewer_id"][billed]
            ),
            self._supply(hours),
            self._conversions(hours),
            self._lift(hours),
            contention_rows(self.columns, hours),
        )

    @property
    def to_date(self) -> tuple[list[int], list[int]]:
        """Return the reach and the impressions of each line item to date."""
        return self._reach.tolist(), self._impressions.tolist()

    @to_date.setter
    def to_date(self, counted: tuple[list[int], list[int]]) -> None:
        self._reach, self._impressions = (np.array(each, np.int64) for each in counted)

    def dated(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return *rows* with `hour_start` (UTC), in `performance` also date and hour, in place of `hour`.

        Rows of a day have its date (UTC).
        """
        start = pl.lit(self.columns.start).dt.convert_time_zone("UTC").dt.cast_time_unit("us")
        if "day" in rows.columns:
            date = (start.dt.date() + pl.duration(days=pl.col("day"))).alias("date")
            return rows.select(date, pl.exclude("day"))
        when = start + pl.duration(hours=pl.col("hour"))
        clock = [when.alias("hour_start")]
        if "creative_id" in rows.columns:
            clock += [when.dt.date().alias("date"), when.dt.hour().cast(pl.Int64).alias("hour_of_day")]
        return rows.select(*clock, pl.exclude("hour"))

    def _performance(
        self,
        hours: Hours,
        pacing: Pacing,
        at: NDArray[np.int64],
        events: dict[str, NDArray[Any]],
        billed: NDArray[np.bool_],
    ) -> pl.DataFrame:
        shape = len(hours), len(self._owners), 2
        # One number for hour, creative, and whether it is an impression: it groups faster than three.
        cells = (at * len(self._owners) + events["creative"]) * 2 + billed
        summed = (*BILLED.values(), "rendered", "charged_micros")
        found = (
            pl.DataFrame({"cell": cells, **{name: events[name] for name in summed}})
            .group_by("cell")
            .agg(pl.len().cast(pl.Int64).alias("won"), *(pl.col(name).sum() for name in summed))
        )
        sums = _scattered(found, shape)
        unbilled, billed_sums = ({name: each[..., k] for name, each in sums.items()} for k in (0, 1))
        counted = {"impressions": billed_sums["won"]}
        counted |= {column: billed_sums[name] for column, name in BILLED.items()}
        # What was shown and is no impression was shown to no person.
        counted |= {"ivt": unbilled["rendered"], "errors": unbilled["won"] - unbilled["rendered"]}
        counted |= {"spend_micros": sums["charged_micros"].sum(axis=-1)}
        at, place = np.nonzero(pacing.live[:, self._owners[self._creatives]])
        values = {"line_item_key": self._keys[self._owners], "creative_rank": self._ranks}
        values |= dict(zip(_IDS, self._ids.T, strict=True))
        values |= counted
        return _frame(hours, at, self._creatives[place], values)

    def _extended(
        self, hours: Hours, pacing: Pacing, at: NDArray[np.int64], items: NDArray[Any], viewers: NDArray[Any]
    ) -> pl.DataFrame:
        funnel = np.stack([hour.funnel for hour in hours])
        late = behind(pacing.delivered_cum_micros, pacing.expected_cum_micros)
        codes = reason_codes(funnel.reshape(-1, len(FUNNEL)), pacing.goal_micros.ravel(), late.ravel())
        reach = self._reach + funnel[:, :, _NEW_VIEWERS].cumsum(axis=0)
        impressions = self._impressions + funnel[:, :, _IMPRESSIONS].cumsum(axis=0)
        self._reach, self._impressions = reach[-1], impressions[-1]
        # Sorted by hour, line item and viewer, a viewer's first one is where the number changes.
        seen = np.sort(((at * len(self._items) + items) << 32) + viewers)
        each = seen[np.diff(seen, prepend=-1) != 0] >> 32
        unique = np.bincount(each, minlength=reach.size).reshape(reach.shape)
        frequency = np.stack([hour.frequency for hour in hours])
        at, place = np.nonzero(pacing.live[:, self._items])
        rows = self._items[place]
        values = {
            "line_item_key": self._keys,
            "line_item_id": self._item_ids,
            **dict(zip(_FUNNEL_COLUMNS, np.moveaxis(funnel, -1, 0), strict=True)),
            "unique_viewers_hour": unique,
            "reach_to_date": reach,
            "impressions_to_date": impressions,
            **dict(zip(FREQUENCY_BUCKETS, np.moveaxis(frequency, -1, 0), strict=True)),
            "goal_micros_hour": pacing.goal_micros,
            "expected_cum_micros": pacing.expected_cum_micros,
            "delivered_cum_micros": pacing.delivered_cum_micros,
            "bid_multiplier_ppm": pacing.multiplier_ppm,
            "participation_ppm": pacing.participation_ppm,
            "allowance_micros": pacing.allowance_micros,
            "forecast_avails": pacing.forecast_avails,
        }
        reasons = [
            None if code == ON_SCHEDULE else REASONS[code] for code in codes.reshape(late.shape)[at, rows]
        ]
        named = pl.Series("primary_underdelivery_reason", reasons, dtype=pl.Enum(REASONS))
        return _frame(hours, at, rows, values).hstack([named])

    def _supply(self, hours: Hours) -> pl.DataFrame:
        counts = np.stack([hour.inventory.reshape(-1, len(INVENTORY)) for hour in hours])
        at, rows = (index.ravel() for index in np.indices(counts.shape[:2]))
        values = dict(zip(INVENTORY, np.moveaxis(counts, -1, 0), strict=True))
        return self._places[rows].hstack(_frame(hours, at, rows, values))

    def _conversions(self, hours: Hours) -> pl.DataFrame:
        return self._where_any(hours, CONVERSIONS, [hour.conversions for hour in hours])

    def _lift(self, hours: Hours) -> pl.DataFrame:
        return self._where_any(hours, LIFT, [hour.lift for hour in hours])

    def _where_any(
        self, hours: Hours, columns: Sequence[str], counted: Sequence[NDArray[np.int64] | None]
    ) -> pl.DataFrame:
        none = np.zeros((len(self._items), len(columns)), np.int64)
        found = np.stack([none if counts is None else counts for counts in counted])
        at, place = np.nonzero(found[:, self._items].any(axis=2))
        values = {"line_item_key": self._keys, "line_item_id": self._item_ids}
        values |= dict(zip(columns, np.moveaxis(found, -1, 0), strict=True))
        return _frame(hours, at, self._items[place], values)


class Batch:
    """Hours that wait to be counted together: a day of them, or fewer where they have many events."""

    def __init__(self, take: Callable[[Hours], None]) -> None:
        self._take = take
        self._waiting: list[Hour] = []
        self._events = 0

    def add(self, hour: Hour) -> None:
        """Let one more hour wait."""
        self._waiting.append(hour)
        self._events += sum(map(len, hour.parts))
        if len(self._waiting) == HOURS_TOGETHER or self._events >= EVENTS_TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Take all that wait."""
        if self._waiting:
            self._take(self._waiting)
            self._waiting, self._events = [], 0


def _frame(
    hours: Hours, at: NDArray[np.intp], rows: NDArray[np.int64], values: dict[str, NDArray[Any]]
) -> pl.DataFrame:
    # What differs from hour to hour has an axis for them, before that of the rows.
    numbers = np.array([hour.hour for hour in hours], dtype=np.int64)
    picked = {name: each[rows] if each.ndim == 1 else each[at, rows] for name, each in values.items()}
    return pl.DataFrame({"hour": numbers[at]} | picked)


def _counted(hours: Hours) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    # Of the slots won in them: which of the hours each is of, and the columns that are counted.
    won = [(at, part) for at, hour in enumerate(hours) for part in _won(hour)]
    ends = np.cumsum([len(part) for _, part in won], dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    tables = tuple(np.empty((len(names), total), kind) for kind, names in COUNTED_COLUMNS.items())
    for (_, part), end in zip(won, ends.tolist(), strict=True):
        kernels.unpack_counted(part, end - len(part), tables)
    at = np.repeat(np.array([at for at, _ in won], np.int64), np.diff(ends, prepend=0))
    each = zip(COUNTED_COLUMNS.values(), tables, strict=True)
    return at, {name: row for names, rows in each for name, row in zip(names, rows, strict=True)}


def _won(hour: Hour) -> Iterator[NDArray[np.void]]:
    # As the shards wrote them, without the ghosts, of which there are few.
    ghosts = hour.funnel[:, _GHOSTS].any()
    for part in hour.parts:
        yield part[part["ghost"] == 0] if ghosts else part


def _scattered(counts: pl.DataFrame, shape: tuple[int, ...]) -> dict[str, NDArray[np.int64]]:
    # The first column says in which cell the others belong; one that is missing counted nothing.
    cells, *columns = (column.to_numpy() for column in counts.get_columns())
    values = np.zeros((len(columns), math.prod(shape)), dtype=np.int64)
    values[:, cells] = columns
    return dict(zip(counts.columns[1:], values.reshape(-1, *shape), strict=True))


def _ranks(columns: BookColumns) -> NDArray[np.int64]:
    # A creative's place by name within its line item, the same in every database.
    ranks, met = np.zeros(len(columns.creatives), dtype=np.int64), [0] * len(columns.line_items)
    for at in columns.creative_order:
        owner = columns.creatives[at].line_item
        ranks[at] = met[owner]
        met[owner] += 1
    return ranks


def _places(columns: BookColumns) -> pl.DataFrame:
    words = {name: columns.words[name] for name in ("device", "placement")}
    schema = {name: pl.Enum(known) for name, known in words.items()}
    return pl.DataFrame(list(product(*words.values())), schema, orient="row")
