"""The verb that shows a notebook in the browser."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

import analysis
from sim.cli import completion
from sim.cli.errors import choice, no_option, whole
from sim.cli.options import ADS, Db, Debug

HERE = Path(analysis.__file__).parent / "notebooks"
HOST = "127.0.0.1"
"""Nobody else on the network is shown a run, or given an editor that can do whatever its user can."""


def names() -> list[str]:
    """Return what notebooks there are, in alphabetical order."""
    return sorted(path.stem for path in HERE.glob("*.py"))


def notebook(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            parser=choice(names()),
            autocompletion=completion.of(names()),
            help=f"One of {', '.join(names())}.",
        ),
    ] = "delivery",
    db: Db = ADS,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            callback=no_option,
            autocompletion=completion.runs,
            metavar="RUN",
            help="The run that is shown first; the latest where left out.",
        ),
    ] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Open an editor with the code instead.")] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", parser=whole(1, 65535), metavar="N", help="A port; else the first that is free."
        ),
    ] = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="Open no browser, only print the address.")
    ] = False,
    _debug: Debug = False,
) -> None:
    """Show the runs of a database in the browser, on this machine only, until Ctrl-C."""
    from analysis.runs import stored
    from sim.cli.rollback import database

    with database(db) as (engine, _):
        stored.find(engine, run)
    if port is not None:
        _check_free(port)
    # In the place of this process: the port, the browser and Ctrl-C are marimo's from here on.
    sys.stdout.flush()
    os.execve(sys.executable, command(name, run, edit=edit, port=port, headless=headless), _environment(db))  # noqa: S606 - no shell


def command(name: str, run: str | None, *, edit: bool, port: int | None, headless: bool) -> list[str]:
    """Return the call of marimo that shows a notebook, or opens it to be edited."""
    options = ["--host", HOST]
    options += ["--port", str(port)] if port else []
    options += ["--headless"] if headless else []
    chosen = ["--", "--run", run] if run else []
    verb = "edit" if edit else "run"
    return [sys.executable, "-m", "marimo", verb, *options, str(HERE / f"{name}.py"), *chosen]


def _environment(db: str) -> dict[str, str]:
    # Not an argument: a URL may hold a password, and arguments are for everybody to see.
    return {**os.environ, "DATABASE_URL": db, "MARIMO_SKIP_UPDATE_CHECK": "1"}


def _check_free(port: int) -> None:
    from entities.errors import InputError

    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind((HOST, port))
        except OSError as error:
            raise InputError(
                f"--port {port}: {(error.strerror or str(error)).lower()}; name another one"
            ) from None
