"""The command that holds a run against what is published of such markets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import InputError
from entities.messages import quoted
from sim.cli import options
from sim.cli.errors import FOUND
from sim.cli.options import ADS, Db, Output, option

if TYPE_CHECKING:
    from analysis.realism.card import Row

_RANGE = re.compile(r"([a-z0-9_]+)=([-+.\de]+)\.\.([-+.\de]+)", re.ASCII)


def realism(
    run: options.OptionalRunId = None,
    ranges: Annotated[
        list[str] | None,
        option("NAME=LEAST..MOST", "Another range for a figure with an [assumption].", "--range"),
    ] = None,
    db: Db = ADS,
    workers: options.Workers = None,
    allow_code: options.AllowCode = False,
    *,
    output: Output,
) -> None:
    """Hold a run against published figures of such markets; exit with 3 where one is out of its range.

    It is played again from the database, as by reproduce, since rows keep neither sessions nor minutes.
    """
    from analysis.realism.card import scorecard
    from analysis.runs.playing import available_workers
    from analysis.runs.rollback import database
    from analysis.runs.stored import find
    from sim import external
    from sim.cli import printed
    from sim.cli.progress import RunProgress

    given = dict(_range(one) for one in ranges or ())
    reading = RunProgress(output.progress, "reading the run")
    with database(db) as (engine, _), external.code(allow_code), reading as progress:
        found = scorecard(find(engine, run), given, workers=available_workers(workers), progress=progress)
    data = {
        "run_id": found.run_id,
        "scenario": found.scenario,
        "passes": not found.out,
        "code_changed": found.code_changed,
        "rows": [_data(row) for row in found.rows],
        "seconds": found.seconds,
    }
    output.answer(data, lambda out: printed.realism(out, found), (row.range.name for row in found.out))
    if found.out:
        raise typer.Exit(FOUND)


def _range(text: str) -> tuple[str, tuple[float, float]]:
    # Numbers, or what float() refuses.
    match = _RANGE.fullmatch(text.strip())
    try:
        if match:
            return match[1], (float(match[2]), float(match[3]))
    except ValueError:
        pass
    raise InputError(f"--range {quoted(text)}: must be NAME=LEAST..MOST, such as fill=0.6..0.9")


def _data(row: Row) -> dict[str, Any]:
    bounds = row.range
    return {
        "name": bounds.name,
        "text": bounds.text,
        "figure": row.figure,
        "unit": bounds.unit,
        "least": bounds.least,
        "most": bounds.most,
        "source": bounds.source,
        "assumption": bounds.assumed,
        "verdict": row.verdict.value,
        "note": row.note,
    }
