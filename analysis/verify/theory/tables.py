"""What a table of quantiles costs: values are drawn on straight lines between its steps, not on the curve."""

from __future__ import annotations

import math

from analysis.verify.theory.auctions import Quantile, integral

STEPS = 1 << 12
"""Steps of the table (`sim/layout.py`, TABLE_BITS)."""
STEP = 1 / STEPS
INSIDE = 0.25
"""How many steps from their ends distributions without ends are cut (`sim/tables.py`)."""


def gap(quantile: Quantile, power: int = 1) -> float:
    """Return ∫ |q(u)^power - t(u)^power| du for a distribution without ends, t being the table of q.

    No expectation of a value (to that power) is farther off than this, nor one of an order statistic of n
    values than n times this: its density is at most n times theirs.
    """
    cuts = [min(max(i, INSIDE), STEPS - INSIDE) / STEPS for i in range(STEPS + 1)]
    heights = [quantile(cut) for cut in cuts]

    def off(u: float) -> float:
        step = min(int(u * STEPS), STEPS - 1)
        way = u * STEPS - step
        return abs(
            quantile(u) ** power - (heights[step] + way * (heights[step + 1] - heights[step])) ** power
        )

    # Within a step the two differ most in the middle, by a parabola where the step is short.
    inner = math.fsum(off((i + 0.5) / STEPS) * STEP * 2 / 3 for i in range(16, STEPS - 16))
    outer = (integral(off, i / STEPS, (i + 1) / STEPS) for i in (*range(16), *range(STEPS - 16, STEPS)))
    return inner + math.fsum(outer)
