"""The command that says why a line item of a run delivered what it did, and what its constraints cost."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import Annotated

import typer

from entities.errors import InputError
from sim.cli import options
from sim.cli.errors import integer
from sim.cli.options import ADS, Db, Output, argument, option


def explain(
    run: options.OptionalRunId = None,
    line_item: Annotated[
        str | None, argument("LINE_ITEM", "Its name, or a longer path such as 'campaign / line item'.")
    ] = None,
    money: Annotated[
        bool, typer.Option("--money", help="Play the market again without each constraint: what it costs.")
    ] = False,
    days: Annotated[
        int | None,
        option(
            "N",
            "With --money, play the first N days alone: what is spent later counts as lost.",
            parser=integer(1, 3660),
        ),
    ] = None,
    db: Db = ADS,
    workers: options.Workers = None,
    allow_code: options.AllowCode = False,
    *,
    output: Output,
) -> None:
    """Explain what a line item delivered: its funnel, who won what it lost, and what bound when.

    With --money the run is played again without each of its constraints, on the same luck, and the gap is
    divided among the four largest: 12 runs at most, and one for each constraint.
    """
    from analysis.explain.explanation import explain as explained
    from analysis.explain.explanation import plain
    from analysis.runs.playing import available_workers
    from analysis.runs.rollback import database
    from analysis.runs.stored import find
    from sim import external
    from sim.cli import explained as printed
    from sim.cli.progress import ReplayProgress

    if days is not None and not money:
        raise InputError("--days: belongs to --money, which plays them again")
    # A single word is the line item, of the latest run.
    named, wanted = (None, run) if line_item is None else (run, line_item)
    # Without --money nothing is played, and what a scenario names stays a description.
    played = external.code(allow_code) if money else nullcontext()
    with database(db) as (engine, _), played:
        found = find(engine, named)
        with suppress(InputError):  # unless it is a run that was named alone
            if line_item is None and run:
                found, wanted = find(engine, run), ""
        part = 1 if days is None else min(days / found.scenario.market.days, 1)
        with ReplayProgress(output.progress, found.seconds * part) as progress:
            answer = explained(
                found,
                wanted or "",
                money=money,
                days=days,
                workers=available_workers(workers),
                progress=progress,
                warn=output.warn,
            )
    output.answer(plain(answer), lambda out: printed.explanation(out, answer), printed.brief(answer))
