"""Hourly rows from the event files of a run, for whoever has no database.

What was won makes all of `performance`. The other tables count what no event tells: opportunities and the
auctions that were lost, plans, and places that nobody bought.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from analysis.rows import frames
from analysis.rows.manifest import Manifest, damages, read
from analysis.rows.performance import BILLED
from entities.errors import InputError
from entities.messages import listed, printable
from scenarios.reading import reading

TABLE = "performance"
"""The table whose rows come from events."""


def run_folder(folder: Path) -> Path:
    """Return where the events of the run are: *folder* itself, or that of the only run in it.

    InputError where there is none, or more than one.
    """
    shown = printable(str(folder))
    if folder.is_file():
        raise InputError(f"{shown}: is a file; name the folder that --events had")
    if not folder.is_dir():
        raise InputError(f"{shown}: there is no such folder")
    for itself in (folder, folder.resolve()):  # as `.` is named only then
        if itself.name.startswith("run_id="):
            return itself
    found = sorted(path for path in folder.glob("run_id=*") if path.is_dir())
    if not found:
        raise InputError(f"{shown}: has no events of a run; name the folder that --events had")
    if len(found) > 1:
        names = listed((printable(str(path)) for path in found), 3)
        raise InputError(f"{shown}: has events of {len(found)} runs; name one of its folders: {names}")
    return found[0]


def performance_of(where: Path) -> tuple[Manifest, pl.DataFrame]:
    """Return the manifest of the events in *where*, and their rows of `performance` as the run stored them.

    A row for each hour in flight of each creative, zeros included. InputError where the files are not what
    the manifest says, or where they are a sample.
    """
    manifest = read(where)
    if not manifest.events.everybody:
        raise InputError(
            f"{printable(str(where))}: holds {manifest.events}, whose rows are not those of the run; what a"
            " sample stands for has an interval, and the run's database has the rows"
        )
    if damage := next(damages(where, manifest), None):
        raise InputError(f"{printable(str(where / damage.path))}: {damage.found}; must be {damage.due}")
    rows = _in_flight(manifest).join(_counted(where, manifest), on=("hour", "creative_id"), how="left")
    when = pl.lit(manifest.start).dt.cast_time_unit("us") + pl.duration(hours=pl.col("hour"))
    dated = rows.with_columns(
        when.alias("hour_start"),
        when.dt.date().alias("date"),
        when.dt.hour().cast(pl.Int64).alias("hour_of_day"),
        pl.exclude("hour", "creative_id").fill_null(0),
    )
    return manifest, frames.counted(TABLE, dated, manifest.run_id)


def _in_flight(manifest: Manifest) -> pl.DataFrame:
    spans = [
        (first, last, item.advertiser_id, item.campaign_id, item.id, creative.id)
        for item in manifest.line_items
        for first, last in item.in_flight
        for creative in item.creatives
    ]
    names = ("first", "last", "advertiser_id", "campaign_id", "line_item_id", "creative_id")
    hours = pl.int_ranges("first", pl.col("last") + 1).alias("hour")
    found = pl.DataFrame(spans, schema=dict.fromkeys(names, pl.Int64()), orient="row")
    return found.select(hours, *names[2:]).explode("hour")


def _counted(where: Path, manifest: Manifest) -> pl.DataFrame:
    rendered, billed = pl.col("rendered"), pl.col("rendered") & ~pl.col("invalid")
    sums = {
        "impressions": billed,
        **{column: pl.when(billed).then(name).otherwise(0) for column, name in BILLED.items()},
        "ivt": rendered & pl.col("invalid"),
        "errors": ~rendered,
        "spend_micros": pl.col("charged_micros"),
    }
    empty = {"hour": pl.Int64(), "creative_id": pl.Int64()} | dict.fromkeys(sums, pl.Int64())
    found = [_summed(where / file.path, sums) for file in manifest.files]
    return pl.concat([pl.DataFrame(schema=empty), *found]).group_by("hour", "creative_id").sum()


def _summed(file: Path, sums: Mapping[str, pl.Expr]) -> pl.DataFrame:
    with reading(printable(str(file))):
        return (
            pl.scan_parquet(file, hive_partitioning=False, glob=False)
            .filter(~pl.col("ghost"))
            .group_by(pl.col("hour").cast(pl.Int64), "creative_id")
            .agg(each.cast(pl.Int64).sum().alias(column) for column, each in sums.items())
            .collect(engine="streaming")
        )
