"""Scripted changes of a line item or a campaign during its flight."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field, ValidatorFunctionWrapHandler, field_validator, model_validator

from entities.enums import EntityStatus
from entities.errors import RefusedError
from entities.suggestions import date as suggested_date
from sim.family import Settings

Money = Annotated[Decimal, Field(ge=0, le=Decimal(1_000_000_000), allow_inf_nan=False, decimal_places=6)]


class Change(Settings):
    """New terms from a moment on. Names may be `name`, or longer paths such as `campaign / line item`."""

    at: dt.datetime = Field(description="Wall clock in the market's time zone; takes effect at the next tick")
    line_item: str | None = Field(default=None, description="Whose terms change: a line item")
    campaign: str | None = Field(default=None, description="or a campaign")
    max_cpm: Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=3)] | None = Field(
        default=None, description="New maximum CPM, of a line item"
    )
    lifetime_budget: Money | None = Field(default=None, description="New budget of the whole flight")
    daily_budget: Money | None = Field(default=None, description="New budget of each local day")
    status: EntityStatus | None = Field(default=None, description="Pauses it, or wakes it")

    @field_validator("at", mode="wrap")
    @classmethod
    def _wall_clock(cls, given: Any, read: ValidatorFunctionWrapHandler) -> dt.datetime:
        # A number would be read as seconds since 1970, and a zone would be another clock than the market's.
        with suppress(ValueError):
            at: dt.datetime | None = None if isinstance(given, int | float) else read(given)
            if at is not None and at.tzinfo is None:
                return at
        allowed = "must be a local time of the market, such as 2026-11-02 18:00, without a time zone"
        near = suggested_date(given) if isinstance(given, str) else None
        raise RefusedError(f"{given}: {allowed}", value=given, allowed=allowed, nearest=near)

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.line_item is None) == (self.campaign is None):
            raise ValueError("a change names either a line_item or a campaign")
        terms = (self.max_cpm, self.lifetime_budget, self.daily_budget, self.status)
        if all(term is None for term in terms):
            raise ValueError("a change sets at least one of max_cpm, lifetime_budget, daily_budget, status")
        if self.campaign is not None and self.max_cpm is not None:
            raise ValueError("max_cpm is a term of line items, not of campaigns")
        return self

    @property
    def target(self) -> str:
        """Return the name that the change goes by."""
        return self.line_item or self.campaign or ""

    def wakes(self, *path: str) -> bool:
        """Return whether it activates what *path* names: a campaign by two parts, a line item by three."""
        level = self.campaign if len(path) == 2 else self.line_item
        return self.status == EntityStatus.active and level is not None and goes_by(level, " / ".join(path))


def goes_by(name: str, path: str) -> bool:
    """Return whether *path* ends with *name*, compared part by part between slashes."""
    wanted, parts = ([part.strip() for part in text.split("/")] for text in (name, path))
    return parts[-len(wanted) :] == wanted
