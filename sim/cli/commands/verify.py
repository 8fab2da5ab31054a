"""The command that compares exact markets with theory."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from entities.errors import InputError
from entities.messages import printable
from sim.cli.errors import FOUND, no_option, reason
from sim.cli.options import Debug, Json, Quiet, option, print_json


def verify(
    only: Annotated[
        str, option("--only", "WORDS", "Only what has all these words in subject or setting.")
    ] = "",
    page: Annotated[
        Path | None,
        option("--page", "FILE", "Write the table as Markdown, too.", callback=no_option),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Run exact markets and compare them with theory, in minutes; exit with 3 where one is off."""
    from analysis.verify import page as pages
    from analysis.verify.run import chosen, verify
    from sim.cli import printed, terminal

    began = time.perf_counter()
    checks = chosen(only.split())
    table = printed.Verification(terminal.console(None if as_json or quiet else sys.stdout))
    found = []
    for one in verify(checks):
        found.append(one)
        table.add(one)
    failed = [one for one in found if not one.row.passes]
    if as_json:
        rows = [
            {"subject": one.subject.name, "setting": one.check.setting, "measured": one.row.name}
            | {name: getattr(one.row, name) for name in ("exact", "simulated", "tolerance", "n")}
            | {"pass": one.row.passes}
            for one in found
        ]
        print_json({"passed": len(found) - len(failed), "failed": len(failed), "rows": rows})
    elif quiet:
        for one in failed:
            typer.echo(f"{one.subject.name}: {one.check.setting}: {one.row.name}")
    else:
        table.end(pages.count(found), time.perf_counter() - began)
    if page:
        try:
            page.write_text(pages.page(found), encoding="utf-8")
        except OSError as error:
            raise InputError(f"--page {printable(str(page))}: {reason(error)}") from None
    if failed:
        raise typer.Exit(FOUND)
