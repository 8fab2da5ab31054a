"""How exactly something is to be known: a part of a mean, or an amount."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from entities.errors import InputError
from entities.messages import quoted

_PRECISION = re.compile(r"\s*([0-9]*\.?[0-9]+)\s*(%?)\s*", re.ASCII)


class Precision(NamedTuple):
    """A difference that matters, as a part of the baseline's mean or in the unit of the metric."""

    amount: float
    relative: bool

    def of(self, mean: float) -> float:
        """Return it in the unit of the metric, given the baseline's *mean*."""
        return self.amount * abs(mean) if self.relative else self.amount

    def __str__(self) -> str:
        return f"{100 * self.amount:g} %" if self.relative else f"{self.amount:g}"


def precision(text: str) -> Precision:
    """Return what *text* names: `0.5%` of the baseline's mean, or `0.005` in the unit of the metric."""
    match = _PRECISION.fullmatch(text)
    amount = float(match[1]) / (100 if match[2] else 1) if match else 0.0
    if match is None or not 0 < amount < math.inf:
        raise InputError(f"{quoted(text)} is not a precision; must be above 0, such as 0.5% or 0.005")
    return Precision(amount, bool(match[2]))
