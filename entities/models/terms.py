"""The terms of a booking: when it flies, what it may spend, how often one viewer may see it."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped

from entities.enums import BudgetType, CapUnit
from entities.models.base import Base, LocalHour, Micros, told

BOOKED = {"info": {"source": "booking"}}
"""Where the columns of a table come from that do not say otherwise."""


class Flight(Base):
    """Whole hours in which a line item may deliver, in the campaign's zone, end exclusive."""

    __tablename__ = "flights"
    __table_args__ = (
        UniqueConstraint("line_item_id", "starts_at"),
        CheckConstraint("ends_at > starts_at", name="hours_forward"),
        CheckConstraint("starts_at LIKE '%:00:00' AND ends_at LIKE '%:00:00'", name="hours_whole"),
        BOOKED,
    )

    id: Mapped[int] = told("Number of the row in this database.", source="database", primary_key=True)
    line_item_id: Mapped[int] = told("Whose it is.", ForeignKey("line_items.id", ondelete="CASCADE"))
    starts_at: Mapped[LocalHour] = told("First hour, in the campaign's zone.")
    ends_at: Mapped[LocalHour] = told("Hour in which it delivers no more, in the campaign's zone.")


class Budget(Base):
    """What a campaign or a line item may spend, in its lifetime or in a local day."""

    __tablename__ = "budgets"
    __table_args__ = (
        UniqueConstraint("campaign_id", "budget_type"),
        UniqueConstraint("line_item_id", "budget_type"),
        CheckConstraint("(campaign_id IS NULL) <> (line_item_id IS NULL)", name="one_owner"),
        BOOKED,
    )

    id: Mapped[int] = told("Number of the row in this database.", source="database", primary_key=True)
    campaign_id: Mapped[int | None] = told(
        "The campaign that it binds, unless it is a line item's.",
        ForeignKey("campaigns.id", ondelete="CASCADE"),
    )
    line_item_id: Mapped[int | None] = told(
        "The line item that it binds, unless it is a campaign's.",
        ForeignKey("line_items.id", ondelete="CASCADE"),
    )
    budget_type: Mapped[BudgetType] = told("Whether it lasts for all flights or begins anew every local day.")
    amount_micros: Mapped[Micros] = told("What may be spent.")


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

    id: Mapped[int] = told("Number of the row in this database.", source="database", primary_key=True)
    advertiser_id: Mapped[int | None] = told(
        "The advertiser all of whose impressions it counts; one of three owners.",
        ForeignKey("advertisers.id", ondelete="CASCADE"),
    )
    campaign_id: Mapped[int | None] = told(
        "The campaign all of whose impressions it counts; one of three owners.",
        ForeignKey("campaigns.id", ondelete="CASCADE"),
    )
    line_item_id: Mapped[int | None] = told(
        "The line item whose impressions it counts; one of three owners.",
        ForeignKey("line_items.id", ondelete="CASCADE"),
    )
    max_impressions: Mapped[int] = told(
        "Billed impressions that one viewer may get in a window, 1 to 255.", unit="count"
    )
    unit: Mapped[CapUnit] = told(
        "What a window is made of. Windows tumble, aligned to the clock of the campaign's zone;"
        " a pod is one ad break, a stream one session."
    )
    unit_count: Mapped[int] = told(
        "How many units make a window; 1 for lifetime, pod and stream.",
        unit="count",
        default=1,
        info={"least": 1},
    )
