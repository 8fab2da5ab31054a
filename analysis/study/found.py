"""Studies that a database has results of, for whoever reads them without their file."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from sqlalchemy import Engine, select

from analysis.study import kept
from analysis.study.compared import Compared, compared
from analysis.study.metrics import EVERYONE, METRICS, SHOWN
from entities import registry
from entities.errors import InputError
from scenarios import study as files

_ROW = registry.StudyResult


@dataclass(frozen=True)
class Found:
    """The results of one study, and what its file says where it is one of ours."""

    name: str
    results: pl.DataFrame
    """The tidy table, `kept.SCHEMA`, of one version of the code."""
    arms: tuple[str, ...]
    """In the order of the file, else in alphabetical order, numbers by their size."""
    baseline: str
    """That of the file, else the first arm."""
    metrics: tuple[str, ...]
    """That it has values of; those that the file asks for come first."""
    line_items: tuple[str, ...]
    description: str = ""
    finding: str = ""
    line_item: str = EVERYONE
    """Whose figures the file compares."""
    currency: str = ""
    """The sign of its money; empty where only a file of the user's own would say it."""
    same_code: bool = True
    """Whether this version of the code would come to the same values."""
    file: str = ""
    """Where its file is, or the name of one of ours; empty where neither is here."""
    watched: bool = False
    """Whether its file has it stop where intervals are narrow enough, which they have to make up for."""

    def values(self, metric: str, line_item: str = EVERYONE) -> pl.DataFrame:
        """Return arm, seed and value of a metric of a line item, or of all together."""
        whose = EVERYONE if METRICS[metric].of_market else line_item
        return self.results.filter(metric=metric, line_item=whose).select("arm", "seed", "value")

    def compared(self, metric: str, baseline: str, line_item: str = EVERYONE) -> Compared:
        """Return all arms held against a *baseline* by one metric."""
        watched = self.watched
        return compared(self.results, self.arms, baseline, [metric], line_item, watched=watched)[0]

    def against_best(self, metric: str, line_item: str = EVERYONE) -> tuple[str, Compared] | None:
        """Return the arm with the best mean, and all held against it, with intervals that all hold at once.

        None where neither more nor less is better, or no arm has a value.
        """
        better = METRICS[metric].better
        own = self.values(metric, line_item).drop_nulls("value")
        means = own.group_by("arm").agg(pl.col("value").mean() * better).sort("value", "arm")
        if not better or means.is_empty():
            return None
        leader = means["arm"][-1]
        found = compared(
            self.results, self.arms, leader, [metric], line_item, covers="all", watched=self.watched
        )
        return leader, found[0]


def names(engine: Engine) -> list[str]:
    """Return the studies that a database has results of, in alphabetical order."""
    with registry.session(engine, writes=False) as reader:
        return list(reader.scalars(select(_ROW.study).distinct().order_by(_ROW.study)))


def find(engine: Engine, name: str) -> Found:
    """Return the results of a study, of this version of the code where it has any; InputError for none.

    Its file is looked for by its name, in the working directory, beside the database, and among ours.
    """
    rows = kept.frame(engine, name)
    if rows.is_empty():
        raise InputError(f"there are no results of a study {name!r}")
    codes = rows.group_by("code").len().sort("len", "code")["code"]
    code = kept.code() if kept.code() in codes else codes[-1]
    rows = rows.filter(code=code)
    arms = tuple(sorted(rows["arm"].unique(), key=_natural))
    paths = rows.filter(pl.col("line_item") != EVERYONE)["line_item"].unique().sort()
    metrics = _known(SHOWN, rows)
    found = Found(name, rows, arms, arms[0], metrics, tuple(paths), same_code=code == kept.code())
    folders = dict.fromkeys([Path(), Path(engine.url.database or "").parent])
    own = [path for path in (folder / f"{name}.yml" for folder in folders) if path.is_file()]
    for file in (*map(str, own), *({name} & {*files.names()})):
        with suppress(InputError):  # a file that this version cannot read takes nothing from its results
            loaded = files.load_study(file)
            if loaded.study.name == name and {arm.name for arm in loaded.arms} & {*arms}:
                return _as_filed(found, loaded, file)
    return found


def _as_filed(found: Found, loaded: files.LoadedStudy, file: str) -> Found:
    study = loaded.study
    filed = tuple(arm.name for arm in loaded.arms if arm.name in found.arms)
    arms = filed + tuple(arm for arm in found.arms if arm not in filed)
    own = [path for path in found.line_items if study.line_item and path.endswith(f" / {study.line_item}")]
    return replace(
        found,
        arms=arms,
        baseline=study.held_against if study.held_against in arms else arms[0],
        metrics=_known((*study.metrics, *SHOWN), found.results),
        description=study.description,
        finding=study.finding,
        line_item=own[0] if len(own) == 1 else EVERYONE,
        file=file,
        watched=study.precision is not None,
        currency=loaded.currency,
    )


def _known(first: tuple[str, ...], rows: pl.DataFrame) -> tuple[str, ...]:
    there = set(rows["metric"])
    return tuple(name for name in dict.fromkeys((*first, *METRICS)) if name in there)


def _natural(name: str) -> list[tuple[int, float, str]]:
    # `2 a day` before `10 a day`.
    parts = re.split(r"(\d+(?:\.\d+)?)", name)
    return [(0, float(part), "") if at % 2 else (1, 0.0, part) for at, part in enumerate(parts)]
