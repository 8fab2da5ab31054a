"""Constant valuation: every slot is worth the maximum CPM."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.valuation import Valuation


class Constant(Valuation):
    """A slot that matches is worth what the line item is ready to pay at most."""

    bounded: ClassVar[bool] = True
    kind: Literal["constant"] = "constant"

    def quantile(self, share: float) -> float:  # noqa: ARG002 - the same everywhere
        """Return one."""
        return 1.0
