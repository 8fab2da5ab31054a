"""The command that writes a run into files of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entities.errors import InputError
from sim.cli import options
from sim.cli.errors import no_option
from sim.cli.options import ADS, Db, Output, one_of, option

if TYPE_CHECKING:
    from rich.console import Console

FORMATS = ("parquet", "csv", "duckdb", "arrow")
LAKE = "paceline-lake"
"""The folder of all runs, where none is named."""


def export(
    run: options.OptionalRunId = None,
    kind: Annotated[
        str, option("FORMAT", f"One of {', '.join(FORMATS)}.", "--format", **one_of(FORMATS))
    ] = "parquet",
    to: Annotated[
        Path | None,
        option("DIR", "A new or empty folder; one named like the run where left out.", callback=no_option),
    ] = None,
    license_url: Annotated[
        str | None,
        option("URL", "The licence that the sidecar says, such as a URL of spdx.org.", "--license"),
    ] = None,
    creator: Annotated[str | None, option("NAME", "The creator that the sidecar says.")] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All runs, as folders of a data lake; later ones are added.")
    ] = False,
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """Write a run into a folder: its tables, its terms, what every column means, and a Croissant sidecar.

    With --all, each table is a folder of Parquet by scenario and run, and runs that are there already are
    left as they are. In CSV, text that a spreadsheet would run as a formula has an apostrophe before it.
    DuckDB is an extra, paceline[duckdb].
    """
    if every:
        _export_all(run, kind, to, license_url or creator, db, output)
        return
    from analysis.runs.rollback import database
    from analysis.runs.stored import find
    from entities.messages import printable

    with database(db) as (engine, _):
        found = find(engine, run)
        folder = to or Path(found.run_id)
        files = found.export(folder, kind, license=license_url, creator=creator)
    data = {
        "run_id": found.run_id,
        "format": kind,
        "folder": str(folder),
        "files": [
            {"name": one.name, "bytes": one.bytes, "sha256": one.sha256, "rows": dict(one.rows)}
            for one in files
        ],
    }

    def people(out: Console) -> None:
        from sim.cli import terminal

        table = terminal.new_table(gap=2)
        table.add_column("File", no_wrap=True)
        for head in ("Rows", "Size"):
            table.add_column(head, justify="right")
        for one in files:
            rows = f"{sum(one.rows.values()):,}" if one.rows else ""
            table.add_row(printable(one.name), rows, terminal.size(one.bytes))
        terminal.print_table(out, table)
        terminal.fact(out, "Run", found.run_id)
        terminal.fact(out, "Folder", printable(str(folder)))

    output.answer(data, people, [printable(str(folder))])


def _export_all(
    run: str | None, kind: str, to: Path | None, said: str | None, db: str, output: Output
) -> None:
    from analysis.runs.exporting import export_all
    from analysis.runs.rollback import database
    from entities.messages import printable

    for given, why in (
        (run is not None, f"takes no run, and {printable(run or '')} is one"),
        (kind != "parquet", f"is Parquet, not {kind}"),
        (said is not None, "has no sidecar that says a licence or a creator"),
    ):
        if given:
            raise InputError(f"--all: {why}")
    folder = to or Path(LAKE)
    with database(db) as (engine, _):
        added, before = export_all(engine, folder)
    data = {
        "folder": str(folder),
        "format": kind,
        "added": [{"run_id": one.run_id, "files": one.files} for one in added],
        "before": before,
    }

    def people(out: Console) -> None:
        from sim.cli import terminal

        files = [file for one in added for file in one.files.values()]
        size = terminal.size(sum(int(file["bytes"]) for file in files))
        terminal.fact(out, "Added", f"{len(added):,} runs, {len(files):,} files, {size}")
        terminal.fact(out, "Before", f"{before:,} runs, left as they are")
        terminal.fact(out, "Folder", printable(str(folder)))

    output.answer(data, people, (one.run_id for one in added))
