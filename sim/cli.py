"""The command `paceline`: it reads what was asked for, runs it and prints what came out."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from entities.errors import PacelineError
from sim.front import DEBUG, FOUND, Front, Stops, clean, no_option, whole
from sim.intact import database, file_of, folder, name_of, waiting_for_commit

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from analysis.runs import RunReport
    from scenarios.models import Listing

# Heavy imports wait until a command needs them: help comes at once, and so does the first line of a run.

ADS = "ads.db"
MOST_SEED = 2**63 - 1
MOST_WORKERS = 256

app = typer.Typer(
    cls=Front,
    help="Simulate streaming-TV ad auctions, impression by impression, and study how campaigns pace.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line of this process."""
    stops = Stops().install()
    try:
        app(prog_name="paceline", obj=stops)
    finally:
        stops.ignore()


def _version(value: bool) -> None:
    if value:
        typer.echo(f"paceline {_our_version()}")
        raise typer.Exit


def _our_version() -> str:
    from importlib import metadata

    return metadata.version("paceline")


def _debug(ctx: typer.Context, value: bool) -> None:
    if value:
        ctx.meta[DEBUG] = True


Db = Annotated[
    str,
    typer.Option(
        "--db",
        envvar="DATABASE_URL",
        callback=no_option,
        metavar="PATH|URL",
        help="The database, a file or a SQLAlchemy URL.",
    ),
]
Events = Annotated[
    Path | None,
    typer.Option(
        "--events", callback=no_option, readable=False, metavar="DIR", help="Folder of the events as Parquet."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Debug = Annotated[
    bool, typer.Option("--debug", callback=_debug, is_eager=True, help="Show the traceback of an error.")
]


@app.callback()
def _front(
    ctx: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    _debug: Debug = False,
) -> None:
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command("init-db")
def init_db(db: Db = ADS, _debug: Debug = False) -> None:
    """Create the database and its tables; leave one that is there as it is."""
    with database(db, create=True) as (engine, fresh):
        done = "created" if fresh else "is ready"
        typer.echo(f"{name_of(engine)} {done}")


@app.command("create-example")
def create_example(
    template: Annotated[
        Path | None,
        typer.Option(
            "--template", readable=False, metavar="FILE", help="YAML file of examples; ours where left out."
        ),
    ] = None,
    example: Annotated[
        list[str] | None,
        typer.Option("--example", metavar="NAME", help="Which one, repeatable; all where left out."),
    ] = None,
    db: Db = ADS,
    _debug: Debug = False,
) -> None:
    """Add complete example campaigns to the database, which compete in the next simulate."""
    from scenarios import loader

    file = template or loader.DEFAULT_EXAMPLES
    if example:
        _create(db, {name: loader.example(name, file) for name in example})
    else:
        _create(db, loader.examples(file))


@app.command("create-profile")
def create_profile(
    name: Annotated[
        list[str] | None,
        typer.Option("--name", metavar="NAME", help="Which one, repeatable; all where left out."),
    ] = None,
    db: Db = ADS,
    _debug: Debug = False,
) -> None:
    """Add campaigns of typical profiles to the database, which compete in the next simulate."""
    from scenarios import loader

    _create(db, {each: loader.profile(each) for each in name or loader.names(loader.PROFILES)})


def _create(db: str, listings: dict[str, Listing]) -> None:
    from analysis.runs import create
    from entities import registry

    with database(db) as (engine, _), registry.session(engine) as opened:
        made = {name: create(opened, listing) for name, listing in listings.items()}
        opened.commit()
        for name, new in made.items():
            listing = listings[name]
            whose = f"{listing.advertiser.name}, {listing.campaign.name}"
            typer.echo(f"{name}: {'created' if new else 'is there already'} ({whose})")


@app.command()
def simulate(
    ctx: typer.Context,
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO]", help="A market's name, or the path of a YAML file.")
    ] = "full",
    db: Db = ADS,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", parser=whole(0, MOST_SEED), metavar="N", help="Seed, the same as --set seed=N."
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change a value of the scenario, repeatable."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            parser=whole(1, MOST_WORKERS),
            metavar="N",
            help="Threads, one for each processor where left out; the result is the same.",
        ),
    ] = None,
    events: Events = None,
    as_json: Json = False,
    _debug: Debug = False,
) -> None:
    """Run a market with all active line items, and add its hourly rows to the database."""
    # Told to whoever watches; a stderr that is no terminal holds errors and nothing else.
    told = sys.stderr if sys.stderr.isatty() else None if as_json else sys.stdout
    goes_to = "" if "://" in db else f", into {db}"  # a URL may hold a password
    _say(told, f"Paceline {_our_version()}: simulating {clean(scenario)}{goes_to}")

    from analysis import runs
    from scenarios.loader import load
    from sim.terminal import Watcher, console

    loaded = load(scenario, [*(settings or []), *([] if seed is None else [f"seed={seed}"])])
    threads = runs.available_workers(workers)
    market = loaded.scenario.market
    _say(
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
            report = runs.simulate(engine, loaded, workers=threads, events=events, watch=watch)
    except KeyboardInterrupt as error:
        raise PacelineError(f"{error}; nothing was stored, the database is as it was") from error
    if as_json:
        _print_json(_headline(report))
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
        currency, seen = _currency(reader), set(rows["line_item_id"])
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


@app.command()
def status(db: Db = ADS, as_json: Json = False, _debug: Debug = False) -> None:
    """Show what a database holds: its size, the rows of each table, and its runs."""
    from analysis import delivery
    from entities import registry
    from sim import terminal

    with database(db) as (engine, _), registry.session(engine, writes=False) as reader:
        tables, runs, currency = delivery.table_rows(reader), delivery.runs(reader), _currency(reader)
    file = file_of(engine)
    if as_json:
        _print_json(
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


@app.command()
def audit(
    run: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="A run's id; the latest where left out.")
    ] = None,
    db: Db = ADS,
    events: Events = None,
    as_json: Json = False,
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
        _print_json(
            {"run_id": found.run_id, "scenario": found.scenario, "events": found.events, "laws": laws}
        )
    else:
        terminal.audit(terminal.console(sys.stdout), found)
    if found.broken:
        raise typer.Exit(FOUND)


def _say(told: TextIO | None, text: str) -> None:
    if told:
        typer.echo(text, file=told)


def _compiled() -> bool:
    """Return whether the kernel is in numba's cache, so that nobody waits for its compilation."""
    from sim.kernels import serve

    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    cache = serve.stats.cache_path or ""
    return any(Path(cache).glob(f"serve.serve-*.{version}*.nbi"))


def _currency(reader: Session) -> str:
    from sqlalchemy import select

    from entities import registry

    return (reader.scalar(select(registry.Campaign.currency).limit(1)) or registry.Currency.usd).value


def _print_json(what: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(what, indent=2, ensure_ascii=False))
