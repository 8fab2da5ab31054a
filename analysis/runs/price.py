"""What a run takes: as it begins, and until its end, foretold from its own hours as they were measured."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from analysis.runs.machine import memory_bytes
from analysis.runs.playing import Progress
from entities.enums import DeviceType
from entities.errors import InputError
from sim.layout import SESSION, VIEWER
from sim.market.market import Market
from sim.memory import BLOCK

DAY = 24
"""Hours after which a run is foretold. The first ones load machine code and touch new memory; then budgets of
the day run out. Before a day was over, time was foretold as half and as twice of what it was."""
ROW_BYTES = 280
"""Of a row in the database, indices included; 264 to 310 were measured."""
ROW_SECONDS = 35e-6
"""Of a row on its way into the database."""
GROWTH = 1.1
"""The most memory that a run takes, over that of its first day; 1.0 to 1.2 were measured."""
BOTH = 0.7
"""How much of an hour's time is by the slot and not by the hour, before hours have shown it: a guess that
weighs as much as one hour of twice the slots. After a day it decides little, unless all hours are alike."""


def at_start_bytes(market: Market, line_items: int) -> int:
    """Return the memory of what a run remembers of its viewers from its first hour on, before it counts.

    Each has a record, a session, a home, a block of counters, or one for each device, and a count for each
    line item.
    """
    counters = len(DeviceType) if market.identity.counted_by == "device" else 1
    each = VIEWER.itemsize + SESSION.itemsize + 4 + counters * BLOCK * 8 + line_items
    return market.population.viewers * each


def check_fits(market: Market, line_items: int) -> None:
    """Refuse with InputError a run that has not enough memory to begin."""
    needed, there = at_start_bytes(market, line_items), memory_bytes()
    if needed > there:
        raise InputError(
            f"{market.population.viewers:,} viewers and {line_items:,} line items need {needed / 1e9:,.1f} GB"
            f" of memory to begin with, and there are {there / 1e9:,.1f} GB here; lower"
            " market.population.viewers, or run it all the same with --anyway, in Python anyway=True"
        )


class Hour(NamedTuple):
    """A measured hour: its end, and the share of expected slots that are over by then."""

    moment: float
    slots: float


class Meter:
    """Measures the hours of a run as they end."""

    def __init__(self) -> None:
        self._ends: list[Hour] = []
        self._midnight: tuple[int, int] | None = None
        """The last midnight (UTC): the hour, and the impressions until then."""
        self._now: Progress | None = None

    def add(self, moment: float, now: Progress) -> None:
        """Take one more hour, which ended at a *moment*, in seconds of any clock."""
        self._ends.append(Hour(moment, now.expected.slots))
        if now.day.hour == 0 and now.hour > 1:
            self._midnight = now.hour, now.impressions
        self._now = now

    def seconds(self) -> float | None:
        """Return how long the rest will take, storing included; None on the first day.

        A line through the later half of the hours, a day at most, says what an hour takes by itself and what
        by its slots: an hour at night is cheap, one in the evening dear.
        """
        now = self._now
        if now is None or len(self._ends) <= DAY:
            return None
        first = max(len(self._ends) - 1 - DAY, (len(self._ends) - 1) // 2)
        ends = self._ends[first:]
        hours, took = len(ends) - 1, ends[-1].moment - ends[0].moment
        slots = ends[-1].slots - ends[0].slots
        each = 0.0
        if slots > 0:
            mean, usual = slots / hours, BOTH * took / slots
            steps = [
                (new.slots - old.slots - mean, new.moment - old.moment - took / hours)
                for old, new in pairwise(ends)
            ]
            # As if one hour more had twice the slots, and took what is usual for them.
            common = sum(more * longer for more, longer in steps) + mean * mean * usual
            each = common / (sum(more * more for more, _ in steps) + mean * mean)
            each = min(max(each, 0.0), took / slots)
        alone = (took - each * slots) / hours
        rest = alone * (now.hours - now.hour) + each * (1 - now.expected.slots)
        return rest + ROW_SECONDS * self._rows(now)

    @staticmethod
    def memory_bytes(peak: int) -> int:
        """Return how much memory the run will have taken at most, where a day of it took *peak*."""
        return round(GROWTH * peak)

    def database_bytes(self) -> int | None:
        """Return by how much the database will grow; None before a day is over."""
        return ROW_BYTES * self._rows(self._now) if self._now and self._now.hour >= DAY else None

    def events_bytes(self, written: int) -> int | None:
        """Return how large the files of events become, of which so much is *written*; None before one is."""
        now, midnight = self._now, self._midnight
        if now is None or midnight is None or now.hour < DAY or not written:
            return None
        hour, impressions = midnight
        # Hours are written in a thread of its own, which may be one behind.
        if now.hour < hour + 2 or not (impressions and now.expected.spend):
            return None
        return round(written / impressions * now.impressions / now.expected.spend)

    @staticmethod
    def _rows(now: Progress) -> int:
        return now.expected.rows + round(now.lost * now.hours / now.hour)
