"""What happened, hour by hour: performance, its diagnosis, inventory and delivery events of a run."""

from datetime import date, datetime
from itertools import pairwise
from typing import Annotated

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from entities.enums import DeviceType, Placement, UnderdeliveryReason
from entities.models.base import Base, Count

RunKey = Annotated[
    str, mapped_column(ForeignKey("simulation_runs.run_id", ondelete="CASCADE"), primary_key=True)
]
HourKey = Annotated[datetime, mapped_column(primary_key=True)]


def ratio(over: str, under: str) -> Computed:
    """Return a generated column: *over* by *under*, NULL where *under* is 0."""
    return Computed(f"CAST({over} AS DOUBLE PRECISION) / NULLIF({under}, 0)", persisted=True)


def in_order(*columns: str) -> str:
    """Return the SQL that each of *columns* is at least the next."""
    return " AND ".join(f"{more} >= {less}" for more, less in pairwise(columns))


def whole_hour() -> CheckConstraint:
    """Return the check that `hour_start` is the canonical text of a whole hour."""
    return CheckConstraint("hour_start LIKE '____-__-__ __:00:00'", name="hour_start_whole")


class Performance(Base):
    """One run, UTC hour, line item and creative: what was shown, watched and spent."""

    __tablename__ = "performance"
    __table_args__ = (
        whole_hour(),
        CheckConstraint("date = substr(hour_start, 1, 10)", name="date_of_hour"),
        CheckConstraint(
            "hour_of_day = CAST(substr(hour_start, 12, 2) AS INTEGER)", name="hour_of_day_of_hour"
        ),
        CheckConstraint(
            in_order(
                "impressions", "video_starts", "video_q25", "video_q50", "video_q75", "video_completions"
            ),
            name="quartiles_in_order",
        ),
        CheckConstraint("clicks <= impressions", name="clicks_of_impressions"),
        CheckConstraint(in_order("impressions", "measurable", "viewable"), name="viewable_in_order"),
        Index(None, "line_item_id", "hour_start"),
        Index(None, "campaign_id", "hour_start"),
        Index(None, "advertiser_id", "hour_start"),
        Index(None, "creative_id"),
    )

    run_id: Mapped[RunKey]
    hour_start: Mapped[HourKey]
    date: Mapped[date]
    hour_of_day: Mapped[int]
    advertiser_id: Mapped[int] = mapped_column(ForeignKey("advertisers.id", ondelete="RESTRICT"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="RESTRICT"))
    line_item_id: Mapped[int] = mapped_column(
        ForeignKey("line_items.id", ondelete="RESTRICT"), primary_key=True
    )
    creative_id: Mapped[int] = mapped_column(
        ForeignKey("creatives.id", ondelete="RESTRICT"), primary_key=True
    )
    impressions: Mapped[Count]
    clicks: Mapped[Count]
    video_starts: Mapped[Count]
    video_q25: Mapped[Count]
    video_q50: Mapped[Count]
    video_q75: Mapped[Count]
    video_completions: Mapped[Count]
    measurable: Mapped[Count]
    viewable: Mapped[Count]
    ivt: Mapped[Count]
    errors: Mapped[Count]
    skips: Mapped[Count]
    mutes: Mapped[Count]
    qr_scans: Mapped[Count]
    watch_seconds: Mapped[Count]
    spend_micros: Mapped[Count]
    ctr: Mapped[float | None] = mapped_column(ratio("clicks", "impressions"))
    vtr: Mapped[float | None] = mapped_column(ratio("video_completions", "impressions"))
    completion_rate: Mapped[float | None] = mapped_column(ratio("video_completions", "video_starts"))
    viewability_rate: Mapped[float | None] = mapped_column(ratio("viewable", "measurable"))
    ecpm: Mapped[float | None] = mapped_column(ratio("spend_micros", "(impressions * 1000)"))
    cpcv: Mapped[float | None] = mapped_column(ratio("spend_micros", "(video_completions * 1000000)"))
    cpc: Mapped[float | None] = mapped_column(ratio("spend_micros", "(clicks * 1000000)"))


class PerformanceExtended(Base):
    """One run, UTC hour and line item: the funnel, prices, reach and pacing."""

    __tablename__ = "performance_extended"
    __table_args__ = (
        whole_hour(),
        CheckConstraint(
            "requests_matched = blocked_daypart + blocked_creative + blocked_budget_lifetime"
            " + blocked_budget_daily + blocked_allowance + blocked_frequency_cap + blocked_separation"
            " + blocked_throttle + bids",
            name="funnel_matched",
        ),
        CheckConstraint("bids = lost_below_floor + lost_ambient + lost_outbid + wins", name="funnel_bids"),
        CheckConstraint("wins = impressions + errors + invalid", name="funnel_wins"),
        CheckConstraint(
            in_order("bid_sum_micros", "clearing_sum_micros", "floor_sum_micros"), name="prices_in_order"
        ),
        CheckConstraint("spend_micros <= clearing_sum_micros", name="spend_of_wins"),
        CheckConstraint(
            in_order("impressions", "unique_viewers_hour", "new_viewers_hour"), name="viewers_in_order"
        ),
        CheckConstraint(
            in_order("impressions_to_date", "reach_to_date", "new_viewers_hour"), name="reach_in_order"
        ),
        CheckConstraint(
            "reach_to_date = freq_1 + freq_2 + freq_3_5 + freq_6_9 + freq_10_plus", name="frequency_of_reach"
        ),
        Index(None, "line_item_id", "hour_start"),
    )

    run_id: Mapped[RunKey]
    hour_start: Mapped[HourKey]
    line_item_id: Mapped[int] = mapped_column(
        ForeignKey("line_items.id", ondelete="RESTRICT"), primary_key=True
    )
    requests_matched: Mapped[Count]
    blocked_daypart: Mapped[Count]
    blocked_creative: Mapped[Count]
    blocked_budget_lifetime: Mapped[Count]
    blocked_budget_daily: Mapped[Count]
    blocked_allowance: Mapped[Count]
    blocked_frequency_cap: Mapped[Count]
    blocked_separation: Mapped[Count]
    blocked_throttle: Mapped[Count]
    bids: Mapped[Count]
    lost_below_floor: Mapped[Count]
    lost_ambient: Mapped[Count]
    lost_outbid: Mapped[Count]
    wins: Mapped[Count]
    errors: Mapped[Count]
    invalid: Mapped[Count]
    impressions: Mapped[Count]
    bid_sum_micros: Mapped[Count]
    """Over all bids."""
    clearing_sum_micros: Mapped[Count]
    """Over wins."""
    floor_sum_micros: Mapped[Count]
    """Over wins."""
    spend_micros: Mapped[Count]
    unique_viewers_hour: Mapped[Count]
    new_viewers_hour: Mapped[Count]
    reach_to_date: Mapped[Count]
    impressions_to_date: Mapped[Count]
    freq_1: Mapped[Count]
    freq_2: Mapped[Count]
    freq_3_5: Mapped[Count]
    freq_6_9: Mapped[Count]
    freq_10_plus: Mapped[Count]
    goal_micros_hour: Mapped[Count]
    expected_cum_micros: Mapped[Count]
    delivered_cum_micros: Mapped[Count]
    bid_multiplier_ppm: Mapped[Count]
    participation_ppm: Mapped[Count]
    allowance_micros: Mapped[Count]
    primary_underdelivery_reason: Mapped[UnderdeliveryReason | None]
    win_rate: Mapped[float | None] = mapped_column(ratio("wins", "bids"))
    osi: Mapped[float | None] = mapped_column(ratio("delivered_cum_micros", "expected_cum_micros"))
    bid_multiplier: Mapped[float] = mapped_column(ratio("bid_multiplier_ppm", "1000000"))
    participation: Mapped[float] = mapped_column(ratio("participation_ppm", "1000000"))


class InventoryHourly(Base):
    """One run, UTC hour, device and placement: the slots on offer and who filled them."""

    __tablename__ = "inventory_hourly"
    __table_args__ = (
        whole_hour(),
        CheckConstraint("avails = filled + filled_ambient + unfilled", name="avails_accounted"),
        Index(None, "device", "hour_start"),
    )

    run_id: Mapped[RunKey]
    hour_start: Mapped[HourKey]
    device: Mapped[DeviceType] = mapped_column(primary_key=True)
    placement: Mapped[Placement] = mapped_column(primary_key=True)
    avails: Mapped[Count]
    filled: Mapped[Count]
    """By line items."""
    filled_ambient: Mapped[Count]
    """By demand outside the registry."""
    unfilled: Mapped[Count]
    revenue_micros: Mapped[Count]
    revenue_ambient_micros: Mapped[Count]
    ad_seconds: Mapped[Count]
    fill_rate: Mapped[float | None] = mapped_column(ratio("(filled + filled_ambient)", "avails"))


class DeliveryEvent(Base):
    """One low-volume fact: a flight started, a budget exhausted, a scripted change."""

    __tablename__ = "delivery_events"
    __table_args__ = (
        CheckConstraint("length(kind) > 0", name="kind_length"),
        Index(None, "run_id", "ts"),
        Index(None, "line_item_id", "ts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("simulation_runs.run_id", ondelete="CASCADE"))
    ts: Mapped[datetime]
    kind: Mapped[str]
    line_item_id: Mapped[int | None] = mapped_column(ForeignKey("line_items.id", ondelete="RESTRICT"))
    campaign_id: Mapped[int | None] = mapped_column(
        ForeignKey("campaigns.id", ondelete="RESTRICT"), index=True
    )
    detail: Mapped[str] = mapped_column(default="")
