"""Contention: who won what a line item lost, counted by the market, as rows of `contention_daily`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.columns import BookColumns
from entities.enums import WonBy
from sim.events import LOST, Hour

LOSSES = {WonBy.line_item: "lost_outbid", WonBy.deal: "lost_deal", WonBy.outside_demand: "lost_ambient"}
"""The stage of the funnel that the rows of each kind of winner add up to."""
_WORDS = [word.value for word in WonBy]


def contention_rows(columns: BookColumns, hours: Sequence[Hour]) -> pl.DataFrame:
    """Return the rows of the days that end in *hours*, by day and keys of line item and winner.

    `day` counts from the UTC date of the start; the key of a winner is 0 for outside demand.
    """
    first = columns.start.date()
    ended = [hour for hour in hours if hour.lost is not None]
    days = [((columns.start + timedelta(hours=hour.hour)).date() - first).days for hour in ended]
    found = [hour.lost for hour in ended if hour.lost is not None]
    lost: NDArray[np.void] = np.concatenate(found) if found else np.zeros(0, LOST)
    # Ambient demand stands behind the line items, where a winner of -1 points to.
    keys = np.array([*(item.key for item in columns.line_items), 0], np.uint64)
    ids = np.array([*(item.id for item in columns.line_items), -1], np.int64)
    kinds = np.array([*(int(ahead) for ahead in columns.ahead), WonBy.outside_demand.code], np.int64)
    item, winner = lost["line_item"], lost["winner"]
    frame = pl.DataFrame(
        {
            "day": np.repeat(np.array(days, np.int64), [len(each) for each in found]),
            "line_item_key": keys[item],
            "winner_key": keys[winner],
            "line_item_id": ids[item],
            "won_by": pl.Series(_WORDS, dtype=pl.Enum(_WORDS)).gather(kinds[winner]),
            "winner_line_item_id": ids[winner],
            "bids": lost["bids"],
        }
    )
    winner_id = pl.col("winner_line_item_id")
    named = frame.with_columns(pl.when(winner_id >= 0).then(winner_id))
    return named.sort("day", "line_item_key", "winner_key")
