"""The command `paceline`: its subcommands and their names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

import sim
from sim.cli.commands import (
    aggregate,
    catalogue,
    check_policy,
    compare,
    create,
    explain,
    export,
    forecast,
    history,
    notebook,
    realism,
    replay,
    resume,
    run,
    runs,
    scenario,
    study,
    upgrade,
    verify,
)
from sim.cli.echo import echo
from sim.cli.errors import CommandGroup
from sim.cli.options import Debug, command
from sim.cli.stops import Stops

app = typer.Typer(
    cls=CommandGroup,
    help="Simulate streaming-TV ad auctions, impression by impression, and study how campaigns pace.",
    invoke_without_command=True,
    epilog="Exit codes: 0 good; 1 a failed run, or one broken off with Ctrl-C; 2 bad input;"
    " 3 an audit, reproduction, scorecard, verification or contract found something.",
    rich_markup_mode=None,  # help as plain lines, which narrow terminals and pipes take as well
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(stops: Stops | None = None) -> None:
    """Run the command line of this process, whose signals *stops* handles already."""
    stops = stops or Stops().install()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the parent process
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end
    with suppress(AttributeError):  # what stands in for a stream may take any text
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a stream of ASCII shows ? for the rest
    try:
        app(prog_name="paceline", obj=stops)
    finally:
        stops.ignore()


def _version(value: bool) -> None:
    if value:
        echo(f"paceline {sim.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    ctx: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    _debug: Debug = False,
) -> None:
    if ctx.invoked_subcommand is None:
        echo(ctx.get_help())


COMMANDS: dict[str, tuple[Callable[..., None], str]] = {
    "demo": (run.demo, "See in a minute what Paceline does."),
    "init-db": (create.init_db, "Create the database and its tables."),
    "upgrade-db": (upgrade.upgrade_db, "Bring a database of an older version up to date."),
    "create-advertiser": (create.create_advertiser, "Add an advertiser."),
    "create-campaign": (create.create_campaign, "Add a campaign of an advertiser."),
    "create-example": (create.create_example, "Add complete example campaigns."),
    "create-profile": (create.create_profile, "Add campaigns of typical profiles."),
    "simulate": (run.simulate, "Run a market with all active line items."),
    "resume": (resume.resume, "Go on with a run that was broken off."),
    "status": (history.status, "Show what a database holds."),
    "compare": (compare.compare, "Hold two runs against each other."),
    "explain": (explain.explain, "Say why a line item delivered what it did."),
    "audit": (history.audit, "Check a run against the laws of the market."),
    "export": (export.export, "Write a run into files of other tools."),
    "aggregate": (aggregate.aggregate, "Make hourly rows of event files alone."),
    "reproduce": (history.reproduce, "Run a stored run again, and compare."),
    "realism": (realism.realism, "Hold a run against published figures."),
    "verify": (verify.verify, "Compare exact markets with theory."),
    "study": (study.study, "Compare markets over many seeds."),
    "check-policy": (check_policy.check_policy, "Hold a policy of your own against its contract."),
    "replay": (replay.replay, "Run a pacing policy alone on a recorded log."),
    "forecast": (forecast.forecast, "Say whether a booking can be had."),
    "notebook": (notebook.notebook, "Show runs in the browser, as charts and tables."),
    "list": (catalogue.list_, "List what there is to choose from."),
}
"""Each subcommand with its line in the help."""

for name, (function, line) in COMMANDS.items():
    app.command(name, short_help=line)(command(function))
app.add_typer(runs.app, name="runs", short_help="List runs, note, move and delete them.")
app.add_typer(scenario.app, name="scenario", short_help="Show, compare, describe and begin scenarios.")
