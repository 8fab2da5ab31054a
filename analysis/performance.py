"""One hour of events becomes rows: whole numbers are counted here, ratios are derived from them later."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from analysis.columns import Columns
from analysis.reasons import ON_SCHEDULE, REASONS, behind, reason_codes
from sim.events import FREQUENCY_BUCKETS, FUNNEL, INVENTORY, Hour
from sim.units import HOUR, MICROS

BILLED_FLAGS = {
    "impressions": "rendered",
    "clicks": "clicked",
    "video_starts": "started",
    "video_q25": "q25",
    "video_q50": "q50",
    "video_q75": "q75",
    "video_completions": "completed",
    "measurable": "measurable",
    "viewable": "viewable",
    "skips": "skipped",
    "mutes": "muted",
    "qr_scans": "qr_scanned",
    "watch_seconds": "watch_seconds",
}
"""Counts of `performance` that only billed impressions enter, each with its event column."""
COUNTS = (*BILLED_FLAGS, "ivt", "errors", "spend_micros")
"""Every count of `performance`, all int64."""
CANONICAL = ("line_item_key", "creative_rank")
"""Columns that identify a row in every database; for the digest, not for the tables."""

_READ = (*BILLED_FLAGS.values(), "invalid", "charged_micros", "creative", "line_item", "viewer_id")
_FUNNEL_COLUMNS = tuple("new_viewers_hour" if name == "new_viewers" else name for name in FUNNEL)
_NEW_VIEWERS, _IMPRESSIONS = FUNNEL.index("new_viewers"), FUNNEL.index("impressions")


class Rows(NamedTuple):
    """The rows of some hours, by table; without run_id, and with the CANONICAL columns."""

    performance: pl.DataFrame
    performance_extended: pl.DataFrame
    inventory_hourly: pl.DataFrame


class Tally:
    """Counts hours into rows, and remembers what is counted to date."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._start = np.datetime64(int(columns.start.timestamp()) * MICROS, "us")
        self._order = np.array(columns.line_item_order, dtype=np.int64)
        self._line_items = _line_item_frame(columns)
        self._creatives = _creative_frame(columns)
        self._inventory = _inventory_frame(columns)
        self._reach = np.zeros(len(columns.line_items), dtype=np.int64)
        self._impressions = np.zeros(len(columns.line_items), dtype=np.int64)

    def add(self, hour: Hour) -> Rows:
        """Return the rows of *hour*, the next one: line items in flight by key, zeros included."""
        events = pl.DataFrame({name: np.ascontiguousarray(hour.events[name]) for name in _READ})
        billed = events.filter((pl.col("rendered") == 1) & (pl.col("invalid") == 0))
        began = self._start + np.timedelta64(hour.hour * HOUR * MICROS, "us")
        when = [pl.lit(began).dt.replace_time_zone("UTC").alias("hour_start")]
        return Rows(
            self._performance(hour, events, billed).select(*when, *_calendar(when[0]), pl.all()),
            self._extended(hour, billed).select(*when, pl.all()),
            self._supply(hour).select(*when, pl.all()),
        )

    def _performance(self, hour: Hour, events: pl.DataFrame, billed: pl.DataFrame) -> pl.DataFrame:
        shown = billed.group_by("creative").agg(
            pl.col(flag).sum().alias(name) for name, flag in BILLED_FLAGS.items()
        )
        won = events.group_by("creative").agg(
            (pl.col("rendered") * pl.col("invalid")).sum().alias("ivt"),
            (1 - pl.col("rendered")).sum().alias("errors"),
            pl.col("charged_micros").sum().alias("spend_micros"),
        )
        live = pl.Series(hour.pacing.live[self._creatives["line_item"].to_numpy()])
        return (
            self._creatives.filter(live)
            .join(shown, on="creative", how="left", maintain_order="left")
            .join(won, on="creative", how="left", maintain_order="left")
            .drop("creative", "line_item")
            .with_columns(pl.col(COUNTS).fill_null(0))
        )

    def _extended(self, hour: Hour, billed: pl.DataFrame) -> pl.DataFrame:
        self._reach += hour.funnel[:, _NEW_VIEWERS]
        self._impressions += hour.funnel[:, _IMPRESSIONS]
        rows = self._order[hour.pacing.live[self._order]]
        viewers = np.zeros(len(self._order), dtype=np.int64)
        unique = billed.group_by("line_item").agg(pl.col("viewer_id").n_unique())
        viewers[unique["line_item"].to_numpy()] = unique["viewer_id"].to_numpy()
        pacing = hour.pacing
        late = behind(pacing.delivered_cum_micros, pacing.expected_cum_micros)
        codes = reason_codes(hour.funnel, pacing.goal_micros, late)
        values = {
            **dict(zip(_FUNNEL_COLUMNS, hour.funnel.T, strict=True)),
            "unique_viewers_hour": viewers,
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
        return self._line_items.filter(pl.Series(pacing.live[self._order])).with_columns(
            *(pl.Series(name, column[rows]) for name, column in values.items()),
            pl.Series("primary_underdelivery_reason", reasons, dtype=pl.Enum(REASONS)),
        )

    def _supply(self, hour: Hour) -> pl.DataFrame:
        flat = hour.inventory.reshape(-1, len(INVENTORY))
        return self._inventory.with_columns(
            pl.Series(name, np.ascontiguousarray(flat[:, at])) for at, name in enumerate(INVENTORY)
        )


def _calendar(when: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    return when.dt.date().alias("date"), when.dt.hour().cast(pl.Int64).alias("hour_of_day")


def _line_item_frame(columns: Columns) -> pl.DataFrame:
    items = [columns.line_items[at] for at in columns.line_item_order]
    return pl.DataFrame(
        {"line_item_key": [item.key for item in items], "line_item_id": [item.id for item in items]},
        schema={"line_item_key": pl.UInt64, "line_item_id": pl.Int64},
    )


def _creative_frame(columns: Columns) -> pl.DataFrame:
    # One row per creative in canonical order; its rank counts within its line item.
    ranks: dict[int, int] = {}
    records = []
    for at in columns.creative_order:
        creative = columns.creatives[at]
        item = columns.line_items[creative.line_item]
        rank = ranks[creative.line_item] = ranks.get(creative.line_item, -1) + 1
        ids = (item.advertiser_id, item.campaign_id, item.id, creative.id)
        records.append((at, creative.line_item, item.key, rank, *ids))
    ids_schema = dict.fromkeys(("advertiser_id", "campaign_id", "line_item_id", "creative_id"), pl.Int64)
    keys_schema = {"line_item_key": pl.UInt64, "creative_rank": pl.Int64}
    schema = {"creative": pl.Int32, "line_item": pl.Int32, **keys_schema, **ids_schema}
    return pl.DataFrame(records, schema=schema, orient="row")


def _inventory_frame(columns: Columns) -> pl.DataFrame:
    devices, placements = columns.names.devices, columns.names.placements
    return pl.DataFrame(
        {
            "device": [device for device in devices for _ in placements],
            "placement": list(placements) * len(devices),
        },
        schema={"device": pl.Enum(devices), "placement": pl.Enum(placements)},
    )
