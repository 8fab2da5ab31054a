"""Who won what was lost, held against the funnel of the loser and the wins of the winner."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.audit.rows import Table, places
from analysis.rows.contention import LOSSES
from sim import laws


def contention_verdicts(sold: Sold, extended: Table, frame: pl.DataFrame) -> Iterator[laws.Verdict]:
    """Yield the verdicts on the rows of `contention_daily`, *frame*, beside those of the funnel."""
    items, ids = sold.book.line_items, [item.id for item in sold.book.line_items]
    first = sold.market.horizon.start.date()
    days = (sold.market.horizon.at(sold.hours - 1).date() - first).days + 1
    day = (frame["date"] - first).dt.total_days().to_numpy()
    loser = places(frame["line_item_id"].to_numpy(), ids)
    winner = places(frame["winner_line_item_id"].fill_null(-1).to_numpy(), ids)
    outside = frame["winner_line_item_id"].is_null().to_numpy()
    bids, kind = frame["bids"].to_numpy(), frame["won_by"].to_numpy()

    def where(i: int) -> str:
        who = sold.paths[loser[i]] if loser[i] >= 0 else f"line item {frame['line_item_id'][i]}"
        by = "outside demand" if outside[i] else f"line item {frame['winner_line_item_id'][i]}"
        return f"contention_daily, {frame['date'][i]}, {who}, won by {by}"

    known = (loser >= 0) & (outside | (winner >= 0)) & (day >= 0) & (day < days)
    yield laws.verdict(11, ~known, where, "a row", "a day of the run, and line items of its book")
    ahead = np.array([*sold.columns.ahead, False])[winner]
    due = np.where(outside, "outside_demand", np.where(ahead, "deal", "line_item"))
    yield laws.verdict(7, known & (kind != due), where, lambda i: str(kind[i]), lambda i: str(due[i]))
    key = (day * (len(items) + 1) + loser) * (len(items) + 1) + winner
    _, place, times = np.unique(key, return_index=True, return_counts=True)
    yield laws.verdict(10, times > 1, lambda i: where(int(place[i])), "several rows", "one row")

    def daily(column: str) -> NDArray[np.int64]:
        edges = np.r_[0, np.arange(24 - sold.market.horizon.start.hour, sold.hours, 24)]
        counts = extended.by_hour(column, extended.line_item, len(items))
        return np.add.reduceat(counts, edges, axis=1)

    def name(i: int) -> str:
        place, at = divmod(i, days)
        return f"{sold.paths[place]}, day {at + 1}"

    for word, stage in LOSSES.items():
        mine = known & (kind == word.value)
        won = np.zeros((len(items), days), np.int64)
        np.add.at(won, (loser[mine], day[mine]), bids[mine])
        yield laws.equal(7, won.ravel(), daily(stage).ravel(), laws.also(name, f"{stage} by winners"))
    # Whoever won a slot beat another line item there once at most.
    mine = np.flatnonzero(known & ~outside)
    yield laws.at_most(7, bids[mine], daily("wins")[winner[mine], day[mine]], lambda i: where(int(mine[i])))
