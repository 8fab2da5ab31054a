"""Who converts with and without the ads of line items that hold viewers out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entities.enums.lift import LIFT
from sim.audience.conversions import Conversions, exposures
from sim.audience.holdout import held_out
from sim.book.records import Book
from sim.engine.kept import State

_HALF = len(LIFT) // 2


class LiftCount:
    """Counts the viewers, converters and conversions of each arm, hour after hour, in order.

    An exposure that was held back, a ghost, opens the same window as one that was shown.
    """

    def __init__(
        self,
        terms: Conversions,
        book: Book,
        viewers: NDArray[np.void],
        masks: NDArray[np.uint64],
        salts: NDArray[np.uint64],
    ) -> None:
        self._terms, self._book = terms, book
        ids = viewers["id"].astype(np.int64)
        self._items = [place for place, item in enumerate(book.line_items) if item.holdout_ppm]
        self._admitted, self._away = {}, {}
        self._exposed = {place: np.full(len(ids), -terms.lookback_hours, np.int32) for place in self._items}
        """The hour of each viewer's latest exposure."""
        self._found = {place: np.zeros((2, len(ids)), np.uint16) for place in self._items}
        """Conversions of each viewer: all, and those that followed an exposure."""
        for place in self._items:
            item = book.line_items[place]
            word, bit = np.uint64(place // 64), np.uint64(place % 64)
            self._admitted[place] = masks[viewers["kind"], word] >> bit & np.uint64(1) > 0
            self._away[place] = held_out(ids, item.key, item.holdout_ppm, salts)

    def add(self, hour: int, events: NDArray[np.void], converted: NDArray[np.int64]) -> None:
        """Count an hour's EVENT records and conversions, each as viewer × campaigns + campaign.

        Viewers go by their positions.
        """
        shown = (events["rendered"] == 1) & (events["invalid"] == 0) & exposures(events, self._terms)
        item, viewer = events["line_item"][shown], events["viewer_id"][shown]
        campaigns = len(self._book.campaigns)
        who, campaign = converted // campaigns, converted % campaigns
        for place in self._items:
            booked = self._book.line_items[place]
            self._exposed[place][viewer[item == place]] = hour
            if hour < min((first for first, _ in booked.flights), default=0):
                continue
            mine = who[campaign == booked.campaign]
            mine = mine[self._admitted[place][mine]]
            late = hour - self._exposed[place][mine]
            for found, some in zip(
                self._found[place], (mine, mine[late < self._terms.lookback_hours]), strict=True
            ):
                np.add.at(found, some, 1)

    def keep(self) -> State:
        """Return what is counted so far."""
        kept = {f"exposed.{place}": hours for place, hours in self._exposed.items()}
        return kept | {f"found.{place}": found for place, found in self._found.items()}

    def restore(self, state: State) -> None:
        """Go on from what was kept."""
        for place in self._items:
            self._exposed[place][:], self._found[place][:] = (
                state[f"exposed.{place}"],
                state[f"found.{place}"],
            )

    def rows(self) -> NDArray[np.int64]:
        """Return what is counted so far, line items × LIFT; zeros for those that hold nobody out."""
        rows = np.zeros((len(self._book.line_items), len(LIFT)), np.int64)
        for place in self._items:
            reached = self._exposed[place] >= 0
            for arm, those in enumerate((~self._away[place], self._away[place])):
                for group, some in enumerate((those & self._admitted[place], those & reached)):
                    found = self._found[place][group][some]
                    first = arm * _HALF + group * (_HALF // 2)
                    rows[place, first : first + 3] = len(found), int((found > 0).sum()), int(found.sum())
        return rows
