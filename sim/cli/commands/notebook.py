"""The command that shows a notebook in the browser."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

import analysis
from entities.messages import reason
from sim.cli import completion
from sim.cli.errors import integer, no_option
from sim.cli.options import ADS, Db, argument, one_of, option

HERE = Path(analysis.__file__).parent / "notebooks"
HOST = "127.0.0.1"
"""Only this machine: an editor can do whatever its user can."""


def names() -> list[str]:
    """Return the names of the notebooks in alphabetical order."""
    return sorted(path.stem for path in HERE.glob("*.py"))


def notebook(
    name: Annotated[str, argument("NAME", f"One of {', '.join(names())}.", **one_of(names()))] = "delivery",
    db: Db = ADS,
    run: Annotated[
        str | None,
        option(
            "RUN",
            "The run that is shown first; the latest where left out.",
            callback=no_option,
            autocompletion=completion.runs,
        ),
    ] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Open an editor with the code instead.")] = False,
    port: Annotated[
        int | None, option("N", "A port; else the first that is free.", parser=integer(1, 65535))
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Open no browser; print the address.")] = False,
) -> None:
    """Show the runs of a database in the browser, on this machine only, until Ctrl-C."""
    from analysis.runs import stored
    from analysis.runs.rollback import database

    with database(db) as (engine, _):
        stored.find(engine, run)
    if port is not None:
        _check_free(port)
    # The database is not an argument: a URL may hold a password, and arguments are for everybody to see.
    environment = {**os.environ, "DATABASE_URL": db, "MARIMO_SKIP_UPDATE_CHECK": "1"}
    # In the place of this process: from here on marimo owns the port, the browser and Ctrl-C.
    sys.stdout.flush()
    os.execve(sys.executable, command(name, run, edit=edit, port=port, headless=headless), environment)  # noqa: S606 - no shell


def command(name: str, run: str | None, *, edit: bool, port: int | None, headless: bool) -> list[str]:
    """Return the call of marimo that shows a notebook, or opens it to be edited."""
    options = [*(["--port", str(port)] if port else []), *(["--headless"] if headless else [])]
    chosen = ["--", "--run", run] if run else []
    marimo = [sys.executable, "-m", "marimo", "edit" if edit else "run", "--host", HOST]
    return [*marimo, *options, str(HERE / f"{name}.py"), *chosen]


def _check_free(port: int) -> None:
    from entities.errors import InputError

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise InputError(f"--port {port}: {reason(error)}; name another one") from None
