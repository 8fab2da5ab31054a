"""The command that holds two runs of a database against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from entities.errors import InputError
from sim.cli import completion
from sim.cli.errors import FAILED, integer
from sim.cli.options import ADS, Db, Output, Workers, argument, option

if TYPE_CHECKING:
    from rich.console import Console


def compare(
    run: Annotated[
        str | None,
        argument("RUN", "A run's id; that before the latest where left out.", autocompletion=completion.runs),
    ] = None,
    other: Annotated[
        str | None, argument("OTHER", "Another's; the latest where left out.", autocompletion=completion.runs)
    ] = None,
    seeds: Annotated[
        int | None,
        option("N", "Play both with so many seeds too, and pair them.", parser=integer(2, 100_000)),
    ] = None,
    db: Db = ADS,
    workers: Workers = None,
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
        if seeds is None:
            output.answer(plain(found), lambda out: printed.comparison(out, found), printed.brief(found))
            return
        # Half a second and more, for SciPy.
        from analysis.runs.playing import available_workers
        from analysis.study.compared import as_rows
        from analysis.study.of_runs import by_line_item, over_seeds
        from sim.cli import study_tables
        from sim.cli.progress import StudyProgress

        with StudyProgress(output.progress) as progress:
            many = over_seeds(
                engine, first, second, seeds, workers=available_workers(workers), progress=progress
            )

    each = by_line_item(many)

    def people(out: Console) -> None:
        printed.comparison(out, found)
        study_tables.by_line_item(out, many, each)
        study_tables.study(out, many, many.compared(), db)

    told = {**plain(found), "over_seeds": list(as_rows([*many.compared(), *each]))}
    output.answer(told, people, printed.brief(found))
    if many.progress.failed:
        raise typer.Exit(FAILED)
