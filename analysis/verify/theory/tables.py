"""What a table of quantiles costs: values are drawn on straight lines between its steps, not on the curve."""

from __future__ import annotations

import math
from functools import partial

from analysis.verify.theory.auctions import Quantile, integral
from sim.layout import TABLE_BITS

_STEPS = 1 << TABLE_BITS
STEP = 1 / _STEPS
INSIDE = 0.25
"""How many steps from their ends distributions without ends are cut (`sim/tables.py`)."""
_OUTER = 16
"""Steps at an end of the table, or of its tail, in which a distribution without ends is no parabola."""


def gap(quantile: Quantile, power: int = 1) -> float:
    """Return ∫ |q(u)^power - t(u)^power| du for a distribution without ends, t being the table of q.

    The last step of the table has as many steps of its own. No expectation of a value (to that power) is
    farther off than this, nor one of an order statistic of n values than n times this: its density is at most
    n times theirs.
    """
    tail = (_STEPS - 1) / _STEPS
    return _gap(quantile, power, 0, STEP, _STEPS - 1) + _gap(quantile, power, tail, STEP / _STEPS, _STEPS)


def _gap(quantile: Quantile, power: int, begin: float, step: float, steps: int) -> float:
    cuts = [begin + i * step for i in range(steps + 1)]
    inside = [max(cuts[0], INSIDE * step), *cuts[1:-1], min(cuts[-1], 1 - INSIDE * step)]
    heights = [quantile(cut) for cut in inside]

    def off(i: int, u: float) -> float:
        way = (u - cuts[i]) / step
        return abs(quantile(u) ** power - (heights[i] + way * (heights[i + 1] - heights[i])) ** power)

    # Within a step the two differ most in the middle, by a parabola where the step is short.
    inner = math.fsum(off(i, cuts[i] + step / 2) for i in range(_OUTER, steps - _OUTER)) * step * 2 / 3
    outer = (*range(_OUTER), *range(steps - _OUTER, steps))
    return inner + math.fsum(integral(partial(off, i), cuts[i], cuts[i + 1]) for i in outer)
