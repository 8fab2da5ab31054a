"""How often people see a line item."""

from __future__ import annotations

from analysis.realism.figures import Figure, Seen, share
from sim.units import MICROS

MOST_DOLLARS = 0.1
"""Spent for a viewer and campaign, above which frequency cannot be that of the published campaigns.

[assumption] Their 35 cost a million dollars each, for 95 million households with CTV: about a cent.
"""
_NOBODY = "nobody was reached"


def frequency(seen: Seen) -> Figure:
    """Return the impressions of a reached viewer, over all line items together."""
    reached = int(seen.counted.of("new_viewers").sum())
    return _held(seen, share(int(seen.counted.of("impressions").sum()), reached, _NOBODY))


def frequency_10_plus(seen: Seen) -> Figure:
    """Return the share of those reached by a line item whom it reached ten times or more."""
    buckets = seen.counted.frequency.sum(axis=0)
    return _held(seen, share(int(buckets[-1]), int(buckets.sum()), _NOBODY))


def _held(seen: Seen, figure: Figure) -> Figure:
    spent = int(seen.counted.of("spend_micros").sum()) / MICROS
    each = spent / seen.scenario.market.population.viewers / max(len(seen.book.campaigns), 1)
    if each <= MOST_DOLLARS or figure.value is None:
        return figure
    note = f"{each:.2f} spent for a viewer and campaign, and about 0.01 in the published ones: see national"
    return figure._replace(note=note, comparable=False)
