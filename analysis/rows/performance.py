"""One hour of events becomes rows: whole numbers are counted here, ratios are derived from them later."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.columns import BookColumns
from analysis.rows.reasons import ON_SCHEDULE, REASONS, behind, reason_codes
from entities import registry
from entities.enums.funnel import STAGES
from entities.enums.outcomes import COUNTED
from sim.events import CONVERSIONS, FREQUENCY_BUCKETS, FUNNEL, INVENTORY, Hour

BILLED = {
    outcome.column: outcome.name
    for column in registry.Performance.__table__.columns
    for outcome in COUNTED
    if outcome.column == column.name
}
"""Columns of `performance` that count an outcome of impressions, each with its event column."""
COUNTS = ("impressions", *BILLED, "ivt", "errors", "spend_micros")
"""Every count of `performance`, all int64."""
CANONICAL = ("line_item_key", "creative_rank")
"""Columns that identify a row in every database; for the digest, not for the tables."""

_READ = (*BILLED.values(), "rendered", "invalid", "charged_micros", "creative", "line_item", "viewer_id")
_IDS = ("advertiser_id", "campaign_id", "line_item_id", "creative_id")
_FUNNEL_COLUMNS = tuple(stage.column for stage in STAGES)
_NEW_VIEWERS, _IMPRESSIONS = FUNNEL.index("new_viewers"), FUNNEL.index("impressions")


class Rows(NamedTuple):
    """The rows of some hours, by table; `hour` counts from the start, and the CANONICAL columns are in."""

    performance: pl.DataFrame
    performance_extended: pl.DataFrame
    inventory_hourly: pl.DataFrame
    conversions_hourly: pl.DataFrame


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

    def add(self, hour: Hour) -> Rows:
        """Return the rows of *hour*, the next one: line items in flight by key, zeros included."""
        events = pl.DataFrame({name: np.ascontiguousarray(hour.events[name]) for name in _READ})
        billed = events.filter((pl.col("rendered") == 1) & (pl.col("invalid") == 0))
        return Rows(
            self._performance(hour, events, billed),
            self._extended(hour, billed),
            self._supply(hour),
            self._conversions(hour),
        )

    def dated(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return *rows* with `hour_start` (UTC), in `performance` also date and hour, in place of `hour`."""
        start = pl.lit(self.columns.start).dt.convert_time_zone("UTC").dt.cast_time_unit("us")
        when = start + pl.duration(hours=pl.col("hour"))
        clock = [when.alias("hour_start")]
        if "creative_id" in rows.columns:
            clock += [when.dt.date().alias("date"), when.dt.hour().cast(pl.Int64).alias("hour_of_day")]
        return rows.select(*clock, pl.exclude("hour"))

    def _performance(self, hour: Hour, events: pl.DataFrame, billed: pl.DataFrame) -> pl.DataFrame:
        shown = billed.group_by("creative").agg(
            pl.len().cast(pl.Int64).alias("impressions"),
            *(pl.col(name).sum().alias(column) for column, name in BILLED.items()),
        )
        won = events.group_by("creative").agg(
            (pl.col("rendered") * pl.col("invalid")).sum().alias("ivt"),
            (1 - pl.col("rendered")).sum().alias("errors"),
            pl.col("charged_micros").sum().alias("spend_micros"),
        )
        size = len(self._owners)
        rows = self._creatives[hour.pacing.live[self._owners[self._creatives]]]
        values = {"line_item_key": self._keys[self._owners], "creative_rank": self._ranks}
        values |= dict(zip(_IDS, self._ids.T, strict=True))
        return _frame(hour.hour, rows, values | _scattered(shown, size) | _scattered(won, size))

    def _extended(self, hour: Hour, billed: pl.DataFrame) -> pl.DataFrame:
        self._reach += hour.funnel[:, _NEW_VIEWERS]
        self._impressions += hour.funnel[:, _IMPRESSIONS]
        unique = billed.group_by("line_item").agg(pl.col("viewer_id").n_unique().alias("unique_viewers_hour"))
        pacing = hour.pacing
        late = behind(pacing.delivered_cum_micros, pacing.expected_cum_micros)
        codes = reason_codes(hour.funnel, pacing.goal_micros, late)
        rows = self._items[pacing.live[self._items]]
        values = {
            "line_item_key": self._keys,
            "line_item_id": self._item_ids,
            **dict(zip(_FUNNEL_COLUMNS, hour.funnel.T, strict=True)),
            **_scattered(unique, len(self._items)),
            "reach_to_date": self._reach,
            "impressions_to_date": self._impressions,
            **dict(zip(FREQUENCY_BUCKETS, hour.frequency.T, strict=True)),
            "goal_micros_hour": pacing.goal_micros,
            "expected_cum_micros": pacing.expected_cum_micros,
            "delivered_cum_micros": pacing.delivered_cum_micros,
            "bid_multiplier_ppm": pacing.multiplier_ppm,
            "participation_ppm": pacing.participation_ppm,
            "allowance_micros": pacing.allowance_micros,
        }
        reasons = [None if code == ON_SCHEDULE else REASONS[code] for code in codes[rows]]
        named = pl.Series("primary_underdelivery_reason", reasons, dtype=pl.Enum(REASONS))
        return _frame(hour.hour, rows, values).hstack([named])

    def _supply(self, hour: Hour) -> pl.DataFrame:
        flat = hour.inventory.reshape(-1, len(INVENTORY))
        counts = dict(zip(INVENTORY, flat.T, strict=True))
        return self._places.hstack(_frame(hour.hour, np.arange(len(flat)), counts))

    def _conversions(self, hour: Hour) -> pl.DataFrame:
        found = hour.conversions
        if found is None:
            found = np.zeros((len(self._items), len(CONVERSIONS)), np.int64)
        rows = self._items[found[self._items].any(axis=1)]
        values = {"line_item_key": self._keys, "line_item_id": self._item_ids}
        return _frame(hour.hour, rows, values | dict(zip(CONVERSIONS, found.T, strict=True)))


def _frame(hour: int, rows: NDArray[np.int64], values: dict[str, NDArray[Any]]) -> pl.DataFrame:
    picked = {name: column[rows] for name, column in values.items()}
    return pl.DataFrame({"hour": np.full(len(rows), hour, dtype=np.int64)} | picked)


def _scattered(counts: pl.DataFrame, size: int) -> dict[str, NDArray[np.int64]]:
    # The first column says at which position the others belong; whoever is not named has counted nothing.
    positions, *columns = (column.to_numpy() for column in counts.get_columns())
    values = np.zeros((len(columns), size), dtype=np.int64)
    values[:, positions] = columns
    return dict(zip(counts.columns[1:], values, strict=True))


def _ranks(columns: BookColumns) -> NDArray[np.int64]:
    # A creative's place by name within its line item, the same in every database.
    ranks, met = np.zeros(len(columns.creatives), dtype=np.int64), [0] * len(columns.line_items)
    for at in columns.creative_order:
        owner = columns.creatives[at].line_item
        ranks[at] = met[owner]
        met[owner] += 1
    return ranks


def _places(columns: BookColumns) -> pl.DataFrame:
    devices, placements = columns.words["device"], columns.words["placement"]
    return pl.DataFrame(
        {
            "device": [device for device in devices for _ in placements],
            "placement": list(placements) * len(devices),
        },
        schema={"device": pl.Enum(devices), "placement": pl.Enum(placements)},
    )
