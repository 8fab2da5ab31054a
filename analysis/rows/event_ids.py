"""Event files under other ids: those of the database that a run was moved to, or stored in at last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from analysis.rows.columns import BookColumns
from analysis.rows.manifest import Manifest

_COLUMNS = {
    "line_item_id": "line_item",
    "lost_to_line_item_id": "line_item",
    "campaign_id": "campaign",
    "advertiser_id": "advertiser",
    "creative_id": "creative",
}
"""Of what each column of the files has the id."""
_NOBODY = -1


def ids_now(manifest: Manifest, columns: BookColumns, named: Sequence[str]) -> list[pl.Expr]:
    """Return what gives the columns *named* of event files the ids of *columns*, by the names of both.

    None where they have them. Who is not in the book has -1.
    """
    now = _ids_now(columns)
    pairs: dict[str, dict[int, int]] = {what: {} for what in {*_COLUMNS.values()}}
    for item in manifest.line_items:
        path = (item.advertiser, item.campaign, item.name)
        there = {"line_item": item.id, "campaign": item.campaign_id, "advertiser": item.advertiser_id}
        for what, key in there.items():
            pairs[what][key] = now.get((what, *path), _NOBODY)
        for creative in item.creatives:
            pairs["creative"][creative.id] = now.get(("creative", *path, creative.name), _NOBODY)
    if all(old == new for each in pairs.values() for old, new in each.items()):
        return []
    return [_mapped(name, pairs[what]) for name, what in _COLUMNS.items() if name in named]


def _ids_now(columns: BookColumns) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    for item in columns.line_items:
        path = (item.advertiser_name, item.campaign_name, item.name)
        found["line_item", *path] = item.id
        found["campaign", *path] = item.campaign_id
        found["advertiser", *path] = item.advertiser_id
    for creative in columns.creatives:
        item = columns.line_items[creative.line_item]
        path = (item.advertiser_name, item.campaign_name, item.name)
        found["creative", *path, creative.name] = creative.id
    return found


def _mapped(name: str, pairs: Mapping[int, int]) -> pl.Expr:
    new = pl.col(name).replace_strict(pairs, default=_NOBODY, return_dtype=pl.Int64)
    return pl.when(pl.col(name).is_not_null()).then(new).alias(name)
