"""Commands that run a market."""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import PacelineError
from entities.messages import printable
from sim.cli.errors import Stops, silent, warn
from sim.cli.options import (
    ADS,
    Db,
    Debug,
    Events,
    Json,
    Note,
    Quiet,
    Scenario,
    Seed,
    SettingsOption,
    Tags,
    Workers,
    currency_of,
    database_name,
    listener,
    next_command,
    option,
    print_json,
    say,
    version,
)
from sim.cli.rollback import database, file_of, folder, name_of, waiting_for_commit

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from analysis.runs.stored import StoredRun
    from scenarios.models import Listing

LONG_S = 10
"""Seconds from which the summary has the memory and disk that a run took."""


def simulate(
    ctx: typer.Context,
    scenario: Scenario = "full",
    db: Db = ADS,
    seed: Seed = None,
    settings: SettingsOption = None,
    workers: Workers = None,
    events: Events = None,
    note: Note = "",
    tags: Tags = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Run a market with all active line items, and add its hourly rows to the database."""
    asked = Asked(scenario, db, settings or [], seed, workers, events, note, tags or [], as_json, quiet)
    ran = _run(asked, ctx.obj or Stops())
    if as_json:
        print_json(_headline(ran) | _overspent(ran))
    elif quiet:
        typer.echo(ran.report.run_id)
    else:
        from sim.cli import terminal

        _summary(ran)
        kept = ["--events", str(events)] if events else []
        next_command(terminal.console(sys.stdout), "audit", ran.report.run_id, *kept, db=db)


def demo(
    ctx: typer.Context,
    db: Annotated[
        str | None, option("--db", "PATH|URL", "A database to keep; else a new one.", callback=database_name)
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Show in a minute what Paceline does: a small market, what it delivered, and what to try next."""
    folder = None if db else Path(tempfile.mkdtemp(prefix="paceline-demo-"))
    name = db or str(folder and folder / "demo.db")
    say(listener(as_json, quiet), "Two campaigns bid for ads on the screens of 4,000 viewers, for two days.")
    try:
        ran = _run(Asked("smoke", name, tags=["demo"], as_json=as_json, quiet=quiet), ctx.obj or Stops())
    except BaseException:
        if folder:
            with suppress(OSError):
                folder.rmdir()  # its database is gone by now
        raise
    if as_json:
        print_json({"database": name_of(ran.engine), **_headline(ran)})
    elif quiet:
        typer.echo(ran.report.run_id)
    else:
        from sim.cli import printed, terminal

        _summary(ran)
        lines = [("export DATABASE_URL=" + shlex.quote(name), "this database, for what follows")]
        printed.tries(terminal.console(sys.stdout), (lines if "://" not in name else []) + TRIES)


TRIES = [
    ("paceline audit", "check the run against the laws of the market"),
    ("paceline simulate smoke --set market.auction=second_price", "what would another auction cost?"),
    ("paceline create-profile --name high_cpm_tv_awareness", "a rival, who bids from the next run on"),
    ("paceline runs", "the runs so far, side by side"),
    ("paceline scenario new mine", "a scenario of your own, to change"),
    ("paceline simulate --db ads.db", "the full market: seven campaigns, 46 days, a minute"),
]
"""What to try after the demo, and why."""


@dataclass(frozen=True)
class Asked:
    """The options of a run."""

    scenario: str
    db: str
    settings: Sequence[str] = ()
    seed: int | None = None
    workers: int | None = None
    events: Path | None = None
    note: str = ""
    tags: Sequence[str] = ()
    as_json: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Ran:
    """A finished run, and what it took."""

    asked: Asked
    engine: Engine
    report: StoredRun
    made: list[str]
    memory_bytes: int
    """Peak of the process."""
    disk_bytes: int
    """Growth of the database and of the folder of events."""


def _run(asked: Asked, stops: Stops) -> Ran:
    stream = listener(asked.as_json, asked.quiet)
    target = "" if "://" in asked.db else f", into {asked.db}"  # a URL may hold a password
    say(stream, f"Paceline {version()}: simulating {printable(asked.scenario)}{target}")

    from analysis.runs import simulate as runs
    from analysis.runs.playing import available_workers
    from scenarios.loader import load
    from sim import kernels
    from sim.cli.progress import RunProgress
    from sim.cli.terminal import console
    from sim.kernels.cache import is_compiled

    loaded = load(asked.scenario, [*asked.settings, *([] if asked.seed is None else [f"seed={asked.seed}"])])
    threads = available_workers(asked.workers)
    market = loaded.scenario.market
    say(
        stream,
        f"{market.population.viewers:,} viewers, {market.horizon.hours:,} hours from"
        f" {market.horizon.start:%Y-%m-%d}, seed {loaded.scenario.seed},"
        f" {threads} worker{'s' if threads > 1 else ''}",
    )
    ready = is_compiled(kernels.serve_pods if market.pods.dynamic else kernels.serve_slots)
    first = "preparing the market" if ready else "compiling, once; about 10 seconds"
    try:
        with (
            database(asked.db, create=True) as (engine, _),
            folder(asked.events),
            waiting_for_commit(engine, stops),
            RunProgress(console(stream), first) as watch,
        ):
            size = _bytes(engine, asked.events)
            report = runs.simulate(
                engine,
                loaded,
                workers=threads,
                events=asked.events,
                watch=watch,
                warn=silent if asked.quiet else warn,
                note=asked.note,
                tags=asked.tags,
            )
            grown = _bytes(engine, asked.events) - size
    except KeyboardInterrupt as error:
        raise PacelineError(f"{error}; nothing was stored, the database is as it was") from error
    made = [_campaign(loaded.listings[name], name) for name in report.created]
    return Ran(asked, engine, report, made, _peak(), grown)


def _bytes(engine: Engine, events: Path | None) -> int:
    files = [file_of(engine), *(events.rglob("*") if events else ())]
    return sum(file.stat().st_size for file in files if file and file.is_file())


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _campaign(listing: Listing, name: str) -> str:
    return listing.campaign.name if "." in name else name


def _headline(ran: Ran) -> dict[str, Any]:
    report = ran.report
    figures = ("seed", "digest", "auctions", "impressions", "spend_micros")
    return {
        "run_id": report.run_id,
        "scenario": report.scenario.name,
        **{name: getattr(report, name) for name in figures},
        "seconds": round(report.seconds, 3),
        "auctions_per_second": round(report.auctions / report.seconds),
        "peak_rss_bytes": ran.memory_bytes,
        "workers": report.workers,
        "disk_bytes": ran.disk_bytes,
    }


def _overspent(ran: Ran) -> dict[str, Any]:
    passed = ran.report.overspends
    return {"overspent": [one._asdict() for one in passed]} if passed else {}


def _summary(ran: Ran) -> None:
    from analysis.delivery import report as delivery
    from analysis.runs import stored
    from entities import registry
    from sim.cli import printed, printed_runs, terminal

    out, engine, report = terminal.console(sys.stdout), ran.engine, ran.report
    with registry.session(engine, writes=False) as reader:
        rows, tables = report.summary, stored.table_rows(reader)
        currency, seen = currency_of(reader), set(rows["line_item_id"])
        leaks, converted = delivery.leaks(report), delivery.conversions(report)
        passed = report.overspends
        idle = [item.name for item in registry.active_line_items(reader) if item.id not in seen]
    engine.dispose()
    terminal.fact(out, "Run", report.run_id)
    terminal.fact(out, "Created", ", ".join(ran.made) or "nothing, every campaign was there", wrap=True)
    if report.joined:
        # The registry is shared: what other scenarios or commands put there competes too.
        terminal.fact(out, "Joined by", f"{'; '.join(report.joined)}: active in the registry", wrap=True)
    printed_runs.delivery(out, rows, currency)
    printed.overspent(out, passed, currency)
    if idle:
        terminal.fact(out, "Idle", f"{'; '.join(idle)}: no flight in these days", wrap=True)
    if len(converted):
        each = (f"{item}: {view:,} and {click:,}" for item, view, click in converted.iter_rows())
        terminal.fact(out, "Converted", f"after a view and a click, {'; '.join(each)}", wrap=True)
    if len(leaks):
        each = (f"{item}: {beyond} of {billed} impressions" for item, beyond, billed in leaks.iter_rows())
        terminal.fact(out, "Leaked", f"beyond a cap of their viewer, {'; '.join(each)}", wrap=True)
    rate = terminal.short(report.auctions / report.seconds)
    terminal.fact(out, "Auctions", f"{report.auctions:,} in {report.seconds:.1f} s, {rate} a second")
    if report.seconds >= LONG_S:
        needed = f"{terminal.size(ran.memory_bytes)} of memory and {terminal.size(ran.disk_bytes)} of disk"
        terminal.fact(out, "Took", f"{report.seconds:.0f} s, {needed}")
    terminal.fact(out, "Digest", report.digest)
    printed_runs.database(out, name_of(engine), file_of(engine), tables)
