"""One simulation run: what was run, with what, and its headline figures."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from entities.enums import RunStatus
from entities.models.base import Base, Count, Micros, told


class SimulationRun(Base):
    """What was run and how: enough to run it again and to get the same digest."""

    __tablename__ = "simulation_runs"
    __table_args__ = (
        CheckConstraint("length(run_id) > 0", name="run_id_length"),
        CheckConstraint("finished_at >= started_at", name="times_forward"),
        CheckConstraint("seconds >= 0", name="seconds_least"),
        CheckConstraint("start LIKE '____-__-__ __:00:00'", name="start_whole"),
        CheckConstraint("60 % tick_minutes = 0", name="tick_divides_hour"),
        Index(None, "scenario", "started_at"),
        Index(None, "fingerprint"),
        {"info": {"source": "run"}},
    )

    run_id: Mapped[str] = told(
        "Name of the run.", formula="scenario-date-time-random", source="clock", primary_key=True
    )
    scenario: Mapped[str] = told("Name of the scenario.", source="scenario")
    scenario_text: Mapped[str] = told(
        "The resolved scenario, defaults and overrides included.", unit="JSON", source="scenario"
    )
    book_text: Mapped[str] = told(
        "The resolved book: what was sold, whatever happened to the registry since.",
        unit="JSON",
        source="registry",
        default="",
    )
    fingerprint: Mapped[str] = told(
        "What names the experiment by its content.",
        unit="hexadecimal",
        formula="SHA-256 of the scenario, without name and description, and the book",
    )
    seed: Mapped[Count] = told("What all randomness of the run is derived from.", source="scenario")
    start: Mapped[datetime] = told("Beginning of the first hour.", unit="UTC", source="scenario")
    horizon_hours: Mapped[int] = told(
        "Hours that were simulated.", unit="hours", source="scenario", info={"least": 1}
    )
    tick_minutes: Mapped[int] = told(
        "How often line items planned; it divides the hour.",
        unit="minutes",
        source="scenario",
        default=60,
        info={"least": 1},
    )
    shards: Mapped[int] = told(
        "Logical shards of households; part of the experiment.",
        unit="count",
        source="scenario",
        info={"least": 1},
    )
    workers: Mapped[int] = told(
        "Threads that ran the shards; they change no byte.", unit="count", source="machine", info={"least": 1}
    )
    paceline_version: Mapped[str] = told("Version of Paceline.", source="machine")
    code: Mapped[str] = told(
        "What names the code by its content, also where the version stayed the same.",
        unit="hexadecimal",
        formula="SHA-256 of the source files that decide what a run comes to",
        source="machine",
        default="",
    )
    python_version: Mapped[str] = told("Version of Python.", source="machine")
    packages: Mapped[str] = told(
        "Versions of the packages that can change a byte.", unit="JSON", source="machine", default="{}"
    )
    platform: Mapped[str] = told("Operating system and processor.", source="machine")
    digest: Mapped[str] = told(
        "The run's bytes in 64 digits: equal digests, equal runs.",
        unit="hexadecimal",
        formula="SHA-256 of all events and rows, without run, database ids, ratios and timings",
    )
    status: Mapped[RunStatus] = told(
        "How it ended; readers look at complete runs only.", default=RunStatus.complete
    )
    started_at: Mapped[datetime] = told("When it was started.", unit="UTC", source="clock")
    finished_at: Mapped[datetime] = told("When its last hour was over.", unit="UTC", source="clock")
    seconds: Mapped[float] = told(
        "How long the market took, storing excluded.", unit="seconds", source="clock"
    )
    auctions: Mapped[Count] = told("Slots that were auctioned.", formula="Σ inventory_hourly.avails")
    impressions: Mapped[Count] = told("Billed impressions.", formula="Σ performance.impressions")
    spend_micros: Mapped[Micros] = told("What all line items paid.", formula="Σ performance.spend_micros")
    notes: Mapped[str] = told("Whatever somebody wrote about it.", source="person", default="")
    tags: Mapped[str] = told("Words to find it by.", source="person", default="")
