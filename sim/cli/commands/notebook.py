"""The command that shows a notebook in the browser, or writes it down for Jupyter."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

import analysis
from entities.errors import InputError
from entities.messages import printable, reason
from sim.cli import completion
from sim.cli.echo import echo
from sim.cli.errors import integer, no_option
from sim.cli.options import ADS, Db, argument, one_of, option

HERE = Path(analysis.__file__).parent / "notebooks"
HOST = "127.0.0.1"
"""Only this machine: an editor can do whatever its user can."""


def names() -> list[str]:
    """Return the names of the notebooks in alphabetical order."""
    return sorted(path.stem for path in HERE.glob("*.py"))


def shows(name: str) -> str:
    """Return what a notebook shows, the first line of its file."""
    return _docstring(name).partition("\n")[0]


def needs(name: str) -> str:
    """Return what a notebook needs of the database, as its file says: `a run`, `a study` or `nothing`."""
    found = re.search(r"^Needs: (.*)\.$", _docstring(name), re.MULTILINE)
    return found[1] if found else "nothing"


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
    ipynb: Annotated[
        Path | None,
        option("FILE", "Write it for Jupyter instead, with what it shows.", callback=no_option),
    ] = None,
    port: Annotated[
        int | None, option("N", "A port; else the first that is free.", parser=integer(1, 65535))
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Open no browser; print the address.")] = False,
) -> None:
    """Show a database in the browser, on this machine only, until Ctrl-C.

    `paceline list notebooks` says what each of them shows.
    """
    _check_there(name, db, run)
    # The database is not an argument: a URL may hold a password, and arguments are for everybody to see.
    environment = {**os.environ, "DATABASE_URL": db, "MARIMO_SKIP_UPDATE_CHECK": "1"}
    if ipynb is not None:
        if edit or port or headless:
            raise InputError("--ipynb writes a file: it opens neither an editor nor a browser")
        _write(name, run, ipynb, environment)
        return
    if port is not None:
        _check_free(port)
    # In the place of this process: from here on marimo owns the port, the browser and Ctrl-C.
    sys.stdout.flush()
    os.execve(sys.executable, command(name, run, edit=edit, port=port, headless=headless), environment)  # noqa: S606 - no shell


def command(name: str, run: str | None, *, edit: bool, port: int | None, headless: bool) -> list[str]:
    """Return the call of marimo that shows a notebook, or opens it to be edited."""
    options = [*(["--port", str(port)] if port else []), *(["--headless"] if headless else [])]
    marimo = [sys.executable, "-m", "marimo", "edit" if edit else "run", "--host", HOST]
    return [*marimo, *options, str(HERE / f"{name}.py"), *_chosen(run)]


def _chosen(run: str | None) -> list[str]:
    return ["--", "--run", run] if run else []


def _docstring(name: str) -> str:
    # Read and not run: to import it would load all that it draws with.
    text = (HERE / f"{name}.py").read_text(encoding="utf-8")
    return text.partition('"""')[2].partition('"""')[0]


def _check_there(name: str, db: str, run: str | None) -> None:
    from analysis.runs import stored
    from analysis.runs.rollback import database

    needed = needs(name)
    if run is not None and needed != "a run":
        raise InputError(f"--run {run}: the notebook {name} shows no run")
    if needed == "nothing":
        return
    with database(db) as (engine, _):
        if needed == "a run":
            stored.find(engine, run)
            return
        from analysis.study import found
        from entities import registry

        if not found.names(engine):
            name = registry.name_of(engine)
            raise InputError(f"there is no study in {name}; `paceline study caps` makes one")


def _write(name: str, run: str | None, file: Path, environment: dict[str, str]) -> None:
    if file.is_dir() or not file.absolute().parent.is_dir():
        what = "is a folder; name a file" if file.is_dir() else f"there is no folder {file.parent}"
        raise InputError(f"--ipynb {file}: {what}")
    if file.exists():
        raise InputError(f"--ipynb {file}: is there already; name another one")
    if find_spec("nbformat") is None:
        raise InputError("--ipynb: needs nbformat; pip install 'paceline[ipynb]'")
    # Of a copy: marimo leaves what is shown in the folder of the notebook as well.
    with TemporaryDirectory() as folder:
        copy = shutil.copy(HERE / f"{name}.py", folder)
        export = [sys.executable, "-m", "marimo", "export", "ipynb", copy]
        export += ["--output", str(file.absolute()), "--include-outputs", *_chosen(run)]
        done = subprocess.run(export, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        file.unlink(missing_ok=True)
        lines = done.stderr.strip().splitlines() or ["marimo could not write it"]
        raise InputError(f"--ipynb {file}: {printable(lines[-1])}")
    echo(f"Written    {file}")


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise InputError(f"--port {port}: {reason(error)}; name another one") from None
