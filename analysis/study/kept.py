"""The replications that a database keeps: found by what they are, so that none is played twice."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import polars as pl
from sqlalchemy import Engine, delete, insert, select

from analysis.runs.versions import version
from analysis.study.replication import Replication, Task
from entities import registry

_ROW = registry.StudyResult
AT_ONCE = 10_000
"""Fingerprints that a query asks for; a database takes so many and not any number."""
SCHEMA: dict[str, pl.DataType] = {
    "study": pl.String(),
    "arm": pl.String(),
    "seed": pl.Int64(),
    "line_item": pl.String(),
    "metric": pl.String(),
    "value": pl.Float64(),
    "fingerprint": pl.String(),
    "code": pl.String(),
    "digest": pl.String(),
}
"""The columns of the tidy table."""


_DECIDES = ("study/measured.py", "study/metrics.py", "study/optimum.py", "replay/hindsight.py")


@cache
def code() -> str:
    """Return what names the code that decides a value: that of runs, and of the metrics."""
    sha = hashlib.sha256(version("code").encode())
    for path in _DECIDES:
        sha.update((Path(__file__).parents[1] / path).read_bytes().replace(b"\r\n", b"\n"))
    return sha.hexdigest()


def add(engine: Engine, study: str, found: Replication) -> None:
    """Store one replication of *study*, in place of an older one of the same arm and seed."""
    about = {"study": study, "arm": found.arm, "seed": found.seed}
    same = {"fingerprint": found.fingerprint, "code": code(), "digest": found.digest}
    rows = [
        {**about, "line_item": path, "metric": metric, "value": value, **same}
        for path, metric, value in found.values
    ]
    with registry.session(engine) as opened:
        opened.execute(delete(_ROW).filter_by(**about))
        opened.execute(insert(_ROW), rows)


def known(engine: Engine, study: str, wanted: Mapping[str, tuple[str, int]]) -> list[Replication]:
    """Return those of *wanted*, arm and seed by fingerprint, that are stored by whichever study.

    What only another study has is stored for this one, too.
    """
    rows: dict[tuple[str, str, str, int], list[registry.StudyResult]] = defaultdict(list)
    fingerprints = [*wanted]
    with registry.session(engine, writes=False) as reader:
        for first in range(0, len(wanted), AT_ONCE):
            some = _ROW.fingerprint.in_(fingerprints[first : first + AT_ONCE])
            for row in reader.scalars(select(_ROW).where(_ROW.code == code(), some)):
                rows[row.fingerprint, row.study, row.arm, row.seed].append(row)
    found: dict[str, Replication] = {}
    for (fingerprint, *_), same in rows.items():
        values = tuple((row.line_item, row.metric, row.value) for row in same)
        found[fingerprint] = Replication(*wanted[fingerprint], fingerprint, same[0].digest, 0, 0.0, values)
    for one in found.values():
        if (one.fingerprint, study, one.arm, one.seed) not in rows:
            add(engine, study, one)
    return [*found.values()]


def others(engine: Engine, study: str, wanted: Mapping[Task, str]) -> int:
    """Return how many replications of *study* have an arm and seed of *wanted* and this code, on other terms.

    *wanted* has fingerprints by arm and seed.
    """
    about = (_ROW.arm, _ROW.seed, _ROW.fingerprint)
    with registry.session(engine, writes=False) as reader:
        rows = reader.execute(select(*about).distinct().where(_ROW.study == study, _ROW.code == code())).all()
    return sum(wanted.get(Task(arm, seed), name) != name for arm, seed, name in rows)


def frame(engine: Engine, study: str) -> pl.DataFrame:
    """Return the tidy table of a *study*: SCHEMA, in the order of its key."""
    columns = [getattr(_ROW, name) for name in SCHEMA]
    order = (_ROW.arm, _ROW.seed, _ROW.line_item, _ROW.metric)
    with registry.session(engine, writes=False) as reader:
        rows = reader.execute(select(*columns).where(_ROW.study == study).order_by(*order)).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=SCHEMA, orient="row")
