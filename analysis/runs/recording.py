"""A run on its way to the database: a sink whose hours wait on disk, and one transaction for them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import polars as pl
from sqlalchemy import event
from sqlalchemy.orm import Session

from analysis.rows import frames
from analysis.rows.columns import BookColumns
from analysis.rows.digest import Digest, combine
from analysis.rows.event_files import EventFiles
from analysis.rows.performance import CANONICAL, Batch, Hours, Rows, Tally
from analysis.rows.places import identified, placed
from analysis.runs.adding import add_rows
from analysis.runs.checkpoints import ROWS, Recorded
from analysis.runs.playing import Totals
from analysis.runs.spool import Spool
from analysis.runs.unfinished import KEPT
from entities import registry
from entities.errors import PacelineError
from entities.messages import reason
from sim.engine.site import Scribing
from sim.events import Fact, Hour


class Recording(AbstractContextManager["Recording"]):
    """The sink of a run: counts each hour, spools the rows, and stores them when the run is complete.

    Leave the context only after the caller's transaction is committed: then its events are shown. An error
    before, the commit's own included, removes the spool and the events, and the run was never there.
    """

    def __init__(
        self,
        columns: BookColumns,
        run_id: str,
        events: EventFiles | None = None,
        warn: Callable[[str], None] = lambda _: None,
        folder: Path | None = None,
        recorded: Recorded | None = None,
    ) -> None:
        """Begin, or go on from what was *recorded*; rows wait in the *folder* of the run, or a temporary one.

        *warn* is given a line on what went wrong when the run was stored.
        """
        self.columns = columns
        self.run_id = run_id
        self._tally = Tally(columns)
        self._digest = Digest(columns)
        self._batch = Batch(self._count)
        self._events, self._warn = events, warn
        self._committed = False
        self.is_elsewhere = False
        """Whether the run could not be stored, and is in a file of its own."""
        self._folder, self._kept, self._totals = folder, recorded is not None, Totals()
        try:
            self._spool = Spool(folder and folder / ROWS, recorded.rows if recorded else None)
            if recorded:
                self._restore(recorded)
        except BaseException:
            self._let_go()
            raise

    @property
    def scribe(self) -> Scribing | None:
        """Return what makes scribes for sites, where events are kept."""
        return self._events.scribe if self._events else None

    def __exit__(self, *_: object) -> None:
        self._spool.close()
        if not self._events:
            return
        if not self._committed:
            self._let_go()
            return
        try:
            self._events.publish()
        except PacelineError as error:  # of a run that is kept in a file, for one that is stored has them all
            self._events.discard()
            self._warn(f"run {self.run_id}: its events are lost: {error}")
        except OSError as error:
            self._warn(
                f"run {self.run_id}: is stored, and its events are complete but hidden: {reason(error)};"
                f" {self._events.folder} is shown when asked for, or after another run there"
            )

    def _let_go(self) -> None:
        if self._events and self._kept:
            self._events.leave()
        elif self._events:
            self._events.discard()

    def __call__(self, hour: Hour) -> None:
        """Take one finished hour; called once for each, in order."""
        self._batch.add(hour)
        self._totals = self._totals.plus(hour)
        if self._events:
            self._events.write(hour)

    def digest(self, events: str, facts: Iterable[Fact] = ()) -> str:
        """Return the run's digest, 64 hexadecimal digits, given the engine's digest of the events."""
        self._flush()
        self._digest.facts(self.columns, facts)
        return combine(events, self._digest.hexdigest())

    @property
    def rows_digest(self) -> str:
        """Return the digest of the rows and facts so far, 64 hexadecimal digits."""
        return self._digest.hexdigest()

    def rows(self, facts: Iterable[Fact] = ()) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the rows of the run by table, some thousand in a frame, with the ids of `columns`."""
        self._flush()
        for table in Rows._fields:
            for frame in self._spool.read(table):
                yield table, self._tally.dated(frame).drop(CANONICAL, strict=False)
        found = frames.facts(self.columns, self.run_id, facts)
        yield "delivery_events", found.drop("id", "run_id")

    def store(
        self,
        session: Session,
        run: registry.SimulationRun,
        facts: Iterable[Fact] = (),
        columns: BookColumns | None = None,
    ) -> None:
        """Add *run* with all its rows and facts to the session's transaction, and complete its events.

        *columns* has the ids of the same book by now, if they are others. Nothing is committed here: the run
        appears when the caller commits, and its events after that.
        """
        if run.run_id != self.run_id:
            raise ValueError(f"the recording is of run {self.run_id}, not of {run.run_id}")
        session.add(run)
        session.flush()
        for table, rows in self.rows(facts):
            now = rows if columns is None else identified(table, placed(table, rows, self.columns), columns)
            owned = now.with_columns(run_id=pl.lit(self.run_id))
            add_rows(session, registry.Base.metadata.tables[table], owned)
        if self._events:
            self._events.complete()
        event.listen(session, "after_commit", self._keep, once=True)

    def kept_elsewhere(self) -> None:
        """Show the events, too, of a run that is not stored: it is kept elsewhere."""
        self._committed = self.is_elsewhere = True

    def at_rest(self, hour: int) -> bool:
        """Return whether it can be kept when *hour* is over: events are written by the day."""
        return not self._events or self._events.at_rest(hour)

    def keep(self) -> Recorded:
        """Return what is kept of it, once all that it has taken is on disk to stay."""
        self._flush()
        reach, impressions = self._tally.to_date
        events = self._events.keep(self._folder / KEPT) if self._events and self._folder else None
        self._kept = True
        about = {"reach": reach, "impressions": impressions, "totals": self._totals, "events": events}
        return Recorded(rows=self._spool.keep(), **about)

    def _restore(self, recorded: Recorded) -> None:
        self._tally.to_date = recorded.reach, recorded.impressions
        self._totals = recorded.totals
        for table in Rows._fields:
            for frame in self._spool.read(table):
                self._digest.add(table, frame)

    def _flush(self) -> None:
        self._batch.flush()
        if self._events:
            self._events.finish()

    def _keep(self, session: Session) -> None:
        del session
        self._committed = True

    def _count(self, hours: Hours) -> None:
        rows = self._tally.rows(*hours)
        self._digest.update(rows)
        self._spool.append(rows)
