"""Verbs that look back: what a database holds, its runs, and whether a run kept the laws."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sim.commands import completion
from sim.commands.options import ADS, Db, Debug, Events, Json, Quiet, currency_of, print_json
from sim.front import FOUND
from sim.intact import database, file_of, name_of


def status(db: Db = ADS, as_json: Json = False, _debug: Debug = False) -> None:
    """Show what a database holds: its size, the rows of each table, and its runs."""
    from analysis import delivery
    from entities import registry
    from sim import terminal

    with database(db) as (engine, _), registry.session(engine, writes=False) as reader:
        tables, runs, currency = delivery.table_rows(reader), delivery.runs(reader), currency_of(reader)
    file = file_of(engine)
    if as_json:
        print_json(
            {
                "database": name_of(engine),
                "bytes": file.stat().st_size if file else None,
                "schema": registry.SCHEMA_VERSION,
                "rows": tables,
                "runs": [
                    {name: run[name] for name in _RUN} | {"started_at": run["started_at"].isoformat()}
                    for run in runs.to_dicts()
                ],
            }
        )
        return
    out = terminal.console(sys.stdout)
    terminal.database(out, name_of(engine), file, tables)
    terminal.fact(out, "Schema", str(registry.SCHEMA_VERSION))
    if len(runs):
        terminal.finished(out, runs.to_dicts(), currency)
    else:
        terminal.fact(out, "Runs", "none yet; start one with: paceline simulate")


_RUN = (
    "run_id",
    "scenario",
    "seed",
    "digest",
    "auctions",
    "impressions",
    "spend_micros",
    "seconds",
    "workers",
)


def audit(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[RUN]", autocompletion=completion.runs, help="A run's id; the latest where left out."
        ),
    ] = None,
    db: Db = ADS,
    events: Events = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Check a finished run against the laws of the market; exit with 3 where one is broken."""
    from analysis.audit import audit as check
    from sim import terminal

    with database(db) as (engine, _):
        found = check(engine, run, events)
    if as_json:
        laws = [
            {
                "law": law.number,
                "name": law.name,
                "status": law.status.value,
                "checked": law.checked,
                "broken": law.broken,
                "findings": [finding._asdict() for finding in law.findings],
                "note": law.note,
            }
            for law in found.laws
        ]
        print_json({"run_id": found.run_id, "scenario": found.scenario, "events": found.events, "laws": laws})
    elif not quiet:
        terminal.audit(terminal.console(sys.stdout), found)
    if found.broken:
        raise typer.Exit(FOUND)
