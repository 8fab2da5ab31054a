"""The laws on a database: what a stored run is beside the rest of it, and beside other runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import polars as pl
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from analysis.audit.digest import rows_digest
from analysis.audit.registered import readable
from analysis.audit.rows import RowAudit
from analysis.rows.digest import combine
from analysis.rows.results import fingerprint
from analysis.rows.seal import seal_of
from entities import registry
from sim import laws

_ALIKE = ("fingerprint", "seed", "paceline_version", "code", "python_version", "packages", "platform")
"""Where these are equal, the digest is."""


class StoreAudit:
    """Checks what a database holds of one run."""

    def __init__(
        self,
        rows: RowAudit,
        frames: Mapping[str, pl.DataFrame],
        row: registry.SimulationRun,
        session: Session,
        engine: Engine,
        *,
        same_code: bool = True,
    ) -> None:
        self._rows, self._frames, self._row, self._session = rows, frames, row, session
        self._engine, self._same_code = engine, same_code

    def verdicts(self) -> Iterator[laws.Verdict]:
        """Yield every verdict that needs the database."""
        yield self._file()
        yield from self._keys()
        yield from readable(self._session)
        yield from self._own_digest()
        yield from self._same_digest()
        yield self._headline()
        yield from self._complete()

    def _keys(self) -> Iterator[laws.Verdict]:
        for table in registry.Base.metadata.sorted_tables:
            for key in (key for column in table.columns for key in column.foreign_keys):
                child, parent = key.parent, key.column
                query = select(child).where(child.is_not(None)).distinct()
                if "run_id" in table.columns:
                    query = query.where(table.c.run_id == self._row.run_id)
                values = np.array(self._session.scalars(query).all())
                known = np.array(self._session.scalars(select(parent)).all())
                yield laws.keys(values, known, _named(f"{table.name}.{child.name}"))

    def _file(self) -> laws.Verdict:
        name = registry.name_of(self._engine)
        found = registry.damage(self._engine, thorough=True)
        damaged = tuple(laws.Finding(14, f"database {name}", line, "a file that is sound") for line in found)
        return laws.Verdict(14, 1, len(found), damaged[: laws.LIMIT])

    def _own_digest(self) -> Iterator[laws.Verdict]:
        # Those of a run from before there were such columns are not known.
        row = self._row
        if row.events_digest:
            rows = combine(row.events_digest, rows_digest(self._rows.sold.columns, self._frames))
            yield _same("digest of the stored rows", rows, row.digest)
        if row.seal:
            whole = self._session.get_one(
                registry.SimulationRun, row.run_id
            )  # a list of runs leaves out texts
            yield _same("seal of the run's row in simulation_runs", seal_of(whole), row.seal)

    def _same_digest(self) -> Iterator[laws.Verdict]:
        run, sold, other = self._row, self._rows.sold, registry.SimulationRun
        # Other code may have had no word for all that a scenario says now.
        if self._same_code:
            now = fingerprint(sold.scenario, sold.book)
            yield _same("fingerprint of the stored scenario and book", now, run.fingerprint)
        alike = [getattr(other, name) == getattr(run, name) for name in _ALIKE]
        twins = select(other.run_id, other.digest).where(*alike, other.run_id != run.run_id)
        for twin, digest in self._session.execute(twins):
            yield _same(f"the same market and seed in run {twin}", digest, run.digest)

    def _headline(self) -> laws.Verdict:
        rows, sold = self._rows, self._rows.sold
        counted = {
            "auctions": int(rows.inventory["avails"].sum()),
            "impressions": int(rows.performance["impressions"].sum()),
            "spend_micros": int(rows.performance["spend_micros"].sum()),
            "horizon_hours": sold.hours,
            "scenario": sold.scenario.name,
            "seed": sold.scenario.seed,
            "start": sold.market.horizon.start,
            "tick_minutes": sold.market.tick_minutes,
            "shards": sold.market.shards,
        }
        return laws.headline({name: getattr(self._row, name) for name in counted}, counted)

    def _complete(self) -> Iterator[laws.Verdict]:
        status = registry.SimulationRun.status == registry.RunStatus.complete
        complete = self._session.scalars(select(registry.SimulationRun.run_id).where(status)).all()
        for table in registry.Base.metadata.sorted_tables:
            if "run_id" in table.columns and table.name != "simulation_runs":
                found = self._session.scalars(select(table.c.run_id).distinct()).all()
                yield laws.known_runs(np.array(found, np.str_), np.array(complete, np.str_), table.name)


def _same(what: str, found: str, allowed: str) -> laws.Verdict:
    return laws.verdict(12, np.array([found != allowed]), _named(what), found, allowed)


def _named(what: str) -> Callable[[int], str]:
    return lambda _: what
