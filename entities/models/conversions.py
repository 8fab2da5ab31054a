"""Conversions by hour, credited to the line items that the viewer saw before."""

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from entities.models.base import Base, Count, Ppm, documented
from entities.models.results import HourKey, LineItemKey, RunKey, whole_hour


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
