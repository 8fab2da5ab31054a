"""Verbs that run a market."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from entities.errors import PacelineError
from sim.commands.options import (
    ADS,
    Db,
    Debug,
    Events,
    Json,
    Note,
    Quiet,
    Scenario,
    Seed,
    Settings,
    Tags,
    Workers,
    currency_of,
    print_json,
    say,
    version,
)
from sim.front import Stops, clean, unheard, warn
from sim.intact import database, file_of, folder, name_of, waiting_for_commit

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from analysis.runs import RunReport
    from scenarios.models import Listing


def simulate(
    ctx: typer.Context,
    scenario: Scenario = "full",
    db: Db = ADS,
    seed: Seed = None,
    settings: Settings = None,
    workers: Workers = None,
    events: Events = None,
    note: Note = "",
    tags: Tags = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Run a market with all active line items, and add its hourly rows to the database."""
    # Told to whoever watches; a stderr that is no terminal holds errors and nothing else.
    told = None if quiet else sys.stderr if sys.stderr.isatty() else None if as_json else sys.stdout
    goes_to = "" if "://" in db else f", into {db}"  # a URL may hold a password
    say(told, f"Paceline {version()}: simulating {clean(scenario)}{goes_to}")

    from analysis import runs
    from scenarios.loader import load
    from sim.terminal import Watcher, console

    loaded = load(scenario, [*(settings or []), *([] if seed is None else [f"seed={seed}"])])
    threads = runs.available_workers(workers)
    market = loaded.scenario.market
    say(
        told,
        f"{market.population.viewers:,} viewers, {market.horizon.hours:,} hours from"
        f" {market.horizon.start:%Y-%m-%d}, seed {loaded.scenario.seed},"
        f" {threads} worker{'s' if threads > 1 else ''}",
    )
    stops = ctx.obj or Stops()
    first = "preparing the market" if _compiled() else "compiling, once; about 10 seconds"
    try:
        with (
            database(db, create=True) as (engine, _),
            folder(events),
            waiting_for_commit(engine, stops),
            Watcher(console(told), first) as watch,
        ):
            report = runs.simulate(
                engine,
                loaded,
                workers=threads,
                events=events,
                watch=watch,
                warn=unheard if quiet else warn,
                note=note,
                tags=tags or (),
            )
    except KeyboardInterrupt as error:
        raise PacelineError(f"{error}; nothing was stored, the database is as it was") from error
    if as_json:
        print_json(_headline(report))
    elif quiet:
        typer.echo(report.run_id)
    else:
        made = [_campaign(loaded.listings[name], name) for name in report.made]
        _summary(engine, report, made, db, events)


def _campaign(listing: Listing, name: str) -> str:
    return listing.campaign.name if name.startswith("campaigns.") else name


def _headline(report: RunReport) -> dict[str, Any]:
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "run_id": report.run_id,
        "scenario": report.scenario,
        "seed": report.seed,
        "digest": report.digest,
        "auctions": report.auctions,
        "impressions": report.impressions,
        "spend_micros": report.spend_micros,
        "seconds": round(report.seconds, 3),
        "auctions_per_second": round(report.auctions / report.seconds),
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
        "workers": report.workers,
    }


def _summary(engine: Engine, report: RunReport, made: list[str], db: str, events: Path | None) -> None:
    from analysis import delivery
    from entities import registry
    from sim import terminal

    out = terminal.console(sys.stdout)
    with registry.session(engine, writes=False) as reader:
        rows, tables = delivery.summary(reader, report.run_id), delivery.table_rows(reader)
        currency, seen = currency_of(reader), set(rows["line_item_id"])
        idle = [item.name for item in registry.active_line_items(reader) if item.id not in seen]
    terminal.fact(out, "Run", report.run_id)
    terminal.fact(out, "Created", ", ".join(made) or "nothing, every campaign was there", wrap=True)
    terminal.delivery(out, rows, currency)
    if idle:
        terminal.fact(out, "Idle", f"{', '.join(idle)}: no flight in these days", wrap=True)
    rate = terminal.short(report.auctions / report.seconds)
    took = f"{report.auctions:,} in {report.seconds:.1f} s, {rate} a second"
    terminal.fact(out, "Auctions", took)
    terminal.fact(out, "Digest", report.digest)
    terminal.database(out, name_of(engine), file_of(engine), tables)
    options = [
        *(["--db", db] if db != ADS and "://" not in db else []),
        *(["--events", str(events)] if events else []),
    ]
    terminal.fact(out, "Next", shlex.join(["paceline", "audit", report.run_id, *options]))


def _compiled() -> bool:
    """Return whether the kernel is in numba's cache, so that nobody waits for its compilation."""
    from sim.kernels import serve

    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    cache = serve.stats.cache_path or ""
    return any(Path(cache).glob(f"serve.serve-*.{version}*.nbi"))
