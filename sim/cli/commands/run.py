"""Commands that run a market."""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

import sim
from entities.errors import InputError, PacelineError
from entities.messages import printable
from sim.cli import options
from sim.cli.errors import STORED, without_password
from sim.cli.options import ADS, Output, next_command
from sim.cli.stops import Stops
from sim.engine.executors.chosen import chosen

if TYPE_CHECKING:
    from rich.console import Console

    from analysis.runs.stored import StoredRun


def simulate(
    ctx: typer.Context,
    scenario: options.ScenarioName = "full",
    db: options.Db = ADS,
    seed: options.Seed = None,
    settings: options.Changes = None,
    workers: options.Workers = None,
    executor: options.ExecutorName = "threads",
    address: options.Address = None,
    events: options.Events = None,
    events_of: options.EventsOf = "all",
    keep_every: options.KeepEvery = "minutes:5",
    note: options.Note = "",
    tags: options.Tags = None,
    allow_code: options.AllowCode = False,
    anyway: options.Anyway = False,
    *,
    output: Output,
) -> None:
    """Run a market with all active line items, and add its hourly rows to the database."""
    kept: dict[str, Any] = {"note": note, "tags": tags or (), "executor": chosen(executor, address)}
    kept |= {
        "anyway": anyway,
        "events": events,
        "events_of": events_of,
        "allow_code": allow_code,
        "keep_every": keep_every,
    }
    ran = _run(ctx, scenario, db, output, settings or (), seed=seed, workers=workers, **kept)

    def people(out: Console) -> None:
        summary(out, ran)
        where = ["--events", str(events)] if ran.kept else []
        where += ["--allow-code"] if any(part.described for part in ran.run.book.parts) else []
        next_command(out, "audit", ran.run.run_id, *where, db=db)

    passed = [one._asdict() for one in ran.run.overspends]
    output.answer(headline(ran) | ({"overspent": passed} if passed else {}), people, [ran.run.run_id])


def demo(
    ctx: typer.Context,
    db: Annotated[
        str | None,
        options.option("PATH|URL", "A database to keep; else a new one.", callback=options.database_name),
    ] = None,
    *,
    output: Output,
) -> None:
    """Show in a minute what Paceline does: a small market, what it delivered, and what to try next."""
    folder = None if db else Path(tempfile.mkdtemp(prefix="paceline-demo-"))
    name = db or str(folder and folder / "demo.db")
    output.say("Two campaigns bid for ads on the screens of 4,000 viewers, for two days.")
    try:
        ran = _run(ctx, "smoke", name, output, tags=["demo"])
    except BaseException:
        if folder:
            with suppress(OSError):
                folder.rmdir()  # its database is gone by now
        raise

    from entities import registry

    def people(out: Console) -> None:
        from sim.cli.terminal import fact

        summary(out, ran)
        lines = [("export DATABASE_URL=" + shlex.quote(name), "this database, for what follows")]
        for place, (command, why) in enumerate((lines if "://" not in name else []) + TRIES):
            fact(out, "" if place else "Try next", f"# {why}")
            fact(out, "", command)

    output.answer({"database": registry.name_of(ran.run.engine), **headline(ran)}, people, [ran.run.run_id])


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
class Ran:
    """A finished run, and what it took."""

    run: StoredRun
    created: list[str]
    memory_bytes: int
    """Peak of the process."""
    disk_bytes: int
    """Growth of the database, and all of the events."""
    kept: Kept | None
    """Its events; None without any."""


class Kept(NamedTuple):
    """What a run wrote of its events."""

    folder: str
    of: str
    files: int
    events: int
    bids: int | None
    """None where only events are kept."""
    bytes: int
    """Of all files, the manifest too."""


def _run(
    ctx: typer.Context,
    scenario: str,
    db: str,
    output: Output,
    settings: Sequence[str] = (),
    *,
    seed: int | None = None,
    workers: int | None = None,
    events: Path | None = None,
    events_of: str = "all",
    keep_every: str = "minutes:5",
    allow_code: bool = False,
    **kept: Any,
) -> Ran:
    from analysis.runs.rollback import database, folder
    from entities import registry

    _check_events(events_of, events)
    stops = ctx.obj or Stops()
    try:
        with (
            database(db, create=True) as (engine, _),
            folder(events),
            stops.held_by(engine),
            ExitStack() as code,
        ):
            where = registry.name_of(engine)
            named = printable(without_password(scenario))
            output.say(f"Paceline {sim.__version__}: simulating {named}, into {where}")

            # Their import takes a second or two, and the line above is there by then.
            from analysis.rows.events_of import events_of as read_events_of
            from analysis.runs import simulate as runs
            from analysis.runs.checkpoints import every
            from analysis.runs.playing import available_workers
            from sim import external, kernels
            from sim.cli.asked import asked
            from sim.cli.progress import COMPILING, RunProgress, Taken
            from sim.engine.batch import loop_of
            from sim.kernels.cache import is_compiled

            code.enter_context(external.code(allow_code, beside=_file(scenario)))
            more = [] if seed is None else [f"seed={seed}"]
            loaded, threads = (
                asked(scenario, settings, output, *more, engine=engine),
                available_workers(workers),
            )
            market = loaded.scenario.market
            output.say(
                f"{market.population.viewers:,} viewers, {market.horizon.hours:,} hours from"
                f" {market.horizon.start:%Y-%m-%d}, seed {loaded.scenario.seed},"
                f" {threads} worker{'s' if threads > 1 else ''}"
            )
            bids_of = read_events_of(events_of).bids_of
            items = sum(len(one.campaign.line_items) for one in loaded.listings.values())
            loop = loop_of(kernels, items, bids_of, dynamic=market.pods.dynamic)
            ready = is_compiled(loop)
            first = "preparing the market" if ready else COMPILING
            size, before = registry.size_of(engine), _size(events)

            def taken() -> Taken:
                return Taken(peak(), _size(events) - before if events else None)

            with RunProgress(output.progress, first, taken=taken) as progress:
                run = runs.simulate(
                    engine,
                    loaded,
                    workers=threads,
                    events=events,
                    events_of=read_events_of(events_of),
                    keep_every=every(keep_every),
                    progress=progress,
                    warn=output.warn,
                    say=progress.say,
                    **kept,
                )
                ctx.meta[STORED] = run.run_id
            wrote = written_events(run)
            grown = registry.size_of(engine) - size + (wrote.bytes if wrote else 0)
    except KeyboardInterrupt as error:
        raise interrupted(error) from error
    created = [loaded.listings[name].campaign.name if "." in name else name for name in run.created]
    return Ran(run, created, peak(), grown, wrote)


def interrupted(error: KeyboardInterrupt) -> PacelineError:
    """Return what is said of an interrupted run, and how it goes on."""
    nothing = f"{error}; nothing was stored, the database is as it was"
    return PacelineError("; ".join([nothing, *getattr(error, "__notes__", ())]))


def _file(scenario: str) -> Path | None:
    path = Path(scenario)
    with suppress(OSError):  # of a name that is too long, which is refused where it is read
        return path if path.is_file() else None
    return None


def _check_events(events_of: str, events: Path | None) -> None:
    if events_of != "all":  # before what takes a second to import
        from analysis.rows.events_of import check_folder
        from analysis.rows.events_of import events_of as read_events_of

        check_folder(read_events_of(events_of), events)


def _size(folder: Path | None) -> int:
    # Files of other runs may go meanwhile.
    total = 0
    for file in folder.rglob("*") if folder else ():
        with suppress(OSError):
            total += file.stat().st_size if file.is_file() else 0
    return total


def written_events(run: StoredRun) -> Kept | None:
    """Return what a run wrote of its events, None for nothing, or what stays hidden."""
    if run.events_folder is None:
        return None
    from analysis.rows.events import events_folder
    from analysis.rows.manifest import read_manifest

    try:
        manifest, folder = (
            read_manifest(run.events_folder, run.run_id),
            events_folder(run.events_folder, run.run_id),
        )
    except InputError:  # hidden still, of which there was a warning
        return None
    bids = manifest.bids.rows if manifest.bids else None
    return Kept(
        str(folder), str(manifest.events), len(manifest.every_file), manifest.rows, bids, _size(folder)
    )


def peak() -> int:
    """Return the most bytes of memory that this process has had."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def headline(ran: Ran) -> dict[str, Any]:
    """Return the figures of a finished run as JSON has them."""
    run = ran.run
    figures = ("seed", "digest", "auctions", "impressions", "spend_micros")
    return {
        "run_id": run.run_id,
        "scenario": run.scenario.name,
        **{name: getattr(run, name) for name in figures},
        "seconds": round(run.seconds, 3),
        "auctions_per_second": round(run.auctions / run.seconds),
        "peak_rss_bytes": ran.memory_bytes,
        "workers": run.workers,
        "disk_bytes": ran.disk_bytes,
        "events": ran.kept and ran.kept._asdict(),
    }


_NAMED = 12
"""Campaigns that are told by name as created."""


def summary(out: Console, ran: Ran) -> None:
    """Print what came of a finished run."""
    from analysis.delivery import report as delivery
    from analysis.runs import stored
    from entities import registry
    from sim.cli import printed, progress, terminal

    run, engine = ran.run, ran.run.engine
    with registry.session(engine, writes=False) as reader:
        tables, seen = stored.table_rows(reader), set(run.summary["line_item_id"])
        idle = [item.name for item in registry.active_line_items(reader) if item.id not in seen]
    engine.dispose()
    terminal.fact(out, "Run", run.run_id)
    more = len(ran.created) - _NAMED
    names = [*ran.created[:_NAMED], *([f"and {more:,} more campaigns"] if more > 0 else ())]
    terminal.fact(out, "Created", ", ".join(names) or "nothing, every campaign was there", wrap=True)
    if run.joined:
        # The registry is shared: what other scenarios or commands put there competes too.
        terminal.fact(out, "Joined by", f"{'; '.join(run.joined)}: active in the registry", wrap=True)
    printed.delivery(out, run.summary, run.gaps, run.currency)
    printed.overspent(out, run.overspends, run.currency)
    if idle:
        terminal.fact(out, "Idle", f"{'; '.join(idle)}: no flight in these days", wrap=True)
    if len(converted := delivery.conversions(run)):
        each = (f"{item}: {view:,} and {click:,}" for item, view, click in converted.iter_rows())
        terminal.fact(out, "Converted", f"after a view and a click, {'; '.join(each)}", wrap=True)
    if len(leaks := delivery.leaks(run)):
        each = (f"{item}: {beyond} of {billed} impressions" for item, beyond, billed in leaks.iter_rows())
        terminal.fact(out, "Leaked", f"beyond a cap of their viewer, {'; '.join(each)}", wrap=True)
    rate = terminal.short(run.auctions / run.seconds)
    terminal.fact(out, "Auctions", f"{run.auctions:,} in {run.seconds:.1f} s, {rate} a second")
    if run.seconds >= progress.LONG_S:
        needed = f"{terminal.size(ran.memory_bytes)} of memory and {terminal.size(ran.disk_bytes)} of disk"
        terminal.fact(out, "Took", f"{run.seconds:.0f} s, {needed}")
    terminal.fact(out, "Digest", run.digest)
    if ran.kept:
        terminal.fact(out, "Events", _told(ran.kept))
    printed.database(out, registry.name_of(engine), registry.size_of(engine), tables)


def _told(kept: Kept) -> str:
    from sim.cli.terminal import size

    rows = [f"{kept.events:,} events", *([] if kept.bids is None else [f"{kept.bids:,} bids"])]
    of = "" if kept.of == "all" else f" of {kept.of}"
    return f"{printable(kept.folder)}: {' and '.join(rows)}{of} in {kept.files} files, {size(kept.bytes)}"
