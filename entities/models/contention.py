"""Who won what a line item lost, by day."""

from datetime import date
from typing import Annotated

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped

from entities.enums import WonBy
from entities.models.base import Base, Positive, documented

Day = Annotated[date, documented("Day of the hour in which the slot's pod began.", unit="UTC date")]


class ContentionDaily(Base):
    """One run, UTC day, line item and winner: how many of its bids it lost to that one.

    Σ of a line item and day by `won_by` are its `lost_outbid`, `lost_deal` and `lost_ambient`.
    """

    __tablename__ = "contention_daily"
    __table_args__ = (
        CheckConstraint("(winner_line_item_id IS NULL) = (won_by = 'outside_demand')", name="winner_of_kind"),
        CheckConstraint("winner_line_item_id <> line_item_id", name="winner_is_another"),
        Index(None, "line_item_id", "date"),
        Index(None, "winner_line_item_id", "date"),
        {"info": {"source": "market"}},
    )

    id: Mapped[int] = documented("Number of the row in this database.", source="database", primary_key=True)
    run_id: Mapped[str] = documented("The run.", ForeignKey("simulation_runs.run_id", ondelete="CASCADE"))
    date: Mapped[Day]
    line_item_id: Mapped[int] = documented(
        "The line item that bid and lost.", ForeignKey("line_items.id", ondelete="RESTRICT")
    )
    won_by: Mapped[WonBy] = documented(
        "What kind of buyer won: another line item in the auction, one with a deal served ahead of it, or"
        " demand outside the registry."
    )
    winner_line_item_id: Mapped[int | None] = documented(
        "The line item that won; NULL for outside demand. In a dynamic pod the one whose ad keeps the loser's"
        " out: that of its own advertiser or separated category, and else the least of the pod's ads.",
        ForeignKey("line_items.id", ondelete="RESTRICT"),
    )
    bids: Mapped[Positive] = documented(
        "Bids lost to it.", unit="count", formula="Σ over winners = lost_outbid + lost_deal + lost_ambient"
    )


Index(
    "ux_contention_daily_winner",
    ContentionDaily.run_id,
    ContentionDaily.date,
    ContentionDaily.line_item_id,
    func.coalesce(ContentionDaily.winner_line_item_id, 0),
    unique=True,
)
