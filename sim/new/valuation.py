"""Template: say in a line what slots are worth, for `paceline list valuations`."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from sim.valuation import Valuation


class Template(Valuation):
    """How the worth of slots is distributed and why, and the source of it."""

    bounded: ClassVar[bool] = True
    kind: Literal["template"] = "template"
    lowest: float = Field(default=0.5, ge=0, le=1, description="A multiple of the maximum CPM")

    def quantile(self, share: float) -> float:
        """Return what rises evenly from *lowest* to the maximum CPM."""
        return self.lowest + (1 - self.lowest) * share
