"""The command that compares exact markets with theory."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from entities.errors import InputError
from entities.messages import printable, reason
from sim.cli.errors import FOUND, no_option
from sim.cli.options import Output, option


def verify(
    only: Annotated[str, option("WORDS", "Only what has all these words in subject or setting.")] = "",
    page: Annotated[
        Path | None, option("FILE", "Write the table as Markdown, too.", callback=no_option)
    ] = None,
    *,
    output: Output,
) -> None:
    """Run exact markets and compare them with theory, in minutes; exit with 3 where one is off."""
    from analysis.verify import run
    from sim.cli import printed, terminal

    began = time.perf_counter()
    out = terminal.console(None if output.as_json or output.quiet else sys.stdout)
    found = list(printed.verified(out, run.verify(run.chosen(only.split()))))
    failed = [one for one in found if not one.row.passes]
    rows = [
        {"subject": one.check.subject.name, "setting": one.check.setting, "measured": one.row.name}
        | {name: getattr(one.row, name) for name in ("exact", "simulated", "tolerance", "n")}
        | {"pass": one.row.passes}
        for one in found
    ]
    minutes, seconds = divmod(round(time.perf_counter() - began), 60)
    output.answer(
        {"passed": len(found) - len(failed), "failed": len(failed), "rows": rows},
        lambda out: out.print(f"\n{run.count(found)} It took {minutes} min {seconds} s.", soft_wrap=True),
        (f"{one.check.subject.name}: {one.check.setting}: {one.row.name}" for one in failed),
    )
    if page:
        try:
            page.write_text(run.page(found), encoding="utf-8")
        except OSError as error:
            raise InputError(f"--page {printable(str(page))}: {reason(error)}") from None
    if failed:
        raise typer.Exit(FOUND)
