"""What an audit finds: one report for each law, with the places where it is broken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sim import laws


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
