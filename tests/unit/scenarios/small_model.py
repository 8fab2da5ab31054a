"""A small scenario model with one of everything that the loader has to deal with."""

import datetime as dt
import enum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Asap(Strict):
    kind: Literal["asap"] = "asap"


class Pid(Strict):
    kind: Literal["pid"] = "pid"
    gain: float = Field(0.1, gt=0)


def _from_name(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


Pacing = Annotated[Annotated[Asap | Pid, Field(discriminator="kind")], BeforeValidator(_from_name)]


class Unit(enum.StrEnum):
    DAY = "day"
    WEEK = "week"


class Cap(Strict):
    count: int = Field(ge=1, le=255)
    unit: Unit


class Population(Strict):
    viewers: int = Field(1000, gt=0)
    shape: float | Literal["flat"] = 1.0
    regions: tuple[str, ...] = ("US", "CA")


class Market(Strict):
    start: dt.date = dt.date(2026, 11, 2)
    end: dt.date = dt.date(2026, 11, 3)
    population: Population = Population()
    devices: dict[str, float] = {"tv": 0.7, "pc": 0.3}
    by_unit: dict[Unit, float] = {}
    pacing: Pacing = Asap()
    caps: list[Cap] = []
    cap: Cap | None = None
    window: tuple[int, int] = (0, 24)
    extra: Any = None

    @model_validator(mode="after")
    def _forwards(self) -> "Market":
        if self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}")
        return self


class Scenario(Strict):
    name: str
    seed: int = 1
    market: Market = Market()
    inner: "Scenario | None" = None
