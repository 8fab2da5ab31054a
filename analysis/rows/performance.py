"""Hours of events become rows: whole numbers are counted here, ratios are derived from them later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.columns import BookColumns
from analysis.rows.contention import contention_rows
from analysis.rows.counting import Counting
from analysis.rows.reasons import ON_SCHEDULE, REASONS, behind, reason_codes
from entities import registry
from entities.enums.funnel import STAGES
from entities.enums.lift import LIFT
from entities.enums.outcomes import COUNTED
from sim.engine.delivered import EVENTS_TOGETHER, HOURS_TOGETHER
from sim.engine.site import SiteHour
from sim.events import CONVERSIONS, FREQUENCY_BUCKETS, FUNNEL, INVENTORY, Counted, Hour, Pacing

BILLED = {
    outcome.column: outcome.name
    for column in registry.Performance.__table__.columns
    for outcome in COUNTED
    if outcome.column == column.name
}
"""Columns of `performance` that count an outcome of impressions, each with its event column."""
SUMMED = (*BILLED.values(), "rendered", "charged_micros")
"""Columns of events that are summed for them."""
COUNTS = ("impressions", *BILLED, "ivt", "errors", "spend_micros")
"""Every count of `performance`, all int64."""
CANONICAL = ("line_item_key", "creative_rank", "winner_key")
"""Columns that identify a row in every database; for the digest, not for the tables."""

_IDS = ("advertiser_id", "campaign_id", "line_item_id", "creative_id")
_FUNNEL_COLUMNS = tuple(stage.column for stage in STAGES)
_NEW_VIEWERS, _IMPRESSIONS = FUNNEL.index("new_viewers"), FUNNEL.index("impressions")
_GHOSTS = FUNNEL.index("ghosts")
Hours = Sequence[Hour]


class Rows(NamedTuple):
    """The rows of some hours, by table; `hour` counts from the start, and the CANONICAL columns are in."""

    performance: pl.DataFrame
    performance_extended: pl.DataFrame
    inventory_hourly: pl.DataFrame
    conversions_hourly: pl.DataFrame
    lift: pl.DataFrame
    contention_daily: pl.DataFrame


def counting_of(columns: BookColumns) -> Counting:
    """Return the clerk who counts for the rows of a book."""
    return Counting(len(columns.line_items), len(columns.creatives), SUMMED)


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
        self._counting = counting_of(columns)

    def rows(self, *hours: Hour) -> Rows:
        """Return the rows of *hours*, the next ones: line items in flight by key, zeros included."""
        counted = self._counted(hours)
        pacing = Pacing(*map(np.stack, zip(*(hour.pacing for hour in hours), strict=True)))
        return Rows(
            self._performance(hours, pacing, np.stack([each.sums for each in counted])),
            self._extended(hours, pacing, np.stack([each.viewers for each in counted])),
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

    def _counted(self, hours: Hours) -> list[Counted]:
        # By clerks where the events were, or here.
        counted = [hour.counted for hour in hours if hour.counted is not None]
        if len(counted) == len(hours):
            return counted
        return self._counting.count([_site_hour(hour) for hour in hours])

    def _performance(self, hours: Hours, pacing: Pacing, counted: NDArray[np.int64]) -> pl.DataFrame:
        unbilled, billed = (
            dict(zip(self._counting.sums, np.moveaxis(counted[:, :, k], -1, 0), strict=True)) for k in (0, 1)
        )
        counts = {"impressions": billed["won"]}
        counts |= {column: billed[name] for column, name in BILLED.items()}
        # What was shown and is no impression was shown to no person.
        counts |= {"ivt": unbilled["rendered"], "errors": unbilled["won"] - unbilled["rendered"]}
        counts |= {"spend_micros": unbilled["charged_micros"] + billed["charged_micros"]}
        at, place = np.nonzero(pacing.live[:, self._owners[self._creatives]])
        values = {"line_item_key": self._keys[self._owners], "creative_rank": self._ranks}
        values |= dict(zip(_IDS, self._ids.T, strict=True))
        values |= counts
        return _frame(hours, at, self._creatives[place], values)

    def _extended(self, hours: Hours, pacing: Pacing, unique: NDArray[np.int64]) -> pl.DataFrame:
        funnel = np.stack([hour.funnel for hour in hours])
        late = behind(pacing.delivered_cum_micros, pacing.expected_cum_micros)
        codes = reason_codes(funnel.reshape(-1, len(FUNNEL)), pacing.goal_micros.ravel(), late.ravel())
        reach = self._reach + funnel[:, :, _NEW_VIEWERS].cumsum(axis=0)
        impressions = self._impressions + funnel[:, :, _IMPRESSIONS].cumsum(axis=0)
        self._reach, self._impressions = reach[-1], impressions[-1]
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


def _site_hour(hour: Hour) -> SiteHour:
    return SiteHour(hour.hour, hour.parts, (), (), bool(hour.funnel[:, _GHOSTS].any()))


def _frame(
    hours: Hours, at: NDArray[np.intp], rows: NDArray[np.int64], values: dict[str, NDArray[Any]]
) -> pl.DataFrame:
    # What differs from hour to hour has an axis for them, before that of the rows.
    numbers = np.array([hour.hour for hour in hours], dtype=np.int64)
    picked = {name: each[rows] if each.ndim == 1 else each[at, rows] for name, each in values.items()}
    return pl.DataFrame({"hour": numbers[at]} | picked)


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
