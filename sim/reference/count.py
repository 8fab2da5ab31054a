"""What is counted of won slots, for reading."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entities.enums.outcomes import COUNTED
from sim.events import WON


def count(events: NDArray[np.void], sums: NDArray[np.int64], seen: NDArray[np.int64]) -> int:
    """Add what EVENT records are counted as to *sums*, creatives × WON; return how many are impressions.

    *seen* gets the line item and the viewer of each impression, as line item * 2**32 + viewer.
    """
    impressions = 0
    for event in events:
        if event["ghost"]:
            continue
        found = {"spend_micros": event["charged_micros"]}
        if not event["rendered"]:
            found["errors"] = 1
        elif event["invalid"]:
            found["ivt"] = 1
        else:
            found |= {"impressions": 1, **{outcome.column: event[outcome.name] for outcome in COUNTED}}
            seen[impressions] = int(event["line_item"]) * 2**32 + int(event["viewer_id"])
            impressions += 1
        for name, number in found.items():
            sums[event["creative"], WON.index(name)] += number
    return impressions
