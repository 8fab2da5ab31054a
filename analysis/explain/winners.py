"""Who won what a line item lost: rivals by name, deals, and demand from outside."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from analysis.delivery.report import contention
from analysis.explain.subject import Subject


class Winner(NamedTuple):
    """Who won some of the slots that a line item bid for and lost."""

    won_by: str
    """A word of WonBy: line_item, deal or outside_demand."""
    winner: str | None
    """The line item's name; None for demand from outside."""
    bids: int
    share: float
    """Of all bids that it lost to somebody."""


def winners_of(one: Subject) -> tuple[Winner, ...]:
    """Return who won what a line item lost in the whole run, the largest first; none where it lost nothing.

    Bids below a floor were lost to nobody, and are not among them.
    """
    rows = contention(one.rows)
    sums = rows.group_by("won_by", "winner").agg(pl.col("bids").sum())
    lost = int(sums["bids"].sum())
    ordered = sums.sort("bids", "won_by", "winner", descending=[True, False, False])
    return tuple(Winner(kind, winner, bids, bids / lost) for kind, winner, bids in ordered.iter_rows())
