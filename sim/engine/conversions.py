"""Conversions hour by hour: which ads are followed by one, when, and which line items get the credit."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.audience.conversions import EXPOSURES, Conversions, exposures
from sim.book.records import Book
from sim.engine.kept import State, joined, parted
from sim.events import CONVERSIONS
from sim.streams import GOLDEN, Purpose, mix, mix_all
from sim.tables import threshold
from sim.units import PPM

CREDITED_AT_ONCE = 4096
"""Conversions credited at a time, which bounds memory."""
_NOBODY = np.zeros(0, np.int64)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_TOUCHES, _VIEW, _CLICK, _VIEW_PPM, _CLICK_PPM = range(len(CONVERSIONS))


@dataclass(frozen=True, slots=True)
class Touches:
    """The exposures and clicks of one hour, by viewer and campaign and then in the order of time."""

    pair: NDArray[np.int64]
    """viewer × campaigns + campaign."""
    line_item: NDArray[np.int32]
    clicked: NDArray[np.bool_]


class ConversionTracker:
    """Turns the events of each hour into conversions of this hour and of later ones.

    It keeps a byte per viewer and campaign, the touches of the lookback, and the conversions to come.
    """

    def __init__(
        self, terms: Conversions, book: Book, viewers: NDArray[np.int64], salts: NDArray[np.uint64]
    ) -> None:
        """Take the ids of the *viewers*; everything else goes by their positions."""
        self._terms, self._salts = terms, salts
        self._chances, self._delays = terms.chances(), terms.delays()
        self._click_chance = np.uint64(round(terms.click_rate * (1 << 32)))
        self._keys = np.array([item.key for item in book.line_items], np.uint64)
        self._campaign = np.array([item.campaign for item in book.line_items], np.int64)
        self._campaigns = len(book.campaigns)
        self._exposures = np.zeros(len(viewers) * self._campaigns, np.uint8)
        self._kept: deque[Touches] = deque(maxlen=terms.lookback_hours)
        """The latest hour last."""
        self._due: deque[list[NDArray[np.int64]]] = deque(
            ([] for _ in range(terms.lookback_hours)), maxlen=terms.lookback_hours
        )
        """Pairs that convert in this hour, the next one, …"""
        self.converted = np.zeros(0, np.int64)
        """Pairs that converted in the latest hour, by an ad or by themselves, sorted."""
        self._viewers, self._campaign_keys = viewers, [campaign.key for campaign in book.campaigns]
        self._organic: list[NDArray[np.int64]] = []
        """Pairs that convert by themselves in what is left of the day, the next hour last."""

    def add(self, hour: int, events: NDArray[np.void]) -> NDArray[np.int64]:
        """Return the touches and conversions of the next *hour*, line items × CONVERSIONS.

        Its EVENT records have positions of viewers for their ids.
        """
        events = events[(events["rendered"] == 1) & (events["invalid"] == 0) & (events["ghost"] == 0)]
        exposed = exposures(events, self._terms)
        clicked = events["clicked"] == 1
        touching = exposed | clicked
        events, exposed, clicked = events[touching], exposed[touching], clicked[touching]
        pair = events["viewer_id"].astype(np.int64) * self._campaigns + self._campaign[events["line_item"]]
        order = np.lexsort((events["slot_id"], events["ts"], pair))
        events, exposed, clicked, pair = events[order], exposed[order], clicked[order], pair[order]
        self._kept.append(Touches(pair, events["line_item"].copy(), clicked))
        self._follow(events, pair, exposed, clicked)
        due = self._due.popleft()
        self._due.append([])

        found = np.zeros((len(self._keys), len(CONVERSIONS)), np.int64)
        found[:, _TOUCHES] = np.bincount(events["line_item"], minlength=len(found))
        converted = np.concatenate([*due, self._by_themselves(hour)])
        self.converted = np.sort(converted)
        for first in range(0, len(converted), CREDITED_AT_ONCE):
            self._credit(self.converted[first : first + CREDITED_AT_ONCE], found)
        return found

    def keep(self) -> State:
        """Return what is known of touches and of conversions to come."""
        kept = {"exposures": self._exposures}
        for name, kind in (("pair", np.int64), ("line_item", np.int32), ("clicked", np.bool_)):
            kept |= joined(name, (getattr(touches, name) for touches in self._kept), kind)
        return kept | joined("due", (np.concatenate([_NOBODY, *due]) for due in self._due), np.int64)

    def restore(self, state: State, hour: int) -> None:
        """Know what was kept when *hour* was the next one."""
        self._exposures[:] = state["exposures"]
        self._kept.extend(map(Touches, *(parted(name, state) for name in ("pair", "line_item", "clicked"))))
        self._due.extend([pairs] for pairs in parted("due", state))  # in place of as many
        if self._terms.organic_rate and hour % 24:
            self._organic = self._day(hour // 24)[: 24 - hour % 24]

    def _by_themselves(self, hour: int) -> NDArray[np.int64]:
        if not self._terms.organic_rate:
            return np.zeros(0, np.int64)
        if not self._organic:
            self._organic = self._day(hour // 24)
        return self._organic.pop()

    def _day(self, day: int) -> list[NDArray[np.int64]]:
        # Who converts without an ad, by the hours of the day, the first one last.
        rate = np.uint64(threshold(self._terms.organic_rate))
        viewers = np.arange(len(self._viewers), dtype=np.int64)
        person = mix_all(self._viewers.astype(np.uint64) * np.uint64(GOLDEN) ^ self._salts[Purpose.organic])
        found: list[list[NDArray[np.int64]]] = [[] for _ in range(24)]
        for campaign, key in enumerate(self._campaign_keys):
            draw = mix_all(person ^ np.uint64(mix(key + day * GOLDEN)))
            some = (draw & _LOW) < rate
            when = (draw[some] >> _HALF) * np.uint64(24) >> _HALF
            pairs = viewers[some] * self._campaigns + campaign
            for hour in range(24):
                found[hour].append(pairs[when == hour])
        return [np.concatenate(pairs) for pairs in reversed(found)]

    def _follow(
        self,
        events: NDArray[np.void],
        pair: NDArray[np.int64],
        exposed: NDArray[np.bool_],
        clicked: NDArray[np.bool_],
    ) -> None:
        # Draws which touches are followed by a conversion, and how many hours later.
        slot = mix_all(events["slot_id"].astype(np.uint64) * np.uint64(GOLDEN) + self._salts[Purpose.slot])
        draw = mix_all(slot ^ self._keys[events["line_item"]] ^ self._salts[Purpose.conversion])
        first = np.flatnonzero(np.concatenate([[True], pair[1:] != pair[:-1]])[: len(pair)])
        # How many exposures of the same viewer and campaign came before, in this hour and earlier.
        sums: NDArray[np.int64] = np.cumsum(exposed) - exposed
        before = sums - np.repeat(sums[first], np.diff([*first, len(pair)])) + self._exposures[pair]
        viewed = exposed & ((draw & _LOW) < self._chances[np.minimum(before, EXPOSURES - 1)])
        np.maximum.at(self._exposures, pair, np.minimum(before + exposed, EXPOSURES - 1).astype(np.uint8))
        then = mix_all(draw)
        self._schedule(pair[viewed], (draw >> _HALF)[viewed])
        through = clicked & ((then & _LOW) < self._click_chance)
        self._schedule(pair[through], (then >> _HALF)[through])

    def _schedule(self, pair: NDArray[np.int64], draw: NDArray[np.uint64]) -> None:
        late = np.searchsorted(self._delays, draw, side="right")
        for hours in np.unique(late).tolist():
            self._due[hours].append(pair[late == hours])

    def _credit(self, converted: NDArray[np.int64], found: NDArray[np.int64]) -> None:
        # Adds the conversions of these pairs to *found*, by the touches of the lookback.
        kept = list(reversed(self._kept))
        begin = [np.searchsorted(touches.pair, converted, side="left") for touches in kept]
        end = [np.searchsorted(touches.pair, converted, side="right") for touches in kept]
        total = np.sum(end, axis=0) - np.sum(begin, axis=0)
        last, last_click = np.full(len(converted), -1), np.full(len(converted), -1)
        parts: list[tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]] = []
        after = np.zeros(len(converted), np.int64)
        for touches, left, right in zip(kept, begin, end, strict=True):
            count = right - left
            if not count.any():
                continue
            owner = np.repeat(np.arange(len(converted)), count)
            within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
            at = left[owner] + within
            rank = (after + count)[owner] - 1 - within  # from the last touch, which is 0
            # Equal parts in millionths; the remainder goes to the latest touches, one each.
            part = PPM // total[owner] + (rank < PPM % total[owner])
            item, clicked = touches.line_item[at], touches.clicked[at]
            parts.append((owner, item, part))
            newest = rank == 0
            last[owner[newest]] = item[newest]
            # Of several clicks in an hour the latest is written last; those of later hours stay.
            open_ = clicked & (last_click[owner] < 0)
            last_click[owner[open_]] = item[open_]
            after += count
        by_click = last_click >= 0
        # Who converted without any touch is nobody's.
        np.add.at(found[:, _VIEW], last[~by_click & (total > 0)], 1)
        np.add.at(found[:, _CLICK], last_click[by_click], 1)
        for owner, item, part in parts:
            for column, mine in ((_VIEW_PPM, ~by_click[owner]), (_CLICK_PPM, by_click[owner])):
                np.add.at(found[:, column], item[mine], part[mine])
