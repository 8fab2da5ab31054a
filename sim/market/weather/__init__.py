"""Weather: what makes one day unlike the same day of another week. Each kind is one file."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from entities.enums import Genre
from sim.family import Part


class Weather(Part):
    """Factors of a day, by which viewing, genres and outside demand are above or below their usual curves.

    A *day* is the ordinal of a local date. *salt* is that of the run: a factor belongs to its date, and is
    the same for every policy, every book and every horizon of a seed.
    """

    used: ClassVar[str] = "market.weather: NAME in a scenario, or --set market.weather=NAME"

    usual: ClassVar[str] = "daily"

    @abstractmethod
    def viewing(self, day: int, region: str, salt: int) -> float:
        """Return what viewing is multiplied with on a *day* in a *region*, one in the mean."""

    @abstractmethod
    def genre(self, day: int, genre: Genre, salt: int) -> float:
        """Return what the weight of a *genre* is multiplied with on a *day*."""

    @abstractmethod
    def outside(self, day: int, salt: int) -> float:
        """Return what outside demand is multiplied with on a *day*: a number of rivals, or a single bid."""
