"""Uniform valuation: every worth between two bounds is as likely as another, as in the textbook."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.valuation import Valuation


class Uniform(Valuation):
    """Worth evenly spread from *low* to *high*; the setting in which most exact results are known."""

    bounded: ClassVar[bool] = True
    kind: Literal["uniform"] = "uniform"
    low: float = Field(default=0.0, ge=0, le=100, description="Multiple of the maximum CPM")
    high: float = Field(default=1.0, gt=0, le=100, description="Multiple of the maximum CPM")

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g}: must not be above high, {self.high:g}")
        return self

    def quantile(self, share: float) -> float:
        """Return the multiple at *share* in [0, 1]."""
        return self.low + (self.high - self.low) * share
