"""One simulation run: what was run, with what, and its headline figures."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from entities.enums import RunStatus
from entities.models.base import SCHEMA_VERSION, Base, Count


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
        {"comment": f"paceline schema {SCHEMA_VERSION}"},
    )

    run_id: Mapped[str] = mapped_column(primary_key=True)
    scenario: Mapped[str]
    scenario_text: Mapped[str]
    """The resolved scenario."""
    book_text: Mapped[str] = mapped_column(default="")
    """The resolved book: what was sold, whatever happened to the registry since."""
    fingerprint: Mapped[str]
    """SHA-256 of the scenario and the resolved book."""
    seed: Mapped[Count]
    start: Mapped[datetime]
    horizon_hours: Mapped[int] = mapped_column(info={"least": 1})
    tick_minutes: Mapped[int] = mapped_column(default=60, info={"least": 1})
    shards: Mapped[int] = mapped_column(info={"least": 1})
    workers: Mapped[int] = mapped_column(info={"least": 1})
    paceline_version: Mapped[str]
    python_version: Mapped[str]
    packages: Mapped[str] = mapped_column(default="{}")
    """JSON of name to version."""
    platform: Mapped[str]
    digest: Mapped[str]
    status: Mapped[RunStatus] = mapped_column(default=RunStatus.complete)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    seconds: Mapped[float]
    auctions: Mapped[Count]
    impressions: Mapped[Count]
    spend_micros: Mapped[Count]
    notes: Mapped[str] = mapped_column(default="")
    tags: Mapped[str] = mapped_column(default="")
