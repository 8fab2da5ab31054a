"""Runs on their way from one database to another: packed into a file, held to their digest, and taken in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from analysis.audit.digest import rows_digest
from analysis.booking.books import create, find, numbered
from analysis.booking.differing import differences
from analysis.booking.own_terms import identified
from analysis.booking.registered import listing_of
from analysis.rows.columns import BookColumns, columns_of
from analysis.rows.digest import combine
from analysis.rows.places import identified as with_ids
from analysis.rows.places import placed
from analysis.rows.results import TABLES, fingerprint
from analysis.rows.seal import seal_of
from analysis.runs import run_file
from analysis.runs.adding import add_rows
from analysis.runs.book_text import read_book, readable
from analysis.runs.run_file import Packed
from analysis.runs.stored import StoredRun
from entities import registry
from entities.messages import printable, quoted, reason
from scenarios.models import Listing, Scenario
from sim import external
from sim.book.records import Book

Warn = Callable[[str], None]


def pack(run: StoredRun, file: Path) -> Path:
    """Return *file*, new, with the whole *run* in it; its events stay where they are.

    InputError where its rows are not those of its digest, or *file* cannot be written.
    """
    with external.described(), run.unchanged():
        columns, frames = run.columns, {name: run.table(name) for name in TABLES}
        row = _whole(run)
        digest = rows_digest(columns, frames)
        try:
            _check_digest(row, digest, run.fingerprint_now)
            pieces = [(name, placed(name, frames.pop(name), columns)) for name in TABLES]
        except ValueError as error:
            raise registry.InputError(f"run {run.run_id}: {error}; paceline audit says more") from None
        try:
            run_file.write(file, row, _listings(run), pieces, digest)
        except OSError as error:
            raise registry.InputError(f"{printable(str(file))}: {reason(error)}") from None
    return file


def _whole(run: StoredRun) -> registry.SimulationRun:
    with registry.session(run.engine, writes=False) as reader:
        return reader.get_one(registry.SimulationRun, run.run_id)


def _listings(run: StoredRun) -> list[dict[str, Any]]:
    """Return the campaigns of a run's book as the registry has them, under the names that the book has."""
    names = {item.id: item.name for item in run.book.line_items}
    creatives = {creative.id: creative.name for creative in run.book.creatives}
    found = []
    with registry.session(run.engine, writes=False) as reader:
        for booked in run.book.campaigns:
            campaign = reader.get_one(registry.Campaign, booked.id)
            listing = listing_of(campaign)
            listing["advertiser"]["name"], listing["campaign"]["name"] = booked.advertiser, booked.name
            for item, row in zip(listing["campaign"]["line_items"], campaign.line_items, strict=True):
                item["name"] = names.get(row.id, row.name)
                for creative, made in zip(item["creatives"], row.creatives, strict=True):
                    creative["name"] = creatives.get(made.id, made.name)
            found.append(listing)
    return found


def _check_digest(row: registry.SimulationRun, rows: str, content: str) -> None:
    if row.fingerprint != content:
        raise ValueError("its scenario or book is not that of its fingerprint")
    if row.events_digest and combine(row.events_digest, rows) != row.digest:
        raise ValueError("its rows are not those of its digest")
    if row.seal and seal_of(row) != row.seal:
        raise ValueError("its row in simulation_runs is not as it was sealed")


def unpack(engine: Engine, file: Path, warn: Warn = lambda _: None) -> StoredRun:
    """Return the run of *file*, stored in the database of *engine* with all its rows.

    Campaigns that the registry lacks are created. *warn* is given, a line each, which of them are there with
    other terms. InputError for a file that is damaged or was changed, for a run that is there already, and
    where the registry lacks what the run booked of a campaign.
    """
    shown = printable(str(file))
    found = run_file.read(file)
    row = found.row
    with external.described(), readable(row.run_id):
        scenario, book = Scenario.model_validate_json(row.scenario_text), read_book(row.book_text)
        try:
            _check(found, scenario, book)
            listings = [Listing.model_validate(each) for each in found.listings]
        except ValidationError:
            raise
        except ValueError as error:
            raise registry.InputError(f"{shown}: {error}; it was changed after it was written") from None
    with registry.session(engine) as opened:
        if opened.get(registry.SimulationRun, row.run_id):
            raise registry.InputError(f"{shown}: run {row.run_id} is in this database already")
        for listing in listings:
            if not create(opened, listing):
                _tell(opened, listing, warn)
        columns = columns_of(identified(opened, book), scenario)
        try:
            _add(opened, row, found.tables, columns)
        except IntegrityError as error:
            raise registry.InputError(f"{shown}: breaks the rules of the tables: {error.orig}") from None
    return StoredRun(engine, row)


def _check(found: Packed, scenario: Scenario, book: Book) -> None:
    columns = columns_of(numbered(book), scenario)
    frames = dict(_identified(found.tables, columns))
    digest = rows_digest(columns, frames)
    if digest != found.rows_digest:
        raise ValueError("its rows are not those of its digest")
    _check_digest(found.row, digest, fingerprint(scenario, book))
    counted = {
        "auctions": int(frames["inventory_hourly"]["avails"].sum()),
        "impressions": int(frames["performance"]["impressions"].sum()),
        "spend_micros": int(frames["performance"]["spend_micros"].sum()),
    }
    for name, figure in counted.items():
        if getattr(found.row, name) != figure:
            raise ValueError(f"its rows come to {name} {figure:,}, not {getattr(found.row, name):,}")


def _identified(
    tables: Mapping[str, pl.DataFrame], columns: BookColumns
) -> Iterator[tuple[str, pl.DataFrame]]:
    for name, rows in tables.items():
        yield name, with_ids(name, rows, columns)


def _tell(opened: Session, listing: Listing, warn: Warn) -> None:
    there = find(opened, listing)
    other = differences(there, listing.campaign.row()) if there else []
    if there:
        registry.check_advertiser(there.advertiser, listing.advertiser)
    if other:
        more = f", and {len(other) - 1} more" if len(other) > 1 else ""
        warn(
            f"campaign {quoted(listing.campaign.name)} is in the registry with other terms: {other[0]}{more};"
            " the run keeps its own, and the registry as well"
        )


def _add(
    opened: Session,
    row: registry.SimulationRun,
    tables: Mapping[str, pl.DataFrame],
    columns: BookColumns,
) -> None:
    opened.add(row)
    opened.flush()
    for name, rows in _identified(tables, columns):
        owned = rows.with_columns(run_id=pl.lit(row.run_id))
        add_rows(opened, registry.Base.metadata.tables[name], owned)
