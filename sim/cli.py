"""The command `paceline`: which verbs there are, and what they are called."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.commands import booking, catalogue, create, history, run, scenario
from sim.commands.options import Debug, version
from sim.front import Front, Stops

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
        typer.echo(f"paceline {version()}")
        raise typer.Exit


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


app.command("init-db")(create.init_db)
app.command("create-advertiser")(booking.create_advertiser)
app.command("create-campaign")(booking.create_campaign)
app.command("create-example")(create.create_example)
app.command("create-profile")(create.create_profile)
app.command()(run.demo)
app.command()(run.simulate)
app.command()(history.status)
app.add_typer(history.runs_app, name="runs")
app.command()(history.audit)
app.command()(history.reproduce)
app.command("list")(catalogue.list_)
app.add_typer(scenario.app, name="scenario")
