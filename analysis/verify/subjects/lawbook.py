"""Random markets: every law of the market, and the laws between two of them.

Markets are drawn from every registered part. `python -m analysis.verify.lawbook --first N --markets 1`
plays market N again, and prints what is broken as YAML that `paceline simulate` runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from analysis.runs.playing import available_workers
from analysis.verify import rows
from analysis.verify.lawbook.trials import Trial, every_law, metamorphic, on_the_reference, over, stored
from analysis.verify.rows import Row
from analysis.verify.subjects import Check

_SINGLE, _TWICE, _READABLE, _STORED = 500, 25_000, 10_000, 25_000
"""For how many auctions there is a market: in memory, of two to be compared, on the reference, stored."""


def checks() -> Iterator[Check]:
    """Yield the checks of random markets."""
    yield Check("random markets with everything on", partial(_broken, every_law, _SINGLE))
    yield Check("random markets, compiled and readable", partial(_broken, on_the_reference, _READABLE))
    yield Check("random markets, stored and audited", partial(_broken, stored, _STORED))
    yield Check("two random markets that differ in one thing", partial(_broken, metamorphic, _TWICE))


def _broken(trial: Callable[[int, range], list[Trial]], each: int, size: int) -> Iterator[Row]:
    for found in over(trial, max(size // each, 3), available_workers(None)):
        first = "" if found.first is None else f", first in market {found.first}"
        yield rows.certain(f"{found.name}: broken{first}", 0.0, found.broken, found.checked)
