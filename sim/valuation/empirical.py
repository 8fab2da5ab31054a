"""Empirical valuation: worth as it was observed, from a list or a file beside the scenario."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.layout import TABLE_BITS
from sim.valuation import Valuation

MOST_VALUES = 1 << TABLE_BITS
"""As many values as the steps of the table that the tick reads."""

MOST_WORTH = 100
Worth = Annotated[float, Field(ge=0, le=MOST_WORTH)]


class Empirical(Valuation):
    """Each of the observed *values* is as likely as another.

    A *file* stands for its values, which take its place when the scenario is loaded: so they are part of the
    run, and a change of the file is another run.
    """

    bounded: ClassVar[bool] = True
    kind: Literal["empirical"] = "empirical"
    values: tuple[Worth, ...] = Field(
        default=(1.0,), min_length=1, max_length=MOST_VALUES, description="Multiples of the maximum CPM"
    )
    file: str = Field(
        default="",
        max_length=1000,
        description="CSV or Parquet file beside the scenario; a longer one is cut into as many equal parts"
        " as the list may have values, each with its mean",
    )
    column: str = Field(
        default="", max_length=200, description="Column of the file; may be left out where it has only one"
    )

    @model_validator(mode="after")
    def _read(self) -> Self:
        if self.file and "values" not in self.model_fields_set:
            raise ValueError("a file is read where a scenario names it; give its values here")
        object.__setattr__(self, "values", tuple(sorted(self.values)))
        return self

    @property
    def atoms(self) -> int:
        """Return how many values there are."""
        return len(self.values)

    def quantile(self, share: float) -> float:
        """Return the value at *share* in [0, 1], the mean of two where it lies between them.

        Definition 2 of Hyndman and Fan (1996).
        """
        place = share * len(self.values)
        first = min(int(place), len(self.values) - 1)
        if place == first and first > 0:
            return (self.values[first - 1] + self.values[first]) / 2
        return self.values[first]
