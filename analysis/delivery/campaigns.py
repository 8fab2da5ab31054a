"""Campaigns whose own budget is spent while their line items have more: it, and no check, ended delivery."""

from __future__ import annotations

import polars as pl

from analysis.rows.reasons import ON_SCHEDULE_PERCENT
from analysis.rows.results import Results
from entities.errors import InputError
from sim.book.records import BookedCampaign


def bound_by_campaign(run: Results) -> set[int]:
    """Return the ids of the line items whose campaign spent its lifetime budget, which is less than theirs.

    Spent is what schedules call so: ON_SCHEDULE_PERCENT of it. What a run's changes made of a budget counts.
    None where the book of the run cannot be read.
    """
    found: set[int] = set()
    try:
        book = run.book
    except InputError:
        return found
    for campaign in book.campaigns:
        limit = _lifetime(run, campaign)
        if limit is None:
            continue
        items = [book.line_items[place] for place in campaign.line_items]
        own = [item.lifetime_micros for item in items]
        more = None in own or sum(micros or 0 for micros in own) > limit
        ids = {item.id for item in items}
        if more and _spent(run, ids) * 100 >= limit * ON_SCHEDULE_PERCENT:
            found |= ids
    return found


def _lifetime(run: Results, campaign: BookedCampaign) -> int | None:
    own = pl.col("line_item_id").is_null() & (pl.col("campaign_id") == campaign.id)
    changed = run.delivery_events.filter(own & pl.col("lifetime_micros").is_not_null())
    if changed.is_empty():
        return campaign.lifetime_micros
    return int(changed.sort("ts", maintain_order=True)["lifetime_micros"][-1])


def _spent(run: Results, line_items: set[int]) -> int:
    return sum(int(run.rows_of("performance", item)["spend_micros"].sum()) for item in line_items)
