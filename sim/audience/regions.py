"""Where viewers live: regions with a share of the population and a time zone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from entities import suggestions
from entities.errors import RefusedError
from sim.family import Settings

RegionName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


@cache
def _zones() -> frozenset[str]:
    # Found in hundreds of files, once.
    return frozenset(available_timezones())


def _known_zone(zone: str) -> str:
    if zone not in _zones():
        line = f"{zone!r} is not an IANA time zone, such as America/New_York"
        raise RefusedError(line, nearest=suggestions.zone(zone))
    return zone


ZoneName = Annotated[str, AfterValidator(_known_zone)]
"""An IANA time zone. The market checks that it is whole hours from UTC on the simulated days."""


class Region(Settings):
    """A part of the market with one wall clock."""

    timezone: ZoneName = Field(description="IANA zone, whole hours from UTC, by which its people live")
    share: float = Field(gt=0, description="Weight of the region in the population")


# Shares of the US population by time zone, rounded [assumption].
DEFAULT_REGIONS: Mapping[str, Region] = {
    "us_east": Region(timezone="America/New_York", share=0.47),
    "us_central": Region(timezone="America/Chicago", share=0.29),
    "us_mountain": Region(timezone="America/Denver", share=0.07),
    "us_pacific": Region(timezone="America/Los_Angeles", share=0.17),
}
