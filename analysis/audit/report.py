"""The audit of a finished run: every law, checked on what is stored, with the places where it is broken."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from analysis.audit.book import Sold
from analysis.audit.events import EventAudit
from analysis.audit.findings import Audit, LawReport, Status
from analysis.audit.rows import RowAudit
from analysis.runs.run import Run, fingerprint
from entities import registry
from sim import laws
from sim.market.market import Market

WITHOUT_EVENTS = {
    1: "the rows only: charges of single slots need the events",
    2: "by the hour: budgets by the tick need the events",
    3: "dayparts and pauses by the hour: flights and targeting of single slots need the events",
    4: "counting a viewer's impressions needs the events",
    5: "what shared a pod is only in the events",
    6: "sums of the hour only: single prices need the events",
    9: "the rows only: counting viewers anew needs the events",
    12: "a run's digest covers its events, which were not given",
}
"""What is left out where no events are on disk, by law."""
WITH_EVENTS = {
    6: "an event has no rival's bid: a second price is held against what a rival may have bid at most, and in"
    " a dynamic pod between floor and bid",
    12: "not re-run: the digest of what is stored, and of other runs of the same fingerprint and seed",
    14: "of a finished run; what readers see while it runs is for the tests",
}
NEVER = {13: "compares two runs of one market; a single run has nothing to be held against"}
_NEEDS_EVENTS = (4, 5, 12)
_BUDGETS = 2


def audit(run: Run, row: registry.SimulationRun, engine: Engine, events: Path | None = None) -> Audit:
    """Return the audit of a stored run, with its events if their folder is given.

    InputError where there are no events of it in the folder.
    """
    sold = Sold(run)
    frames = {
        "performance": run.performance,
        "performance_extended": run.performance_extended,
        "inventory_hourly": run.inventory,
        "conversions_hourly": run.conversions,
    }
    rows = RowAudit(sold, row, frames)
    # Whoever names a folder without the events is told before anything is counted.
    slots = EventAudit(sold, rows, frames, events) if events else None
    found = {number: laws.Verdict(number, 0) for number in laws.LAWS}
    with registry.session(engine, writes=False) as session:
        _gather(found, rows.verdicts(session))
        _gather(found, _same_digest(session, sold, row))
    if slots:
        _gather(found, slots.verdicts())
    reports = tuple(_report(found[number], slots is not None, sold.market) for number in sorted(found))
    return Audit(run.run_id, row.scenario, slots is not None, reports)


def _gather(found: dict[int, laws.Verdict], verdicts: Iterable[laws.Verdict]) -> None:
    for verdict in verdicts:
        found[verdict.law] += verdict


def _same_digest(session: Session, sold: Sold, run: registry.SimulationRun) -> Iterable[laws.Verdict]:
    other = registry.SimulationRun
    expected = fingerprint(sold.scenario, sold.book)
    wrong = expected != run.fingerprint
    finding = laws.Finding(12, "fingerprint of the stored scenario and book", expected, run.fingerprint)
    yield laws.Verdict(12, 1, int(wrong), (finding,) if wrong else ())
    same = ("fingerprint", "seed", "paceline_version", "code", "python_version", "packages", "platform")
    alike = [getattr(other, name) == getattr(run, name) for name in same]
    twins = session.execute(
        select(other.run_id, other.digest).where(*alike, other.run_id != run.run_id)
    ).all()
    for twin, digest in twins:
        differs = digest != run.digest
        found = laws.Finding(12, f"the same market and seed in run {twin}", digest, run.digest)
        yield laws.Verdict(12, 1, int(differs), (found,) if differs else ())


def _report(verdict: laws.Verdict, events: bool, market: Market) -> LawReport:
    law = laws.LAWS[verdict.law]
    note = NEVER.get(law.number) or (WITH_EVENTS if events else WITHOUT_EVENTS).get(law.number, "")
    if law.number == _BUDGETS and market.ticks_per_sync > 1:
        late = f"spend is known every {market.sync_minutes} minutes: budgets bind what is known"
        note = f"{late}; {note}" if note else late
    status = Status.holds
    if not verdict.holds:
        status = Status.broken
    elif law.number in NEVER or (not events and law.number in _NEEDS_EVENTS):
        status = Status.not_checked
    elif not verdict.checked:
        status, note = Status.not_checked, note or "the run has nothing of the kind"
    return LawReport(*law, status, verdict.checked, verdict.broken, verdict.findings, note)
