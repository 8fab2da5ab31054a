"""What was spent beyond budgets because spend became known too late, from a run's facts."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from analysis.rows.results import Results
from entities.enums import FactKind


class Overspend(NamedTuple):
    """By how much one run passed one budget."""

    owner: str
    """The name of the budget's line item or campaign."""
    budget: str
    """`lifetime`, or `daily` for the days together."""
    micros: int


def overspends(run: Results) -> list[Overspend]:
    """Return the budgets that were passed in a run, in the order in which they first were.

    Only where spend is synced less often than planned: `market.sync_minutes`.
    """
    items = run.line_items.select("line_item_id", "name")
    campaigns = run.line_items.select("campaign_id", "campaign").unique()
    found = (
        run.delivery_events.filter(pl.col("kind") == FactKind.budget_overspent)
        .sort("ts", maintain_order=True)
        .group_by("line_item_id", "campaign_id", "budget", maintain_order=True)
        .agg(pl.col("amount_micros").sum())
        .join(items, on="line_item_id", how="left", maintain_order="left")
        .join(campaigns, on="campaign_id", how="left", maintain_order="left")
        .select(pl.coalesce("name", "campaign"), "budget", "amount_micros")
    )
    return [Overspend._make(row) for row in found.iter_rows()]
