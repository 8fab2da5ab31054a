"""The command that holds two runs of a database against each other."""

from __future__ import annotations

from typing import Annotated

from entities.errors import InputError
from sim.cli import completion
from sim.cli.options import ADS, Db, Output, argument


def compare(
    run: Annotated[
        str | None,
        argument("RUN", "A run's id; that before the latest where left out.", autocompletion=completion.runs),
    ] = None,
    other: Annotated[
        str | None, argument("OTHER", "Another's; the latest where left out.", autocompletion=completion.runs)
    ] = None,
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """Hold two runs against each other: what was asked differently, what came of it, and where they part."""
    from analysis.compare.comparison import compare as compared
    from analysis.compare.comparison import plain
    from analysis.runs.rollback import database
    from analysis.runs.stored import find, runs
    from sim.cli import compared as printed

    with database(db) as (engine, _):
        first = find(engine, run)
        second = find(engine, other)
        if run is None:
            first = next(iter(runs(engine)[1:2]), second)
        if first.run_id == second.run_id:
            what = "is the only run" if run is None else "is one run" if other else "is the latest itself"
            raise InputError(f"{first.run_id} {what}; name two, or simulate another")
        found = compared(first, second)
    output.answer(plain(found), lambda out: printed.comparison(out, found), printed.brief(found))
