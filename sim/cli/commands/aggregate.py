"""The command that makes hourly rows of event files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from entities.errors import InputError
from sim.cli.commands.export import FORMATS
from sim.cli.errors import no_option
from sim.cli.options import Output, argument, one_of, option

if TYPE_CHECKING:
    from rich.console import Console

    from analysis.export.folder import Exported

SUMS = ("impressions", "video_completions", "clicks", "spend_micros")
"""What a line item is told by on a terminal."""


def aggregate(
    events: Annotated[
        Path, argument("DIR", "The folder that --events had, or that of one run in it.", callback=no_option)
    ],
    to: Annotated[
        Path | None,
        option("DIR", "Write the rows into this folder, new or empty.", "--to", "--out", callback=no_option),
    ] = None,
    kind: Annotated[
        str | None,
        option("FORMAT", f"One of {', '.join(FORMATS)}.  [default: parquet]", "--format", **one_of(FORMATS)),
    ] = None,
    *,
    output: Output,
) -> None:
    """Make the hourly rows of a run from its event files alone, which needs no database.

    They are the rows of `performance`, as the run stored them, and zeros where nothing was won. The other
    tables count what no event tells: lost auctions, plans, and places that nobody bought.
    """
    if kind and to is None:
        raise InputError("--format: says how a folder is written; give --to DIR, too")
    import polars as pl

    from analysis.export.folder import export_table
    from analysis.export.tables import table_of
    from analysis.rows.from_events import TABLE, performance_of, run_folder
    from entities.messages import printable

    manifest, rows = performance_of(run_folder(events))
    files: list[Exported] = [] if to is None else export_table(table_of(TABLE, rows), kind or "parquet", to)
    sums = rows.group_by("line_item_id").agg(pl.col(SUMS).sum())
    of_item = {row["line_item_id"]: row for row in sums.iter_rows(named=True)}
    line_items = [
        {"line_item": item.name, **of_item[item.id]} for item in manifest.line_items if item.id in of_item
    ]
    data: dict[str, Any] = {
        "run_id": manifest.run_id,
        "scenario": manifest.scenario,
        "table": TABLE,
        "rows": len(rows),
        "line_items": line_items,
        "folder": None if to is None else str(to),
        "files": [{"name": one.name, "bytes": one.bytes, "sha256": one.sha256} for one in files],
    }

    def people(out: Console) -> None:
        from sim.cli import terminal

        table = terminal.new_table(gap=2)
        table.add_column("Line item")
        for head in SUMS:
            table.add_column(head, justify="right")
        for one in line_items:
            table.add_row(printable(str(one["line_item"])), *(f"{one[name]:,}" for name in SUMS))
        terminal.print_table(out, table)
        terminal.fact(out, "Run", manifest.run_id)
        terminal.fact(out, "Rows", f"{len(rows):,} of {TABLE}, from {manifest.rows:,} events")
        if to is None:
            terminal.fact(out, "Next", "--to DIR writes them, as --format says")
        else:
            terminal.fact(out, "Folder", printable(str(to)))

    output.answer(data, people, [manifest.run_id if to is None else printable(str(to))])
