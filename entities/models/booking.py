"""What is sold: advertisers, their campaigns, and the line items and creatives in them."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from entities.enums import (
    AdFormat,
    CampaignStatus,
    CreativeMimeType,
    Currency,
    DspPartner,
    Objective,
    QAStatus,
)
from entities.models.base import Base, EntityBase
from entities.models.terms import Budget, Flight, FrequencyCap

# A parent owns its children: they come and go with it, and the database deletes them.
OWNED = "all, delete-orphan"


class Advertiser(EntityBase, Base):
    """Who pays; two ads of one advertiser never share a pod, nor do two of a category that is separated."""

    __tablename__ = "advertisers"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("length(category) > 0", name="category_length"),
    )

    category: Mapped[str] = mapped_column(default="general")

    campaigns: Mapped[list["Campaign"]] = relationship(
        back_populates="advertiser", cascade=OWNED, passive_deletes=True, order_by="Campaign.name"
    )
    frequency_caps: Mapped[list[FrequencyCap]] = relationship(
        cascade=OWNED, passive_deletes=True, order_by=FrequencyCap.id
    )


class Campaign(EntityBase, Base):
    """What an advertiser wants to achieve between two local dates, both included."""

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("advertiser_id", "name"),
        CheckConstraint("end_date >= start_date", name="dates_forward"),
    )

    advertiser_id: Mapped[int] = mapped_column(ForeignKey("advertisers.id", ondelete="CASCADE"))
    status: Mapped[CampaignStatus] = mapped_column(default=CampaignStatus.active, sort_order=-1)  # type: ignore[assignment]
    objective: Mapped[Objective] = mapped_column(default=Objective.awareness)
    dsp_partner: Mapped[DspPartner] = mapped_column(default=DspPartner.direct)
    currency: Mapped[Currency] = mapped_column(default=Currency.usd)
    timezone: Mapped[str] = mapped_column(default="UTC")
    start_date: Mapped[date]
    end_date: Mapped[date]

    advertiser: Mapped[Advertiser] = relationship(back_populates="campaigns")
    line_items: Mapped[list["LineItem"]] = relationship(
        back_populates="campaign", cascade=OWNED, passive_deletes=True, order_by="LineItem.name"
    )
    budgets: Mapped[list[Budget]] = relationship(
        cascade=OWNED, passive_deletes=True, order_by=Budget.budget_type.desc()
    )
    frequency_caps: Mapped[list[FrequencyCap]] = relationship(
        cascade=OWNED, passive_deletes=True, order_by=FrequencyCap.id
    )


class LineItem(EntityBase, Base):
    """What bids: a price, a target and the policies that spend a budget over flights."""

    __tablename__ = "line_items"
    __table_args__ = (UniqueConstraint("campaign_id", "name"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    ad_format: Mapped[AdFormat] = mapped_column(default=AdFormat.standard_video)
    max_bid_micros: Mapped[int] = mapped_column(info={"least": 1})
    """Micros an impression: a CPM of $25.00 is 25,000."""
    targeting: Mapped[str] = mapped_column(default="{}")
    """JSON of `Targeting`."""
    dayparts: Mapped[str | None]
    """JSON list of `DaypartSchema`; none means always."""
    pacing: Mapped[str] = mapped_column(default='{"kind":"even"}')
    bidding: Mapped[str] = mapped_column(default='{"kind":"fixed_cpm"}')
    valuation: Mapped[str] = mapped_column(default='{"kind":"constant"}')

    campaign: Mapped[Campaign] = relationship(back_populates="line_items")
    creatives: Mapped[list["Creative"]] = relationship(
        back_populates="line_item", cascade=OWNED, passive_deletes=True, order_by="Creative.name"
    )
    flights: Mapped[list[Flight]] = relationship(
        cascade=OWNED, passive_deletes=True, order_by=Flight.starts_at
    )
    budgets: Mapped[list[Budget]] = relationship(
        cascade=OWNED, passive_deletes=True, order_by=Budget.budget_type.desc()
    )
    frequency_caps: Mapped[list[FrequencyCap]] = relationship(
        cascade=OWNED, passive_deletes=True, order_by=FrequencyCap.id
    )


class Creative(EntityBase, Base):
    """What is shown: an asset of so many seconds, rotated by weight."""

    __tablename__ = "creatives"
    __table_args__ = (
        UniqueConstraint("line_item_id", "name"),
        CheckConstraint("length(asset_url) > 0", name="asset_url_length"),
        Index(None, "line_item_id", "status", "qa_status"),
    )

    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_items.id", ondelete="CASCADE"))
    ad_format: Mapped[AdFormat] = mapped_column(default=AdFormat.standard_video)
    mime_type: Mapped[CreativeMimeType]
    asset_url: Mapped[str]
    click_url: Mapped[str | None]
    duration_s: Mapped[int] = mapped_column(info={"least": 1})
    weight: Mapped[int] = mapped_column(default=1, info={"least": 1})
    qa_status: Mapped[QAStatus] = mapped_column(default=QAStatus.approved)

    line_item: Mapped[LineItem] = relationship(back_populates="creatives")
