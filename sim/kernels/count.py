"""What is counted of won slots: added up by creative in one pass, and not one for each column."""

from __future__ import annotations

from numba import literal_unroll, njit

from entities.enums.outcomes import COUNTED
from sim.events import WON
from sim.kernels.memory import borrowed

_OUTCOMES = tuple(outcome.name for outcome in COUNTED)
_IMPRESSIONS, _FIRST = WON.index("impressions"), WON.index(COUNTED[0].column)
_IVT, _ERRORS, _SPEND = (WON.index(name) for name in ("ivt", "errors", "spend_micros"))


@njit(cache=True, nogil=True)
def count(events, sums, seen):
    """Add what EVENT records are counted as to *sums*, creatives × WON; return how many are impressions.

    *seen* gets the line item and the viewer of each impression, as line item * 2**32 + viewer.
    """
    events, sums, seen = borrowed(events), borrowed(sums), borrowed(seen)
    n = 0
    for r in range(len(events)):
        event = events[r]
        if event.ghost:
            continue
        c = event.creative
        sums[c, _SPEND] += event.charged_micros
        if not event.rendered:
            sums[c, _ERRORS] += 1
        elif event.invalid:
            sums[c, _IVT] += 1
        else:
            sums[c, _IMPRESSIONS] += 1
            _add_outcomes(event, sums, c)
            seen[n] = (event.line_item << 32) + event.viewer_id
            n += 1
    return n


@njit(cache=True, nogil=True, forceinline=True)
def _add_outcomes(event, sums, c):
    place = _FIRST
    for name in literal_unroll(_OUTCOMES):
        sums[c, place] += event[name]
        place += 1
