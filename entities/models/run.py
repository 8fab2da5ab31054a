"""One simulation run: its inputs, its machine and its headline figures."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, func, select
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped

from entities.enums import RunStatus
from entities.models.base import Base, Count, Micros, Positive, documented


def _next(context: DefaultExecutionContext) -> int:
    # Not a sequence of the database's own: SQLite has one for primary keys only.
    latest = context.connection.scalar(select(func.max(SimulationRun.number)))
    return (latest or 0) + 1


class SimulationRun(Base):
    """The scenario, book, code and machine of a run: enough to reproduce its digest."""

    __tablename__ = "simulation_runs"
    __table_args__ = (
        CheckConstraint("length(run_id) > 0", name="run_id_length"),
        CheckConstraint("finished_at >= started_at", name="times_forward"),
        CheckConstraint("seconds >= 0", name="seconds_least"),
        CheckConstraint("start LIKE '____-__-__ __:00:00'", name="start_whole"),
        CheckConstraint("60 % tick_minutes = 0", name="tick_divides_hour"),
        Index(None, "scenario", "started_at"),
        Index(None, "fingerprint"),
        Index(None, "number"),
        {"info": {"source": "run"}},
    )

    run_id: Mapped[str] = documented(
        "Name of the run.", formula="scenario-date-time-random", source="clock", primary_key=True
    )
    scenario: Mapped[str] = documented("Name of the scenario.", source="scenario")
    scenario_text: Mapped[str] = documented(
        "The resolved scenario, defaults and overrides included.", unit="JSON", source="scenario"
    )
    book_text: Mapped[str] = documented(
        "The resolved book as it was sold; later changes of the registry do not touch it.",
        unit="JSON",
        source="registry",
        default="",
    )
    fingerprint: Mapped[str] = documented(
        "Hash of the experiment's content.",
        unit="hexadecimal",
        formula="SHA-256 of the scenario, without name and description, and the book",
    )
    seed: Mapped[Count] = documented("The seed of all randomness.", source="scenario")
    start: Mapped[datetime] = documented("Beginning of the first hour.", unit="UTC", source="scenario")
    horizon_hours: Mapped[Positive] = documented(
        "Hours that were simulated.", unit="hours", source="scenario"
    )
    tick_minutes: Mapped[Positive] = documented(
        "How often line items planned; it divides the hour.", unit="minutes", source="scenario", default=60
    )
    shards: Mapped[Positive] = documented(
        "Logical shards of households; part of the experiment.", unit="count", source="scenario"
    )
    workers: Mapped[Positive] = documented(
        "Threads that ran the shards; their number changes no result.", unit="count", source="machine"
    )
    paceline_version: Mapped[str] = documented("Version of Paceline.", source="machine")
    code: Mapped[str] = documented(
        "Hash of the code, which may change while the version stays the same.",
        unit="hexadecimal",
        formula="SHA-256 of the source files that affect the result",
        source="machine",
        default="",
    )
    python_version: Mapped[str] = documented("Version of Python.", source="machine")
    packages: Mapped[str] = documented(
        "Versions of the packages that can affect the result.", unit="JSON", source="machine", default="{}"
    )
    platform: Mapped[str] = documented("Operating system and processor.", source="machine")
    digest: Mapped[str] = documented(
        "Hash of the result: equal digests mean equal runs.",
        unit="hexadecimal",
        formula="SHA-256 of all events, rows and facts, without run, database ids, ratios and timings",
    )
    status: Mapped[RunStatus] = documented(
        "How it ended; readers ignore all but complete runs.", default=RunStatus.complete
    )
    started_at: Mapped[datetime] = documented("When it was started.", unit="UTC", source="clock")
    finished_at: Mapped[datetime] = documented("When its last hour was over.", unit="UTC", source="clock")
    seconds: Mapped[float] = documented(
        "How long the simulation took, without storing.", unit="seconds", source="clock"
    )
    auctions: Mapped[Count] = documented("Slots that were auctioned.", formula="Σ inventory_hourly.avails")
    impressions: Mapped[Count] = documented("Billed impressions.", formula="Σ performance.impressions")
    spend_micros: Mapped[Micros] = documented(
        "What all line items paid.", formula="Σ performance.spend_micros"
    )
    notes: Mapped[str] = documented("A note by the user.", source="person", default="")
    tags: Mapped[str] = documented("Tags by the user, to find it by.", source="person", default="")
    number: Mapped[Positive] = documented(
        "Its place in the order in which runs were stored here: the latest has the largest.",
        unit="count",
        source="database",
        default=_next,
    )
    events_digest: Mapped[str] = documented(
        "Hash of its events, by which its rows alone can be held to its digest; empty where it is not known.",
        unit="hexadecimal",
        formula="SHA-256 of all events",
        default="",
    )
    seal: Mapped[str] = documented(
        "Hash of this row without number, note and tags; empty where it is not known.",
        unit="hexadecimal",
        formula="SHA-256 of its other columns as JSON",
        default="",
    )
