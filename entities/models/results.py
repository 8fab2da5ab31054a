"""Hourly results of a run: performance, its diagnosis, inventory and conversions."""

from datetime import date, datetime
from itertools import pairwise
from typing import Annotated, Any

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from entities.enums import DeviceType, Placement, UnderdeliveryReason
from entities.enums.funnel import CHECKS, LOSSES, STAGES
from entities.enums.outcomes import COUNTED
from entities.models.base import INTEGER, Base, Count, Micros, Ppm, documented

RunKey = Annotated[
    str, documented("The run.", ForeignKey("simulation_runs.run_id", ondelete="CASCADE"), primary_key=True)
]
HourKey = Annotated[
    datetime,
    documented(
        "Beginning of the hour. A slot belongs to the hour in which its pod begins.",
        unit="UTC",
        primary_key=True,
    ),
]
Day = Annotated[date, documented("Day of the hour.", unit="UTC date", formula="day of hour_start")]
LineItemKey = Annotated[
    int, documented("The line item.", ForeignKey("line_items.id", ondelete="RESTRICT"), primary_key=True)
]
Seconds = Annotated[int, mapped_column(info={"least": 0, "unit": "seconds"})]
Viewers = Annotated[int, mapped_column(info={"least": 0, "unit": "viewers"})]


def ratio(text: str, over: str, under: str, unit: str = "ratio") -> MappedColumn[Any]:
    """Return a generated column: *over* by *under*, NULL where *under* is 0."""
    quotient = Computed(f"CAST({over} AS DOUBLE PRECISION) / NULLIF({under}, 0)", persisted=True)
    return documented(text, quotient, unit=unit)


def counted(text: str, unit: str, **origin: str) -> MappedColumn[int]:
    """Return a column of whole numbers, never negative, whose *text* is that of an outcome or a stage."""
    return documented(text, INTEGER, unit=unit, nullable=False, info={"least": 0}, **origin)


def in_order(name: str, *columns: str) -> CheckConstraint:
    """Return the check that no column is less than the next."""
    rule = " AND ".join(f"{more} >= {less}" for more, less in pairwise(columns))
    return CheckConstraint(rule, name=name)


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
        in_order(
            "quartiles_in_order",
            *("impressions", "video_starts", "video_q25", "video_q50", "video_q75", "video_completions"),
        ),
        CheckConstraint("clicks <= impressions", name="clicks_of_impressions"),
        in_order("viewable_in_order", "impressions", "measurable", "viewable"),
        Index(None, "line_item_id", "hour_start"),
        Index(None, "campaign_id", "hour_start"),
        Index(None, "advertiser_id", "hour_start"),
        Index(None, "creative_id"),
        {"info": {"source": "events"}},
    )

    run_id: Mapped[RunKey]
    hour_start: Mapped[HourKey]
    date: Mapped[Day]
    hour_of_day: Mapped[int] = documented("0 to 23.", unit="UTC hour", formula="hour of hour_start")
    advertiser_id: Mapped[int] = documented(
        "The campaign's advertiser.", ForeignKey("advertisers.id", ondelete="RESTRICT")
    )
    campaign_id: Mapped[int] = documented(
        "The line item's campaign.", ForeignKey("campaigns.id", ondelete="RESTRICT")
    )
    line_item_id: Mapped[LineItemKey]
    creative_id: Mapped[int] = documented(
        "The creative.", ForeignKey("creatives.id", ondelete="RESTRICT"), primary_key=True
    )
    impressions: Mapped[Count] = documented(
        "Billed impressions: rendered, and seen by a person.", source="events: rendered, not invalid"
    )
    clicks: Mapped[Count]
    video_starts: Mapped[Count]
    video_q25: Mapped[Count]
    video_q50: Mapped[Count]
    video_q75: Mapped[Count]
    video_completions: Mapped[Count]
    measurable: Mapped[Count]
    viewable: Mapped[Count]
    ivt: Mapped[Count] = documented(
        "Wins rendered to no person: invalid traffic, not billed.", source="events: rendered and invalid"
    )
    errors: Mapped[Count] = documented(
        "Wins that failed to render, not billed.", source="events: not rendered"
    )
    skips: Mapped[Count]
    mutes: Mapped[Count]
    qr_scans: Mapped[Count]
    watch_seconds: Mapped[Seconds]
    # Clicks stand first, as the table has had them: the declarations above have no order of their own, and a
    # column needs one only where code names it.
    for _one in sorted(COUNTED, key=lambda one: one.column != "clicks"):
        vars()[_one.column] = counted(_one.counted, _one.unit or "count", source=f"events: {_one.name}")
    spend_micros: Mapped[Micros] = documented("What was charged.", source="events: charged_micros")
    ctr: Mapped[float | None] = ratio("Click-through rate.", "clicks", "impressions")
    vtr: Mapped[float | None] = ratio("View-through rate.", "video_completions", "impressions")
    completion_rate: Mapped[float | None] = ratio(
        "Share of starts that were played to the end.", "video_completions", "video_starts"
    )
    viewability_rate: Mapped[float | None] = ratio(
        "Share of what could be measured that was in view.", "viewable", "measurable"
    )
    ecpm: Mapped[float | None] = ratio(
        "Effective cost of a thousand impressions.", "spend_micros", "(impressions * 1000)", "currency units"
    )
    cpcv: Mapped[float | None] = ratio(
        "Cost of a completed view.", "spend_micros", "(video_completions * 1000000)", "currency units"
    )
    cpc: Mapped[float | None] = ratio(
        "Cost of a click.", "spend_micros", "(clicks * 1000000)", "currency units"
    )


class PerformanceExtended(Base):
    """One run, UTC hour and line item: the funnel, prices, reach and pacing."""

    __tablename__ = "performance_extended"
    __table_args__ = (
        whole_hour(),
        CheckConstraint(f"requests_matched = {' + '.join((*CHECKS, 'bids'))}", name="funnel_matched"),
        CheckConstraint(f"bids = {' + '.join((*LOSSES, 'wins'))}", name="funnel_bids"),
        CheckConstraint("wins = impressions + errors + invalid", name="funnel_wins"),
        in_order("prices_in_order", "bid_sum_micros", "clearing_sum_micros", "floor_sum_micros"),
        CheckConstraint("spend_micros <= clearing_sum_micros", name="spend_of_wins"),
        in_order("spend_of_bids", "bid_sum_micros", "impression_bid_sum_micros", "spend_micros"),
        in_order("viewers_in_order", "impressions", "unique_viewers_hour", "new_viewers_hour"),
        in_order("reach_in_order", "impressions_to_date", "reach_to_date", "new_viewers_hour"),
        CheckConstraint(
            "reach_to_date = freq_1 + freq_2 + freq_3_5 + freq_6_9 + freq_10_plus", name="frequency_of_reach"
        ),
        Index(None, "line_item_id", "hour_start"),
        {"info": {"source": "market"}},
    )

    run_id: Mapped[RunKey] = mapped_column()
    hour_start: Mapped[HourKey] = mapped_column()
    line_item_id: Mapped[LineItemKey] = mapped_column()
    for _stage in STAGES:
        if _stage.kind != "viewers":
            _unit = "micros" if _stage.kind == "amount" else "count"
            vars()[_stage.column] = counted(_stage.text, _unit, formula=_stage.formula)
    unique_viewers_hour: Mapped[Viewers] = documented(
        "Viewers with an impression in this hour.", source="events"
    )
    new_viewers_hour: Mapped[Viewers] = documented("Viewers with their first impression of this line item.")
    reach_to_date: Mapped[Viewers] = documented(
        "Viewers with an impression so far.", formula="Σ new_viewers_hour to this hour"
    )
    impressions_to_date: Mapped[Count] = documented(
        "Impressions so far.", formula="Σ impressions to this hour"
    )
    freq_1: Mapped[Viewers] = documented("Viewers who have had 1 impression so far.")
    freq_2: Mapped[Viewers] = documented("Viewers who have had 2.")
    freq_3_5: Mapped[Viewers] = documented("Viewers who have had 3 to 5.")
    freq_6_9: Mapped[Viewers] = documented("Viewers who have had 6 to 9.")
    freq_10_plus: Mapped[Viewers] = documented("Viewers who have had 10 or more.")
    goal_micros_hour: Mapped[Micros] = documented(
        "What its policy planned to spend.", formula="Σ of the hour's ticks", source="pacing policy"
    )
    expected_cum_micros: Mapped[Micros] = documented(
        "What a line item exactly on schedule has spent by the end of the hour.",
        formula="budget × share of flight time, or of forecast traffic, that is over",
        source="bidder",
    )
    delivered_cum_micros: Mapped[Micros] = documented(
        "What it has spent by the end of the hour.", formula="Σ spend_micros to this hour", source="bidder"
    )
    bid_multiplier_ppm: Mapped[Ppm] = documented(
        "What its policy multiplied the bid by.",
        formula="mean of the hour's ticks, rounded down; 0 where it did not plan",
        source="pacing policy",
    )
    participation_ppm: Mapped[Ppm] = documented(
        "Probability with which it took part in a slot.",
        formula="mean of the hour's ticks, rounded down; 0 where it did not plan",
        source="pacing policy",
    )
    allowance_micros: Mapped[Micros] = documented(
        "What pacing allowed it to spend, carried allowance included.",
        formula="Σ of the hour's ticks",
        source="pacing policy",
    )
    forecast_avails: Mapped[Count] = documented(
        "Slots that the forecast expected to match: what requests_matched of an active line item comes to.",
        formula="forecast viewing of the viewers it wants × slots that match in an hour of it",
        source="market.forecast",
    )
    primary_underdelivery_reason: Mapped[UnderdeliveryReason | None] = documented(
        "Why it is behind: the check that stopped most opportunities of the hour. NULL where at least 95 % of"
        " what was expected is delivered; insufficient_avails where all that matched would not have done.",
        source="funnel",
    )
    win_rate: Mapped[float | None] = ratio("Share of bids that won.", "wins", "bids")
    osi: Mapped[float | None] = ratio(
        "On-schedule indicator: 1 is on schedule.", "delivered_cum_micros", "expected_cum_micros"
    )
    bid_multiplier: Mapped[float] = ratio("The same as a factor.", "bid_multiplier_ppm", "1000000")
    participation: Mapped[float] = ratio("The same as a probability.", "participation_ppm", "1000000")


class InventoryHourly(Base):
    """One run, UTC hour, device and placement: the slots on offer and who filled them."""

    __tablename__ = "inventory_hourly"
    __table_args__ = (
        whole_hour(),
        CheckConstraint("avails = filled + filled_ambient + unfilled", name="avails_accounted"),
        CheckConstraint("sold_seconds <= ad_seconds", name="seconds_offered"),
        Index(None, "device", "hour_start"),
        {"info": {"source": "market"}},
    )

    run_id: Mapped[RunKey]
    hour_start: Mapped[HourKey]
    device: Mapped[DeviceType] = documented("What the viewer watched on.", primary_key=True)
    placement: Mapped[Placement] = documented("Before or within a title.", primary_key=True)
    avails: Mapped[Count] = documented(
        "Slots on offer, or ads that dynamic pods may hold.", formula="filled + filled_ambient + unfilled"
    )
    filled: Mapped[Count] = documented("Slots won by line items.")
    filled_ambient: Mapped[Count] = documented("Slots won by demand outside the registry.")
    unfilled: Mapped[Count] = documented("Slots, or places in dynamic pods, that went to nobody.")
    revenue_micros: Mapped[Micros] = documented(
        "What line items paid.", formula="Σ of prices that were charged"
    )
    revenue_ambient_micros: Mapped[Micros] = documented("What demand outside the registry paid.")
    ad_seconds: Mapped[Seconds] = documented("Length of the slots, or dynamic pods, on offer, sold or not.")
    sold_seconds: Mapped[Seconds] = documented("Length of the ads in them, ambient ones too.")
    fill_rate: Mapped[float | None] = ratio(
        "Share of slots that were sold.", "(filled + filled_ambient)", "avails"
    )
    seconds_fill_rate: Mapped[float | None] = ratio(
        "Share of seconds that were sold.", "sold_seconds", "ad_seconds"
    )


class ConversionsHourly(Base):
    """One run, UTC hour and line item with a touch or a conversion: who gets the credit.

    Empty unless the market has conversions.
    """

    __tablename__ = "conversions_hourly"
    __table_args__ = (
        whole_hour(),
        CheckConstraint(
            "touches + view_through + click_through + multi_touch_view_ppm + multi_touch_click_ppm > 0",
            name="something",
        ),
        Index(None, "line_item_id", "hour_start"),
        {"info": {"source": "market"}},
    )

    run_id: Mapped[RunKey]
    hour_start: Mapped[HourKey]
    line_item_id: Mapped[LineItemKey]
    touches: Mapped[Count] = documented("Exposures and clicks of the hour, which a conversion may follow.")
    view_through: Mapped[Count] = documented(
        "Conversions of the hour without a click in the lookback.", formula="1 for the last exposure"
    )
    click_through: Mapped[Count] = documented(
        "Conversions of the hour after a click in the lookback.", formula="1 for the last click"
    )
    multi_touch_view_ppm: Mapped[Ppm] = documented(
        "Parts in conversions without a click.", formula="1,000,000 ÷ touches of the viewer by the campaign"
    )
    multi_touch_click_ppm: Mapped[Ppm] = documented(
        "Parts in conversions after a click.", formula="1,000,000 ÷ touches of the viewer by the campaign"
    )
