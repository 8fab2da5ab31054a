"""Facts as rows of `delivery_events`, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import timedelta
from typing import Any

import polars as pl

from analysis.rows.columns import BookColumns
from entities import registry
from sim.events import Fact

_COLUMNS = [f.name for f in fields(Fact) if f.name in registry.DeliveryEvent.__table__.columns]
_WORDS = {"kind": registry.FactKind, "budget": registry.BudgetType, "status": registry.EntityStatus}


def fact_rows(columns: BookColumns, run_id: str, facts: Iterable[Fact]) -> Iterator[dict[str, Any]]:
    """Yield the row of `delivery_events` that each of *facts* becomes."""
    for fact in facts:
        item = None if fact.line_item is None else columns.line_items[fact.line_item]
        campaign = item.campaign_id if item else None
        if fact.campaign is not None:
            campaign = columns.campaign_ids[fact.campaign]
        yield {
            "run_id": run_id,
            "ts": columns.start + timedelta(seconds=fact.second),
            "line_item_id": item.id if item else None,
            "campaign_id": campaign,
            "detail": fact.detail,
            **{name: getattr(fact, name) for name in _COLUMNS},
        }


def canonical(columns: BookColumns) -> Callable[[Fact], str]:
    """Return what makes a line of text of a fact, the same in every database."""
    items = [item.path for item in columns.line_items]
    campaigns = {item.campaign_id: (item.advertiser_name, item.campaign_name) for item in columns.line_items}

    def line(fact: Fact) -> str:
        values = {name: getattr(fact, name) for name in _COLUMNS}
        item = None if fact.line_item is None else items[fact.line_item]
        campaign = None if fact.campaign is None else campaigns[columns.campaign_ids[fact.campaign]]
        return json.dumps([fact.second, item, campaign, values]) + "\n"

    return line


def known_facts(columns: BookColumns, rows: pl.DataFrame) -> pl.DataFrame:
    """Return those *rows* of `delivery_events` that are of the market, or of whom the book has."""
    items = pl.col("line_item_id").is_in([item.id for item in columns.line_items])
    campaigns = pl.col("line_item_id").is_null() & pl.col("campaign_id").is_in(list(columns.campaign_ids))
    market = pl.col("line_item_id").is_null() & pl.col("campaign_id").is_null()
    return rows.filter(items | campaigns | market)


def facts_of(columns: BookColumns, rows: pl.DataFrame) -> Iterator[Fact]:
    """Yield the fact that each of *rows* of `delivery_events` was made from, positions those of the book."""
    items = {item.id: place for place, item in enumerate(columns.line_items)}
    campaigns = {id_: place for place, id_ in enumerate(columns.campaign_ids)}
    for row in rows.iter_rows(named=True):
        item, values = row["line_item_id"], {name: row[name] for name in _COLUMNS}
        words = {name: word(values[name]) for name, word in _WORDS.items() if values[name] is not None}
        yield Fact(
            second=round((row["ts"] - columns.start).total_seconds()),
            line_item=None if item is None else items[item],
            campaign=campaigns.get(row["campaign_id"]) if item is None else None,
            text=row["detail"] if words["kind"] == registry.FactKind.market_changed else "",
            **values | words,
        )
