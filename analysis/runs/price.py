"""What a run takes: as it begins, and until its end, foretold from its own hours as they were measured."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.runs.expected import Work
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
ROW_BYTES, ROW_SECONDS = 280, 23e-6
"""Of a row in the database, indices included, and of its way there. Those of creatives, 296 bytes and 11 to
27 µs, are about as many as those of line items, 263 bytes and 16 to 21 µs."""
LOST_BYTES, LOST_SECONDS = 180, 10e-6
"""The same of a row that says who won what was lost."""
GROWTH = 1.15
"""The most memory that a run takes, over that when it is first told; 1.0 to 1.35 were measured."""
USUAL = Work(hours=0.3, slots=0.2, contests=0.5)
"""What the time of a run goes by, before its hours have shown it; this counts as much as one of them.

Measured on ten markets of 7 to 1,000 line items, 1,500 to 130,000 viewers and 10 to 180 days. A day with 40
of 300 line items in flight took a fifth of one with all, and a day with one of seven the half. The times left
that were told first were at most a quarter off; with 0.4 or 0.6 by contests up to 29 %.
"""
WITHIN = 0.25
"""How far apart two days may foretell the database: where they are further, nothing is told."""


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


class _End(NamedTuple):
    # When hours came, and what was played by then; hours that come together have one.
    moment: float
    played: Work


class _Midnight(NamedTuple):
    # UTC, or the first hour, and what there was until then.
    hour: int
    impressions: int
    lost: int
    share: float


class Meter:
    """Measures the hours of a run as they end."""

    def __init__(self) -> None:
        self._ends: list[_End] = []
        self._midnights: list[_Midnight] = []
        self._began: _Midnight | None = None
        self._now: Progress | None = None
        self._hours = 0

    def add(self, moment: float, now: Progress) -> None:
        """Take one more hour, which came at a *moment*, in seconds of any clock."""
        self._hours += 1
        played = now.expected.played
        if not self._ends or played.hours > self._ends[-1].played.hours:
            self._ends.append(_End(moment, played))
        counted = _Midnight(now.hour, now.impressions, now.lost, now.expected.lost)
        self._began = self._began or counted
        if now.day.hour == 0 and now.hour > 1:
            self._midnights.append(counted)
        self._now = now

    @property
    def stretches(self) -> int:
        """Return how many times there was time between hours; the first one loads what rows are made with."""
        return max(len(self._ends) - 1, 0)

    def seconds(self) -> float | None:
        """Return how long the rest will take, storing included; None while it cannot be told.

        The later half of the hours, three days at most, say what an hour takes by itself, what by its slots
        and what by the line items in flight: one at night is cheap, one in the evening dear.
        """
        now, lost = self._now, self._lost()
        if now is None or self._hours <= DAY or self.stretches < 2 or lost is None:
            return None
        last = self._ends[-1].played
        middle = (self._ends[0].played.hours + last.hours) / 2
        since = max(middle, last.hours - 3 * DAY / now.hours)
        first = sum(end.played.hours <= since for end in self._ends[1:-1])
        ends = self._ends[first:]
        # Of the whole, a mean hour each, so that a term says what such an hour takes by it.
        parts = now.hours * np.diff([end.played for end in ends], axis=0)
        took = np.diff([end.moment for end in ends])
        each = _by_terms(parts, took)
        fits = parts.sum(axis=0) @ each
        rest = (now.hours * (1 - np.array(last))) @ each * took.sum() / fits if fits > 0 else 0.0
        return float(rest) + ROW_SECONDS * now.expected.rows + LOST_SECONDS * lost

    @staticmethod
    def memory_bytes(peak: int) -> int:
        """Return how much memory the run will have taken at most, where it took *peak* by its second day."""
        return round(GROWTH * peak)

    def database_bytes(self) -> int | None:
        """Return by how much the database will grow; None while it cannot be told."""
        lost = self._lost()
        if self._now is None or self._now.hour < DAY or lost is None:
            return None
        return ROW_BYTES * self._now.expected.rows + LOST_BYTES * lost

    def events_bytes(self, written: int) -> int | None:
        """Return how large the files of events become, of which so much is *written*; None before one is."""
        now = self._now
        if now is None or not self._midnights or now.hour < DAY or not written:
            return None
        last = self._midnights[-1]
        # Hours are written in a thread of its own, which may be one behind.
        if now.hour < last.hour + 2 or not (last.impressions and now.expected.spend):
            return None
        return round(written / last.impressions * now.impressions / now.expected.spend)

    def _lost(self) -> int | None:
        # As many in other days as in the last one, for the line items in flight. None where the day before
        # it, or no other where it is the first, would foretell another database.
        now, began = self._now, self._began
        if now is None or began is None:
            return None
        before, day, last = [began, began, began, *self._midnights][-3:]
        others = 1 - last.share + began.share  # a run that goes on has not counted those before
        told, else_told = (last.lost + others * _rate(*days) for days in ((day, last), (before, day)))
        whole = ROW_BYTES * now.expected.rows + LOST_BYTES * told
        return round(told) if LOST_BYTES * abs(told - else_told) <= WITHIN * whole else None


def _rate(begin: _Midnight, end: _Midnight) -> float:
    return (end.lost - begin.lost) / (end.share - begin.share) if end.share > begin.share else 0.0


def _by_terms(parts: NDArray[np.float64], took: NDArray[np.float64]) -> NDArray[np.float64]:
    # What a mean hour takes by each: a least-squares fit, with one hour more that is as usual, of those terms
    # that take any time.
    usual = np.array(USUAL) * took.sum() / (parts.sum(axis=0) @ np.array(USUAL))
    together = np.sqrt(parts[:, 0])
    rows = np.vstack([parts / together[:, None], np.eye(len(USUAL))])
    each, terms = np.zeros(len(USUAL)), np.arange(len(USUAL))
    while terms.size:
        found, *_ = np.linalg.lstsq(rows[:, terms], np.concatenate([took / together, usual]))
        if (found >= 0).all():
            each[terms] = found
            break
        terms = np.delete(terms, found.argmin())
    return each
