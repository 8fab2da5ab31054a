"""The terms of a booking: when it flies, what it may spend, how often one viewer may see it."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped

from entities.enums import BudgetType, CapUnit
from entities.models.base import Base, LocalHour, Micros, Positive, documented

BOOKED = {"info": {"source": "booking"}}
"""The source of every column that names no other."""


class Flight(Base):
    """Whole hours in which a line item may deliver, in the campaign's zone, end exclusive."""

    __tablename__ = "flights"
    __table_args__ = (
        UniqueConstraint("line_item_id", "starts_at"),
        CheckConstraint("ends_at > starts_at", name="hours_forward"),
        CheckConstraint("starts_at LIKE '%:00:00' AND ends_at LIKE '%:00:00'", name="hours_whole"),
        BOOKED,
    )

    id: Mapped[int] = documented("Number of the row in this database.", source="database", primary_key=True)
    line_item_id: Mapped[int] = documented("Its line item.", ForeignKey("line_items.id", ondelete="CASCADE"))
    starts_at: Mapped[LocalHour] = documented("First hour, in the campaign's zone.")
    ends_at: Mapped[LocalHour] = documented("First hour after the flight, in the campaign's zone.")


class Budget(Base):
    """The most that a campaign or a line item may spend, in its lifetime or in each local day."""

    __tablename__ = "budgets"
    __table_args__ = (
        UniqueConstraint("campaign_id", "budget_type"),
        UniqueConstraint("line_item_id", "budget_type"),
        CheckConstraint("(campaign_id IS NULL) <> (line_item_id IS NULL)", name="one_owner"),
        BOOKED,
    )

    id: Mapped[int] = documented("Number of the row in this database.", source="database", primary_key=True)
    campaign_id: Mapped[int | None] = documented(
        "The campaign whose spend it limits; NULL for a budget of a line item.",
        ForeignKey("campaigns.id", ondelete="CASCADE"),
    )
    line_item_id: Mapped[int | None] = documented(
        "The line item whose spend it limits; NULL for a budget of a campaign.",
        ForeignKey("line_items.id", ondelete="CASCADE"),
    )
    budget_type: Mapped[BudgetType] = documented(
        "Whether it is for all flights together or for each local day."
    )
    amount_micros: Mapped[Micros] = documented(
        "The most that may be spent; 1,000,000,000,000,000, the largest, stands for no limit."
    )


def _owned(column: str) -> str:
    return f"CASE WHEN {column} IS NULL THEN 0 ELSE 1 END"


class FrequencyCap(Base):
    """How many billed impressions one viewer may get in a window of so many units."""

    __tablename__ = "frequency_caps"
    __table_args__ = (
        CheckConstraint(
            " + ".join(map(_owned, ("advertiser_id", "campaign_id", "line_item_id"))) + " = 1",
            name="one_owner",
        ),
        CheckConstraint("max_impressions BETWEEN 1 AND 255", name="max_impressions_byte"),
        CheckConstraint(
            "unit_count = 1 OR unit NOT IN ('lifetime', 'pod', 'stream')", name="unit_count_of_a_clock"
        ),
        UniqueConstraint("advertiser_id", "unit", "unit_count"),
        UniqueConstraint("campaign_id", "unit", "unit_count"),
        UniqueConstraint("line_item_id", "unit", "unit_count"),
        BOOKED,
    )

    id: Mapped[int] = documented("Number of the row in this database.", source="database", primary_key=True)
    advertiser_id: Mapped[int | None] = documented(
        "The advertiser whose impressions it counts; one of three owners.",
        ForeignKey("advertisers.id", ondelete="CASCADE"),
    )
    campaign_id: Mapped[int | None] = documented(
        "The campaign whose impressions it counts; one of three owners.",
        ForeignKey("campaigns.id", ondelete="CASCADE"),
    )
    line_item_id: Mapped[int | None] = documented(
        "The line item whose impressions it counts; one of three owners.",
        ForeignKey("line_items.id", ondelete="CASCADE"),
    )
    max_impressions: Mapped[int] = documented(
        "Billed impressions that one viewer may get in a window, 1 to 255.", unit="count"
    )
    unit: Mapped[CapUnit] = documented(
        "Unit of the window. Windows do not overlap; they begin by the wall clock of the campaign's zone,"
        " those of an advertiser by the market's. One of n units begins where their number is a multiple"
        " of n: minutes and hours are counted from 1970, days from the year 1, weeks from Monday, 5"
        " January 1970, months from January of the year 0. An hour that comes twice has the windows of its"
        " minutes twice and is two windows of an hour; longer ones are longer by it. A pod is one ad"
        " break, a stream one session."
    )
    unit_count: Mapped[Positive] = documented(
        "Units in a window; 1 for lifetime, pod and stream.", unit="count", default=1
    )
