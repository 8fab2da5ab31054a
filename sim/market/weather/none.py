"""No weather: every week is like every other."""

from __future__ import annotations

from typing import Literal

from entities.enums import Genre
from sim.market.weather import Weather


class NoWeather(Weather):
    """Every day is an ordinary one of its weekday; for markets whose outcome is computed."""

    kind: Literal["none"] = "none"

    def viewing(self, day: int, region: str, salt: int) -> float:  # noqa: ARG002 - no day differs
        """Return one."""
        return 1.0

    def genre(self, day: int, genre: Genre, salt: int) -> float:  # noqa: ARG002 - no genre is pushed
        """Return one."""
        return 1.0

    def outside(self, day: int, salt: int) -> float:  # noqa: ARG002 - demand is as ever
        """Return one."""
        return 1.0
