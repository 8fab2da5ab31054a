"""Laws of viewers: caps in every window (4) and reach (9), counted from billed impressions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.laws.catalogue import Verdict, Where, at_most, columns, conditions

_WINDOW_BITS = 32


class CapCount:
    """Counts one cap's billed impressions per viewer and window, some events at a time, in order of time.

    The market may count by household or device: *whose* names what a viewer is.
    """

    def __init__(self, limit: int, viewers: int, name: str, whose: str = "viewer") -> None:
        self.limit, self.name, self._whose = limit, name, whose
        self._window = np.full(viewers, -1, np.int64)
        self._count = np.zeros(viewers, np.int64)

    def add(self, viewer: NDArray[np.integer], window: NDArray[np.integer]) -> Verdict:
        """Return the verdict on the windows of these billed impressions, given all that were added before.

        *viewer* is below the number of viewers; *window* is from 0 to 2**32 - 1, and never lower for a viewer
        than in what was added before.
        """
        if not len(viewer):
            return Verdict(4, 0)
        # Only the number of each pair matters, so any order of sorting will do.
        pairs = np.sort((viewer.astype(np.int64) << _WINDOW_BITS) + window)
        first = np.flatnonzero(np.concatenate([[True], pairs[1:] != pairs[:-1]]))
        count = np.diff(first, append=len(pairs))
        who, when = pairs[first] >> _WINDOW_BITS, pairs[first] & ((1 << _WINDOW_BITS) - 1)
        count += np.where(self._window[who] == when, self._count[who], 0)
        last = np.concatenate([who[1:] != who[:-1], [True]])
        self._window[who[last]], self._count[who[last]] = when[last], count[last]
        place = f"{self.name}, {self._whose}"
        most = np.full(len(count), self.limit)
        return at_most(4, count, most, lambda i: f"{place} {who[i]}, window {when[i]}")


class ReachCount:
    """Counts each line item's viewers, some hours at a time, in order.

    *least* are the impressions from which on a viewer is in each bucket of frequency, the first of them 1.
    """

    def __init__(self, line_items: int, viewers: int, least: tuple[int, ...]) -> None:
        self.impressions = np.zeros((line_items, viewers), np.uint16)
        """Billed impressions to date, line items × viewers; 2**16 - 1 stands for more."""
        self._least = least
        self._frequency = np.zeros((line_items, len(least)), np.int64)

    def add(
        self,
        line_item: NDArray[np.integer],
        viewer: NDArray[np.integer],
        hour: NDArray[np.integer],
        hours: int,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return new viewers, viewers, and those to date by frequency, from billed impressions.

        They are line items × *hours*, the last × buckets. *hour* is from 0 to *hours* - 1; a viewer in what
        was added before is not new.
        """
        items, viewers = self.impressions.shape
        pairs = (line_item.astype(np.int64) * viewers + viewer) * hours + hour
        distinct, times = np.unique(pairs, return_counts=True)
        owner, when, person = distinct // (hours * viewers), distinct % hours, distinct // hours
        met = self.impressions.reshape(-1)
        first = np.flatnonzero(np.diff(person, prepend=-1))
        running = np.cumsum(times)
        earlier = np.repeat(running[first] - times[first], np.diff(first, append=len(person)))
        after = met[person] + running - earlier
        before = after - times
        met[person] = np.minimum(after, np.iinfo(np.uint16).max)  # of an hour each, the last one stays
        place = owner * hours + when
        counts = [np.bincount(where, minlength=items * hours) for where in (place[before == 0], place)]
        moved = np.zeros((items, hours, len(self._least) + 1), np.int64)
        for impressions, by in ((before, -1), (after, 1)):
            np.add.at(moved, (owner, when, np.searchsorted(self._least, impressions, side="right")), by)
        frequency = self._frequency[:, None] + moved[..., 1:].cumsum(axis=1)
        self._frequency = frequency[:, -1]
        return counts[0].reshape(items, hours), counts[1].reshape(items, hours), frequency


def reach(rows: Mapping[str, NDArray[Any]], owner: NDArray[np.integer], where: Where) -> Verdict:
    """Return the verdict on reach; *rows* of `performance_extended` are in order of time for each *owner*."""
    buckets = [rows[name] for name in ("freq_1", "freq_2", "freq_3_5", "freq_6_9", "freq_10_plus")]
    fine = {
        "reach to date = Σ new viewers": rows["reach_to_date"] == to_date(rows["new_viewers_hour"], owner),
        "impressions to date = Σ impressions": rows["impressions_to_date"]
        == to_date(rows["impressions"], owner),
        "reach at most the impressions": rows["reach_to_date"] <= rows["impressions_to_date"],
        "viewers of the hour at most its impressions": rows["unique_viewers_hour"] <= rows["impressions"],
        "new viewers at most those of the hour": rows["new_viewers_hour"] <= rows["unique_viewers_hour"],
        "Σ viewers by frequency = reach": np.sum(buckets, axis=0) == rows["reach_to_date"],
    }
    names = ("new_viewers_hour", "unique_viewers_hour", "reach_to_date", "impressions_to_date")
    return conditions(9, fine, where, columns(rows, *names))


def to_date(values: NDArray[np.int64], owner: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the sum of *values* so far for each owner, in the order in which they come."""
    order = np.argsort(owner, kind="stable")
    total = np.cumsum(values[order])
    owners = owner[order]
    first = np.concatenate([[True], owners[1:] != owners[:-1]])[: len(owners)]
    begin = np.maximum.accumulate(np.where(first, np.arange(len(owners)), 0))
    sums = np.empty_like(total)
    sums[order] = total - (total - values[order])[begin]
    return sums
