"""Random markets, drawn from every registered part, in which every law must hold.

`python -m analysis.verify.lawbook --first N --markets 1` plays market N again, and prints what is broken as
YAML that `paceline simulate` runs.
"""

from __future__ import annotations

from collections.abc import Callable

from analysis.runs.playing import available_workers
from analysis.verify import rows
from analysis.verify.lawbook.trials import Counts, every_law, metamorphic, on_the_reference, over, stored
from analysis.verify.subjects import Subject

lawbook = Subject("lawbook", "Random markets: every law of the market, and the laws between two of them")


@lawbook.check("random markets with everything on", (every_law, 500))
@lawbook.check("random markets, compiled and readable", (on_the_reference, 10_000))
@lawbook.check("random markets, stored and audited", (stored, 25_000))
@lawbook.check("two random markets that differ in one thing", (metamorphic, 25_000))
def _broken(size: int, counts: Callable[[int, int], Counts], each: int) -> rows.Comparisons:
    # A market for this many auctions each.
    trials = over(counts, max(size // each, 3), available_workers(None))
    for name, checked, broken, market in trials.iter_rows():
        first = "" if market is None else f", first in market {market}"
        yield rows.certain(f"{name}: broken{first}", 0.0, broken, checked)
