"""What is sold: advertisers, their campaigns, and the line items and creatives in them."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from entities.enums import (
    AdFormat,
    CampaignStatus,
    CreativeMimeType,
    Currency,
    DspPartner,
    Objective,
    QAStatus,
    SlotInPod,
)
from entities.models.base import Base, EntityBase, Positive, Ppm, documented
from entities.models.terms import BOOKED, Budget, Flight, FrequencyCap


def owned(order_by: Any, *, parent: str | None = None) -> Any:
    """Return the children of a row, which the database deletes with it; *parent* is their name for it."""
    return relationship(
        back_populates=parent, cascade="all, delete-orphan", passive_deletes=True, order_by=order_by
    )


class Advertiser(EntityBase, Base):
    """A company that pays for ads; ads of one advertiser, or of one separated category, never share a pod."""

    __tablename__ = "advertisers"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("length(category) > 0", name="category_length"),
        BOOKED,
    )

    category: Mapped[str] = documented(
        "Line of business. Two ads of a separated category never share a pod; `general` is never separated.",
        default="general",
    )

    campaigns: Mapped[list["Campaign"]] = owned("Campaign.name", parent="advertiser")
    frequency_caps: Mapped[list[FrequencyCap]] = owned(FrequencyCap.id)


class Campaign(EntityBase, Base):
    """Line items of an advertiser with one goal, between two local dates, both included."""

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("advertiser_id", "name"),
        CheckConstraint("end_date >= start_date", name="dates_forward"),
        BOOKED,
    )

    advertiser_id: Mapped[int] = documented(
        "Its advertiser.", ForeignKey("advertisers.id", ondelete="CASCADE")
    )
    status: Mapped[CampaignStatus] = documented(  # type: ignore[assignment]  # a campaign has more states than the EntityStatus of the base
        "Whether it takes part; only an active campaign bids.", default=CampaignStatus.active, sort_order=-1
    )
    objective: Mapped[Objective] = documented("Its goal.", default=Objective.awareness)
    dsp_partner: Mapped[DspPartner] = documented(
        "Platform through which it is bought.", default=DspPartner.direct
    )
    currency: Mapped[Currency] = documented(
        "Currency of all its amounts, ISO 4217; a market has one.", default=Currency.usd
    )
    timezone: Mapped[str] = documented(
        "IANA zone in which its days, flights, dayparts and cap windows are read.", default="UTC"
    )
    start_date: Mapped[date] = documented("First day, included.", unit="local date")
    end_date: Mapped[date] = documented("Last day, included.", unit="local date")
    pacing: Mapped[str | None] = documented(
        "Pacing policy that plans for all its line items together, with its parameters: one multiplier, one"
        " participation, one budget. NULL where each line item has its own.",
        unit="JSON",
    )

    advertiser: Mapped[Advertiser] = relationship(back_populates="campaigns")
    line_items: Mapped[list["LineItem"]] = owned("LineItem.name", parent="campaign")
    budgets: Mapped[list[Budget]] = owned(Budget.budget_type.desc())
    frequency_caps: Mapped[list[FrequencyCap]] = owned(FrequencyCap.id)


class LineItem(EntityBase, Base):
    """A bidder: its maximum bid, targeting, and the policies that spend a budget over flights."""

    __tablename__ = "line_items"
    __table_args__ = (UniqueConstraint("campaign_id", "name"), BOOKED)

    campaign_id: Mapped[int] = documented("Its campaign.", ForeignKey("campaigns.id", ondelete="CASCADE"))
    ad_format: Mapped[AdFormat] = documented(
        "Kind of ad that it books; it bounds the length of its creatives.", default=AdFormat.standard_video
    )
    max_bid_micros: Mapped[Positive] = documented(
        "The most that it bids for one impression.",
        unit="micros per impression",
        formula="max CPM × 1000: $25.00 CPM is 25,000",
    )
    targeting: Mapped[str] = documented(
        "Values of a slot to include and to exclude, by key.", unit="JSON of `Targeting`", default="{}"
    )
    slot_in_pod: Mapped[SlotInPod] = documented(
        "The place in the pod that it buys; a slot in another place does not match.", default=SlotInPod.any
    )
    holdout_ppm: Mapped[Ppm] = documented(
        "Share of viewers, by a hash of viewer and line item, whom it never serves.", default=0
    )
    dayparts: Mapped[str | None] = documented(
        "Hours and weekdays of its schedule, in the campaign's zone; NULL is always.",
        unit="JSON list of `DaypartSchema`",
    )
    deal: Mapped[str] = documented(
        "How it is sold, a member of `sim/deal`, and its parameters.", unit="JSON", default='{"kind":"open"}'
    )
    pacing: Mapped[str] = documented(
        "Pacing policy, a member of `sim/pacing`, and its parameters.",
        unit="JSON",
        default='{"kind":"traffic_shaped"}',
    )
    bidding: Mapped[str] = documented(
        "Bidding rule, a member of `sim/bidding`, and its parameters.",
        unit="JSON",
        default='{"kind":"fixed_cpm"}',
    )
    valuation: Mapped[str] = documented(
        "What an impression is worth, a member of `sim/valuation`, and its parameters.",
        unit="JSON",
        default='{"kind":"constant"}',
    )

    campaign: Mapped[Campaign] = relationship(back_populates="line_items")
    creatives: Mapped[list["Creative"]] = owned("Creative.name", parent="line_item")
    flights: Mapped[list[Flight]] = owned(Flight.starts_at)
    budgets: Mapped[list[Budget]] = owned(Budget.budget_type.desc())
    frequency_caps: Mapped[list[FrequencyCap]] = owned(FrequencyCap.id)


class Creative(EntityBase, Base):
    """An asset of a line item: its address and length, rotated by weight."""

    __tablename__ = "creatives"
    __table_args__ = (
        UniqueConstraint("line_item_id", "name"),
        CheckConstraint("length(asset_url) > 0", name="asset_url_length"),
        Index(None, "line_item_id", "status", "qa_status"),
        BOOKED,
    )

    line_item_id: Mapped[int] = documented("Its line item.", ForeignKey("line_items.id", ondelete="CASCADE"))
    ad_format: Mapped[AdFormat] = documented("Kind of ad; its line item's.", default=AdFormat.standard_video)
    mime_type: Mapped[CreativeMimeType] = documented("Media type of the asset.")
    asset_url: Mapped[str] = documented("Address of the asset; Paceline never fetches it.")
    click_url: Mapped[str | None] = documented("Where a click leads; NULL where there is nothing to click.")
    duration_s: Mapped[Positive] = documented(
        "Length; it runs only in slots at least as long.", unit="seconds"
    )
    weight: Mapped[Positive] = documented(
        "How often it is shown in proportion to the line item's other creatives that fit.",
        unit="parts",
        default=1,
    )
    qa_status: Mapped[QAStatus] = documented(
        "Where it stands in review; only an approved one is served.", default=QAStatus.approved
    )

    line_item: Mapped[LineItem] = relationship(back_populates="creatives")
