"""Scripted changes: new terms of a line item or a campaign, and what happens to supply."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field, ValidatorFunctionWrapHandler, field_validator, model_validator

from entities.enums import DeviceType, EntityStatus, Genre
from entities.errors import RefusedError
from entities.suggestions import date as suggested_date
from sim.audience.pods import Pods
from sim.family import Settings
from sim.market.floors import Floors

Money = Annotated[Decimal, Field(ge=0, le=Decimal(1_000_000_000), allow_inf_nan=False, decimal_places=6)]


def _unsaid(value: object) -> bool:
    # Left out of a scenario's text, so that older fingerprints stay.
    return value is None


PARTS = ("genre", "device", "region")
"""What a change of viewing may be of."""


class Change(Settings):
    """What changes from a moment on: terms, viewing, or the rules of the market, one of them at a time.

    Terms are those of a line_item or a campaign, by `name` or a longer path such as `campaign / line item`.
    `viewing` is a factor on the sessions that begin from `at` to `until`: everywhere, in a region, or of a
    genre or on a device, whose share then rises. At 0 nobody watches, and sessions that run end: an outage.
    `floors` and `pods` are new rules in full: what they do not say is as by default.
    """

    at: dt.datetime = Field(description="Wall clock in the market's time zone; takes effect at the next tick")
    until: dt.datetime | None = Field(
        default=None, description="End of a change of viewing, a whole hour", exclude_if=_unsaid
    )
    line_item: str | None = Field(default=None, description="Whose terms change: a line item")
    campaign: str | None = Field(default=None, description="or a campaign")
    max_cpm: Annotated[Decimal, Field(gt=0, le=10_000, decimal_places=3)] | None = Field(
        default=None, description="New maximum CPM, of a line item"
    )
    lifetime_budget: Money | None = Field(default=None, description="New budget of the whole flight")
    daily_budget: Money | None = Field(default=None, description="New budget of each local day")
    status: EntityStatus | None = Field(default=None, description="Pauses it, or wakes it")
    viewing: Annotated[float, Field(ge=0, le=20)] | None = Field(
        default=None,
        description="Factor on the sessions that begin, from one whole hour to another; 0 is an outage",
        exclude_if=_unsaid,
    )
    genre: Genre | None = Field(
        default=None, description="Viewing of this genre alone, as by a live event", exclude_if=_unsaid
    )
    device: DeviceType | None = Field(
        default=None, description="Viewing on this device alone", exclude_if=_unsaid
    )
    region: str | None = Field(default=None, description="Viewing in this region alone", exclude_if=_unsaid)
    floors: Floors | None = Field(default=None, description="New floors, in full", exclude_if=_unsaid)
    pods: Pods | None = Field(
        default=None, description="New ad breaks, in full, from a whole hour on", exclude_if=_unsaid
    )

    @field_validator("at", "until", mode="wrap")
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

    @property
    def of_supply(self) -> bool:
        """Return whether it changes the market, and not terms."""
        return self.viewing is not None or self.floors is not None or self.pods is not None

    @property
    def text(self) -> str:
        """Return in words what it changes in the market; nothing where it changes terms."""
        if self.viewing is None:
            return " and ".join(f"new {name}" for name in ("floors", "pods") if getattr(self, name))
        of = "".join(f", {part} {getattr(self, part)}" for part in PARTS if getattr(self, part))
        return f"viewing = {self.viewing:g}{of}, until {self.until:%Y-%m-%d %H:%M}"

    @model_validator(mode="after")
    def _one_sort(self) -> Self:
        terms = ("line_item", "campaign", "max_cpm", "lifetime_budget", "daily_budget", "status")
        sorts = {"terms": terms, "viewing": ("viewing", "until", *PARTS), "rules": ("floors", "pods")}
        given = {
            sort: next((name for name in names if getattr(self, name) is not None), "")
            for sort, names in sorts.items()
        }
        both = [name for name in given.values() if name]
        if len(both) > 1:
            raise ValueError(f"{both[1]} is a change of its own, and so is {both[0]}; write two")
        if given["viewing"]:
            self._viewing_of_hours()
        if self.pods is not None:
            _whole_hour("at", self.at)
        return self

    def _viewing_of_hours(self) -> None:
        parts = [part for part in PARTS if getattr(self, part) is not None]
        if self.viewing is None:
            part = (*parts, "until")[0]
            raise ValueError(f"{part} is of a change of viewing; give viewing, as in viewing: 0.8")
        if self.until is None:
            raise ValueError("a change of viewing ends; give until, a whole hour")
        _whole_hour("at", self.at)
        _whole_hour("until", self.until)
        if self.until <= self.at:
            raise ValueError(f"until {self.until}: must be after at, {self.at}")
        if self.region is not None and len(parts) > 1:
            raise ValueError("a genre or a device is everywhere; leave region out")
        if self.viewing == 0 and {"genre", "device"} & set(parts):
            raise ValueError("viewing 0: must be above zero for a genre or a device; an outage is of all")

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if self.of_supply:
            return self
        if (self.line_item is None) == (self.campaign is None):
            raise ValueError(
                "a change names either a line_item or a campaign, or sets viewing, floors or pods"
            )
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


def _whole_hour(name: str, moment: dt.datetime) -> None:
    if (moment.minute, moment.second, moment.microsecond) != (0, 0, 0):
        raise ValueError(f"{name} {moment}: must be a whole hour, because viewing is made hour by hour")


def goes_by(name: str, path: str) -> bool:
    """Return whether *path* ends with *name*, compared part by part between slashes."""
    wanted, parts = ([part.strip() for part in text.split("/")] for text in (name, path))
    return parts[-len(wanted) :] == wanted
