"""Advertisers, and campaigns with their line items."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import (
    BeforeValidator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from entities import suggestions
from entities.enums import CampaignStatus, Currency, DspPartner, EntityStatus, Objective
from entities.errors import RefusedError
from entities.models import Advertiser, Campaign, Flight
from entities.schemas.base import Create, Name, refuse, refuse_field, word
from entities.schemas.flight import MAX_DAYS
from entities.schemas.line_item import LineItemCreate, Policy, policy_json
from entities.schemas.terms import FrequencyCapSchema, Spending, one_cap_each


def _category(value: object, info: ValidationInfo) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", value.strip()):
        raise refuse(info, value, "a lowercase word such as automotive or packaged_food")
    return value.strip()


def _zone(value: object, info: ValidationInfo) -> str:
    allowed = "an IANA time zone such as America/New_York"
    if not isinstance(value, str) or value in suggestions.NO_ZONES:
        raise refuse(info, value, allowed)
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        raise refuse(info, value, allowed, suggestions.zone(value)) from None
    return value


def _date(value: object, info: ValidationInfo) -> date:
    try:
        day = date.fromisoformat(value.strip()) if isinstance(value, str) else value
    except ValueError:
        day = None
    if not isinstance(day, date) or isinstance(day, datetime) or not 1970 <= day.year <= 9000:
        raise refuse(
            info, value, "a date such as 2026-11-02, in the years 1970 to 9000", suggestions.date(value)
        )
    return day


LocalDate = Annotated[date, BeforeValidator(_date)]


class AdvertiserCreate(Create[Advertiser]):
    """An advertiser, its category and the caps over all of its campaigns."""

    name: Name
    category: Annotated[str, BeforeValidator(_category)] = "general"
    status: Annotated[EntityStatus, word(EntityStatus)] = EntityStatus.active
    frequency_caps: tuple[FrequencyCapSchema, ...] = Field(
        default=(), description="How often one viewer may be reached by all of its campaigns"
    )

    @model_validator(mode="after")
    def _caps_apart(self) -> Self:
        one_cap_each(self.frequency_caps)
        return self


class CampaignCreate(Spending, Create[Campaign]):
    """A campaign between two local dates, both included, with its line items."""

    name: Name
    start_date: LocalDate
    end_date: LocalDate
    objective: Annotated[Objective, word(Objective)] = Objective.awareness
    dsp_partner: Annotated[DspPartner, word(DspPartner)] = DspPartner.direct
    currency: Annotated[Currency, word(Currency)] = Currency.usd
    timezone: Annotated[str, BeforeValidator(_zone)] = "UTC"
    status: Annotated[CampaignStatus, word(CampaignStatus)] = CampaignStatus.active
    pacing: Policy | None = Field(default=None, exclude_if=lambda pacing: pacing is None)
    line_items: tuple[LineItemCreate, ...] = Field(default=(), description="What bids")

    @model_validator(mode="after")
    def _dates_forward(self) -> Self:
        if self.end_date < self.start_date:
            allowed = f"must not be before start_date, {self.start_date}"
            raise refuse_field("end_date", self.end_date, allowed)
        if (self.end_date - self.start_date).days >= MAX_DAYS:
            allowed = f"a campaign lasts at most {MAX_DAYS} days"
            raise refuse_field("end_date", self.end_date, allowed)
        return self

    @model_validator(mode="after")
    def _zone_of_whole_hours(self) -> Self:
        zone = ZoneInfo(self.timezone)
        day = datetime.combine(self.start_date, time(), UTC) - timedelta(days=1)
        for _ in range((self.end_date - self.start_date).days + 4):
            offset = day.astimezone(zone).utcoffset() or timedelta()
            if offset % timedelta(hours=1):
                allowed = f"is {offset} from UTC on {day:%Y-%m-%d}; only zones of whole hours can be booked"
                raise refuse_field("timezone", self.timezone, allowed)
            day += timedelta(days=1)
        return self

    @model_validator(mode="after")
    def _line_items_fit(self) -> Self:
        names = [item.name for item in self.line_items]
        first, last = self._hours()
        for place, item in enumerate(self.line_items):
            if item.name in names[:place]:
                line = f"line_items: the name {item.name!r} is given twice; names are unique"
                raise RefusedError(line, path=("line_items", place, "name"))
            for number, flight in enumerate(item.flights):
                if flight.starts_at < first or flight.ends_at > last:
                    raise RefusedError(
                        f"flights: {flight.starts_at} to {flight.ends_at} of {item.name!r} is outside its"
                        f" campaign, {first} to {last}",
                        path=("line_items", place, "flights", number),
                    )
        return self

    @model_validator(mode="after")
    def _paced_as_one(self) -> Self:
        if self.pacing is None:
            return self
        kind = self.pacing["kind"]
        if not self.all_budgets():
            line = "plans for a budget of the campaign's own; give it a lifetime_budget or daily_budget"
            raise RefusedError(f"pacing {kind}: {line}", path=("pacing",))
        for place, item in enumerate(self.line_items):
            if "pacing" in item.model_fields_set and item.pacing != self.pacing:
                line = f"its campaign's pacing, {kind}, plans for all its line items; leave one of them out"
                raise RefusedError(
                    f"pacing {item.pacing['kind']}: {line}", path=("line_items", place, "pacing")
                )
        paced = tuple(item.model_copy(update={"pacing": self.pacing}) for item in self.line_items)
        object.__setattr__(self, "line_items", paced)
        return self

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return self.written(handler(self))

    def written(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return *data* without the pacing of its line items where they have the campaign's."""
        if self.pacing is not None:
            for item in data.get("line_items", ()):
                item.pop("pacing", None)
        return data

    def _hours(self) -> tuple[datetime, datetime]:
        return (
            datetime.combine(self.start_date, time()),
            datetime.combine(self.end_date, time()) + timedelta(days=1),
        )

    def row(self, **columns: Any) -> Campaign:
        """Return the campaign as a row with its line items, budgets and caps."""
        first, last = self._hours()
        budgets = [budget.row() for budget in self.all_budgets()]
        pacing = None if self.pacing is None else policy_json(self.pacing)
        campaign = super().row(budgets=budgets, pacing=pacing, **columns)
        for item in campaign.line_items:
            item.flights = item.flights or [Flight(starts_at=first, ends_at=last)]
        return campaign
