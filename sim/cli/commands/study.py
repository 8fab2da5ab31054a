"""The command that plays a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entities.errors import InputError
from sim.cli import completion, options
from sim.cli.errors import FAILED, integer, no_option
from sim.cli.options import ADS, Db, Output, argument, one_of, option

if TYPE_CHECKING:
    from analysis.study.run import StudyRun

EXECUTORS = ("processes", "serial")


def study(
    ctx: typer.Context,
    study: Annotated[
        str,
        argument("STUDY", "A study's name, or the path of a YAML file.", autocompletion=completion.studies),
    ],
    metrics: Annotated[
        list[str] | None,
        option("NAME", "Show this metric, repeatable.", "--metric", autocompletion=completion.metrics),
    ] = None,
    line_item: Annotated[str, option("NAME", "Show one line item instead of all together.")] = "",
    replications: Annotated[
        int | None, option("N", "Seeds for each arm, instead of the study's.", parser=integer(1, 100_000))
    ] = None,
    until: Annotated[
        str | None,
        option("PRECISION", "Add seeds until differences are known to it: 0.5% of the baseline, or 0.01."),
    ] = None,
    best: Annotated[
        str | None,
        option("METRIC", "Find the best arm by it; differences of --until matter, 1% where left out."),
    ] = None,
    parquet: Annotated[
        Path | None, option("FILE", "Write the tidy table there, too.", callback=no_option)
    ] = None,
    db: Db = ADS,
    workers: options.Workers = None,
    executor: Annotated[
        str, option("NAME", "One process for each core, or all in this one.", **one_of(EXECUTORS))
    ] = "processes",
    allow_code: options.AllowCode = False,
    *,
    output: Output,
) -> None:
    """Play a study: every arm with the same seeds, as many at a time as there are cores.

    What the database knows already is not played again, so that a study goes on where it stopped. The
    scenario's own campaigns play, and none that only the registry has.
    """
    from scenarios.study import load_study
    from sim import external

    if replications is not None and (until is not None or best is not None):
        raise InputError("--replications: a study ends after so many seeds, or by --until or --best")
    file = Path(study)
    ctx.with_resource(external.code(allow_code, beside=file if file.is_file() else None))
    loaded = load_study(study, replications=replications, metrics=metrics or ())
    if parquet and (parquet.is_dir() or not parquet.parent.is_dir()):
        what = "is a folder; name a file" if parquet.is_dir() else f"there is no folder {parquet.parent}"
        raise InputError(f"--parquet {parquet}: {what}")
    name, arms = loaded.study.name, len(loaded.arms)
    by_itself = until or best or loaded.study.precision
    seeds = "seeds as needed" if by_itself else f"{_seeds(loaded.study.replications)}"
    output.say(f"Study      {name}: {arms} arms × {seeds} over {loaded.study.base}")

    # Half a second and more, in which the line above can be read.
    from analysis.runs.playing import available_workers
    from analysis.runs.rollback import database
    from analysis.study.compared import as_rows
    from analysis.study.run import run
    from sim.cli import study_tables
    from sim.cli.progress import StudyProgress

    with database(db, create=True):  # which stays, whatever becomes of the study
        pass
    threads = 1 if executor == "serial" else available_workers(workers)
    try:
        with database(db) as (engine, _), StudyProgress(output.progress) as progress:
            found = run(
                loaded,
                engine,
                until=until,
                best=best,
                line_item=line_item,
                workers=threads,
                progress=progress,
                warn=output.warn,
            )
    except KeyboardInterrupt:
        raise KeyboardInterrupt("interrupted; what ended is kept, and the same command goes on") from None
    if parquet:
        found.results.write_parquet(parquet)
    shown = found.compared()
    data = {
        "study": name,
        "baseline": found.baseline,
        "arms": list(found.arms),
        "replications": found.progress.done,
        "known_before": found.progress.before,
        "told": found.told or None,
        "best": _best(found),
        "failed": [
            {"arm": one.task.arm, "seed": one.task.seed, "error": one.error} for one in found.progress.failed
        ],
        "rows": list(as_rows(shown)),
    }
    brief = found.arms if best is None else [found.best.arm] if found.best and found.best.arm else ()
    output.answer(data, lambda out: study_tables.study(out, found, shown, db), brief)
    if found.progress.failed:
        raise typer.Exit(FAILED)


def _best(found: StudyRun) -> dict[str, object] | None:
    won = found.best
    if won is None:
        return None
    return {"arm": won.arm, "runs": won.runs, "indifferent_to": [*won.indifferent]}


def _seeds(many: int) -> str:
    return f"{many:,} seed{'s' * (many != 1)}"
