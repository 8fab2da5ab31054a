"""What studies found, in one tidy table."""

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from entities.models.base import Base, documented


class StudyResult(Base):
    """One study, arm, seed, line item and metric: the value of it.

    A replication, which is an arm with a seed, is named by its content, and is played once for all studies.
    """

    __tablename__ = "study_results"
    __table_args__ = (
        CheckConstraint("seed >= 0", name="seed_least"),
        Index(None, "fingerprint", "code"),
        {"info": {"source": "study"}, "sqlite_with_rowid": False},
    )

    study: Mapped[str] = documented("Name of the study.", primary_key=True)
    arm: Mapped[str] = documented("Name of the arm.", primary_key=True)
    seed: Mapped[int] = documented("Seed that it was played with.", primary_key=True)
    line_item: Mapped[str] = documented(
        "Advertiser, campaign and name of a line item; empty for all together, and for the market.",
        primary_key=True,
    )
    metric: Mapped[str] = documented("Name of the metric; `paceline list metrics`.", primary_key=True)
    value: Mapped[float | None] = documented("Its value; NULL where it divides by nothing.")
    fingerprint: Mapped[str] = documented(
        "SHA-256 of the arm's scenario with that seed, without name and description, and of its book."
    )
    code: Mapped[str] = documented("SHA-256 of the source files that decide the value.")
    digest: Mapped[str] = documented("SHA-256 of the replication's events.")
