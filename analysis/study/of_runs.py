"""Two runs as the arms of a study: what each was asked, on many seeds."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Engine

from analysis.runs.run import Run
from analysis.study.compared import Compared
from analysis.study.metrics import EVERYONE, SHOWN
from analysis.study.plans import Fixed
from analysis.study.replication import Booked
from analysis.study.run import OnProgress, StudyRun, replicated
from entities.errors import InputError
from scenarios.study import SAME, Study

BY_LINE_ITEM = ("impressions", "spend")
"""What line items are held against each other by."""
NAME = "compare"
"""Under which such replications are kept."""


def over_seeds(
    engine: Engine,
    one: Run,
    other: Run,
    seeds: int,
    *,
    workers: int = 1,
    progress: OnProgress = lambda _: None,
) -> StudyRun:
    """Return what two runs come to with so many *seeds*, the first of them that of *one*, the baseline.

    Each is played from its own scenario and book, and kept as a replication of a study. InputError where they
    are one market, or were not asked for the same days and viewers, whose luck could not be shared.
    """
    arms = {run.run_id: Booked(run.run_id, run.scenario, run.book) for run in (one, other)}
    if one.seed != other.seed and arms[other.run_id].fingerprint(one.seed) == one.spec.fingerprint:
        raise InputError(f"{one.run_id} and {other.run_id} differ in their seed alone: name two markets")
    for path in (path for path in SAME if path.startswith("market.")):
        values = [_value(run, path) for run in (one, other)]
        if values[0] != values[1]:
            both = f"{one.run_id} and {other.run_id} differ in {path}"
            raise InputError(f"{both}; seeds pair markets of the same days and viewers")
    study = Study(
        name=NAME,
        base=one.scenario.name,
        arms={one.run_id: {}, other.run_id: {}},
        baseline=one.run_id,
        replications=seeds,
    )
    plan = Fixed([*arms], one.seed, seeds)
    return replicated(
        study, arms, engine, plan, SHOWN[0], currency=one.currency.symbol, workers=workers, progress=progress
    )


def by_line_item(many: StudyRun) -> list[Compared]:
    """Return the two held against each other by BY_LINE_ITEM of each line item that both have, in order."""
    each = many.results.filter(pl.col("line_item") != EVERYONE).group_by("line_item", maintain_order=True)
    arms = each.agg(pl.col("arm").n_unique()).sort("line_item")
    both = arms.filter(pl.col("arm") == len(many.arms))["line_item"].to_list()
    return [found for path in both for found in many.compared(BY_LINE_ITEM, path)]


def _value(run: Run, path: str) -> object:
    return getattr(run.market, path.removeprefix("market."))
