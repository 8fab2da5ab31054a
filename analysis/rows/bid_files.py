"""Every bid of some viewers, read from Parquet: a file for each UTC day, beside that of the events."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from analysis.rows.bids import BID_SCHEMA
from analysis.rows.events import events_folder
from analysis.rows.manifest import intact, read_manifest
from entities.errors import InputError
from entities.messages import printable


def scan_bids(folder: Path, run_id: str) -> pl.LazyFrame:
    """Return a run's bids lazily, in the order of their hours: BID_COLUMNS, then `run_id` and `date`.

    They are of the viewers that the manifest says. InputError where no bids were kept, or where a file is
    missing or was cut.
    """
    manifest, where = read_manifest(folder, run_id), events_folder(folder, run_id)
    if manifest.bids is None:
        raise InputError(
            f"{printable(str(folder))}: has no bids of run {run_id}, whose events are kept as"
            f" {manifest.events}; simulate it again with events_of='lost:1%' (--events-of lost:1%)"
        )
    files = intact(where, manifest.bids.files)
    more: dict[str, pl.DataType] = {"run_id": pl.String(), "date": pl.Date()}
    if not files:
        return pl.LazyFrame(schema=BID_SCHEMA | more)
    return pl.scan_parquet(files, hive_partitioning=True, hive_schema=more, glob=False).select(
        *BID_SCHEMA, *more
    )
