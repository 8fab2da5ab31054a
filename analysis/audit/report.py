"""The audit of a finished run: every law, checked on what is stored, with the places where it is broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import polars as pl
from sqlalchemy import Engine

from analysis.audit.bids import BidAudit, KeptBids
from analysis.audit.book import Sold
from analysis.audit.contention import contention_verdicts
from analysis.audit.events import EventAudit
from analysis.audit.lift import LiftAudit
from analysis.audit.plans import PlanAudit
from analysis.audit.rows import RowAudit
from analysis.audit.store import StoreAudit
from analysis.audit.supply import SupplyAudit
from analysis.rows.parts import Part
from analysis.rows.results import TABLES, Results
from entities import registry
from entities.enums import FactKind
from sim import laws
from sim.events import Fact
from sim.market.market import Market


class Status(StrEnum):
    """What the audit says of a law."""

    holds = "holds"
    broken = "broken"
    not_checked = "not checked"


@dataclass(frozen=True, slots=True)
class LawReport:
    """What was found on one law."""

    number: int
    name: str
    text: str
    status: Status
    checked: int
    """How many things were looked at."""
    broken: int
    """How many of them break the law."""
    findings: tuple[laws.Finding, ...]
    """The first of them."""
    note: str
    """Why it was not checked, or what was left out; empty where there is nothing to add."""


@dataclass(frozen=True, slots=True, repr=False)
class Audit:
    """What was found on a run: one report for each of the laws, in their order."""

    run_id: str
    scenario: str
    events: bool
    """Whether events on disk were read."""
    laws: tuple[LawReport, ...]

    @property
    def broken(self) -> tuple[LawReport, ...]:
        """Return the laws that are broken."""
        return tuple(report for report in self.laws if report.status == Status.broken)

    @property
    def result(self) -> str:
        """Return in words how many of the laws hold."""
        checked = sum(report.status != Status.not_checked for report in self.laws)
        broken = len(self.broken)
        return f"{broken} of {checked} laws broken" if broken else f"all {checked} laws checked hold"

    def __repr__(self) -> str:
        return f"<Audit of {self.run_id}: {self.result}>"


WITHOUT_EVENTS = {
    1: "the rows only: charges of single slots need the events",
    2: "by the hour: budgets by the tick need the events",
    3: "dayparts and pauses by the hour: flights and targeting of single slots need the events",
    4: "counting a viewer's impressions needs the events",
    5: "what shared a pod is only in the events",
    6: "sums of the hour only: single prices need the events",
    9: "the rows only: counting viewers again needs the events",
    12: "the rows, with the digest of its events as it is stored: the events were not read",
    17: "what caps leaked needs the events",
}
"""What is left out where no events are on disk, by law."""
WITH_EVENTS = {
    6: "an event has no rival's bid: a second price is held against what a rival may have bid at most, and in"
    " a dynamic pod between floor and bid",
    12: "not re-run: the digest of what is stored, and of other runs of the same fingerprint and seed",
    14: "of a finished run; what readers see while it runs is for the tests",
}
NEVER = {13: "compares two runs of one market; a single run has nothing to be held against"}
_NEEDS_EVENTS = (4, 5)
_FUNNEL, _DIGEST, _FILES = 7, 12, 14
UNKNOWN_EVENTS = "a run's digest covers its events, which were not read, and their own is not stored"
_BUDGETS = 2
_PLANNED = (16, 17)
SHORT_TICKS = {
    16: "rows tell what happened by the hour, and plans were made more often",
    17: "budgets that ran out or were passed need plans, which are made again only where ticks are hours",
}
OTHER_CODE = {
    16: "other code made the plans; reproduce says what changed",
    17: "budgets that ran out or were passed need plans, which other code made",
}


def audit(
    run: Results,
    days: Mapping[str, Part] | None,
    engine: Engine | None = None,
    row: registry.SimulationRun | None = None,
    files: laws.Verdict | None = None,
    *,
    bids: KeptBids | None = None,
    sample: str = "",
    same_code: bool = True,
    ids: Sequence[pl.Expr] = (),
) -> Audit:
    """Return the audit of a run, with its events where their *days* are given, and with the *bids* it kept.

    A stored run comes with its database and its *row*: that keys resolve, that no other run of the same
    market and seed differs, and that nothing is there of runs that are not complete. Only the *same code*
    makes the same plans. *files* is the verdict on files of events, if they are on disk; *sample* says which
    these are, where they are not all, and *ids* give them the ids of the run, where they have others.
    """
    found = {number: laws.Verdict(number, 0) for number in laws.LAWS}
    if files:
        found[files.law] += files
    for verdict in verdicts(run, days, engine, row, bids=bids, same_code=same_code, ids=ids):
        found[verdict.law] += verdict
    events = days is not None
    reports = tuple(
        _report(found[number], events, run.market, same_code=same_code) for number in sorted(found)
    )
    if row and not (events or row.events_digest or found[_DIGEST].broken):
        reports = tuple(
            replace(one, status=Status.not_checked, note=UNKNOWN_EVENTS) if one.number == _DIGEST else one
            for one in reports
        )
    told = {_FILES: f"files of {sample}: laws on single slots need all events"} if sample else {}
    if bids:
        told[_FUNNEL] = f"every bid was counted again: {bids.of}"
    reports = tuple(replace(one, note=told.get(one.number, one.note)) for one in reports)
    return Audit(run.run_id, row.scenario if row else run.scenario.name, days is not None, reports)


def verdicts(
    run: Results,
    days: Mapping[str, Part] | None,
    engine: Engine | None = None,
    row: registry.SimulationRun | None = None,
    *,
    bids: KeptBids | None = None,
    same_code: bool = True,
    ids: Sequence[pl.Expr] = (),
) -> Iterator[laws.Verdict]:
    """Yield the verdicts that `audit` adds up, one check after another; what takes longest comes last."""
    sold = Sold(run)
    frames = {name: run.table(name) for name in TABLES}
    rows = RowAudit(sold, frames)
    if engine and row:
        with registry.session(engine, writes=False) as session:
            yield from StoreAudit(rows, frames, row, session, engine, same_code=same_code).verdicts()
    yield from rows.verdicts()
    yield from SupplyAudit(sold, rows).verdicts()
    # A run of before there were seals may be one of before anybody counted who won what it lost.
    if len(frames["contention_daily"]) or not row or row.seal:
        yield from contention_verdicts(sold, rows.extended, frames["contention_daily"])
    lift = LiftAudit(sold, frames["lift"])
    yield from lift.verdicts()
    plans = PlanAudit(sold, rows.extended, rows.performance, frames["delivery_events"])
    leaked: tuple[Fact, ...] = ()
    if days is not None:
        events = EventAudit(sold, rows, frames, days, lift, ids)
        yield from events.verdicts()
        leaked = events.leaked
    yield from plans.verdicts(same_code=same_code)
    if bids:
        yield from BidAudit(sold, rows, bids).verdicts()
    if days is not None:
        yield from plans.facts(leaked, (FactKind.caps_leaked,))


def _report(verdict: laws.Verdict, events: bool, market: Market, *, same_code: bool) -> LawReport:
    law = laws.LAWS[verdict.law]
    note = NEVER.get(law.number) or (WITH_EVENTS if events else WITHOUT_EVENTS).get(law.number, "")
    if law.number == _BUDGETS and market.ticks_per_sync > 1:
        late = f"spend is known every {market.sync_minutes} minutes: budgets bind what is known"
        note = f"{late}; {note}" if note else late
    if law.number in _PLANNED and not (same_code and market.ticks_per_hour == 1):
        note = (SHORT_TICKS if same_code else OTHER_CODE)[law.number]
    status = Status.holds
    if not verdict.holds:
        status = Status.broken
    elif law.number in NEVER or (not events and law.number in _NEEDS_EVENTS):
        status = Status.not_checked
    elif not verdict.checked:
        status, note = Status.not_checked, note or "the run has nothing of the kind"
    return LawReport(*law, status, verdict.checked, verdict.broken, verdict.findings, note)
