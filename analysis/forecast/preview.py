"""The preview: matched and possible avails of a booking by arithmetic alone, in a second or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.forecast.chances import Chances, Floats, chances
from analysis.forecast.sessions import Arrivals, Number, Stretch, arrivals, met, steps_an_hour
from analysis.forecast.windows import capped, mean, of_households, summed
from entities.enums import CapUnit
from sim.audience.viewing import weeks_of
from sim.book.calendar import WINDOW_MASK, calendar_of, windows_of
from sim.book.records import Book, BookedCap
from sim.market.market import Market
from sim.market.rhythm import WARM_UP_HOURS

LONGEST = 32
"""Impressions in a day that are told apart where a cap is of a longer time."""
MOST_COUNTS = 128
"""Combinations of counts of caps within a day; where there were more, their windows count as independent."""
_OWN = (CapUnit.pod, CapUnit.stream)
"""A pod never holds two ads of a line item; a stream is a session."""

_IN_A_DAY = (CapUnit.minute, CapUnit.hour, CapUnit.day)


@dataclass(frozen=True)
class Preview:
    """Avails in expectation: over all populations and all luck, with no weather."""

    matched: float
    """Slots that targeting matches while the booking is open."""
    uncapped: float
    """Impressions if it won every slot and no cap bound: one ad a pod, creatives that fit, what is billed."""
    possible: float
    """The same under its caps."""


def preview(market: Market, book: Book) -> Preview:
    """Return the avails of the only line item of *book*, by arithmetic and without playing anything.

    Kinds of viewers are those of `chances`, what each meets is `sessions.met`, and what caps let through is
    `windows.capped`. Where caps count households, each is taken alone and the tightest counts.
    """
    found = chances(market, book)
    item, hours = book.line_items[0], market.horizon.hours
    first, last = item.flights[0][0], min(item.flights[-1][1], hours)
    seen, steps = arrivals(market, last), steps_an_hour(market)
    zeros = np.zeros(hours, np.int64)
    calendar = calendar_of(item, market.horizon, zeros, zeros)
    caps = _caps(book)
    numbers = _numbers(market, book, [place for place, _ in caps], steps)
    limits = [cap.limit for _, cap in caps]
    together = _together(market, [cap for _, cap in caps])
    days = _Days(found, seen, steps, [min(limit, LONGEST) for limit in limits[:together]] or [0])
    limits = limits[max(together - 1, 0) :]
    stretches = []
    for day in sorted({*calendar.day[first:last].tolist()}):
        open_in = [hour for hour in range(first, last) if calendar.day[hour] == day]
        each = [
            number if calendar.open[hour] else None
            for hour in open_in
            for number in numbers[hour * max(steps, 1) : (hour + 1) * max(steps, 1)]
        ]
        stretches.append(days.met(open_in[0], each))
    viewers, weight = market.population.viewers, found.weight
    slots, shown = (np.sum([getattr(one, name) for one in stretches], axis=0) for name in ("slots", "shown"))
    known = found.recognised or 1.0
    counted = weight @ shown
    if not found.recognised or not limits:
        possible = counted
    else:
        windows = [window for one in stretches for window in one.windows]
        if market.identity.counted_by == "household":
            possible = min(
                _of_households(market, found, windows, at, limit) for at, limit in enumerate(limits)
            )
        else:
            possible = weight @ capped(windows, limits)
        if limits[0] > LONGEST and caps[0][1].unit in _IN_A_DAY:  # of those beyond, none is stopped
            possible += counted - weight @ np.sum([mean(chance) for _, chance in windows], axis=0)
    # In sessions that are not recognised nothing is capped.
    possible += counted * (1 / known - 1)
    return Preview(*(float(viewers * each) for each in (weight @ slots / known, counted / known, possible)))


class _Days:
    # What is met in a day, worked out once for those that are alike, as the Mondays of a month are.

    def __init__(self, found: Chances, seen: Arrivals, steps: int, limits: Sequence[int]) -> None:
        self._found, self._seen, self._steps, self._limits = found, seen, steps, limits
        self._known: dict[tuple[object, ...], Stretch] = {}

    def met(self, first: int, numbers: Sequence[Number | None]) -> Stretch:
        # Windows are numbered by when they come: those of each cap, and of the last with all around it.
        last = len(self._limits) - 1
        opened = [number for number in numbers if number is not None]
        inner = [list(dict.fromkeys(number[cap] for number in opened)) for cap in range(last)]
        places = list(dict.fromkeys(number[last:] for number in opened))
        alike = [
            None
            if number is None
            else (*(inner[cap].index(number[cap]) for cap in range(last)), places.index(number[last:]))
            for number in numbers
        ]
        begin = first - self._seen.first
        rows = slice(max(begin - WARM_UP_HOURS, 0), begin + len(numbers) // max(self._steps, 1))
        seen = (self._seen.starts, self._seen.carried, self._seen.due, self._seen.dark)
        key = (*(each[rows].tobytes() for each in seen), tuple(alike))
        if key not in self._known:
            self._known[key] = met(self._found, self._seen, first, alike, self._limits, self._steps)
        found = self._known[key]
        return found._replace(windows=tuple((places[at], chance) for (at,), chance in found.windows))


def _caps(book: Book) -> list[tuple[int, BookedCap]]:
    # Caps by the clock, the shortest window first; of some in one day, only those that can bind.
    found = [(place, book.caps[place]) for place in book.line_items[0].caps]
    units = list(CapUnit)
    return sorted(
        ((place, cap) for place, cap in found if cap.unit not in _OWN),
        key=lambda each: (units.index(each[1].unit), each[1].unit_count),
    )


def _together(market: Market, caps: Sequence[BookedCap]) -> int:
    # How many of the first caps are counted together: those in one day, for its windows are not independent.
    # Those of households are taken alone, and breaks without memory need it not.
    if market.identity.counted_by == "household" or market.viewing.exposure == "poisson":
        return min(len(caps), 1)
    states, found = 1, 0
    for cap in caps:
        states *= min(cap.limit, LONGEST) + 1
        if found and (cap.unit not in _IN_A_DAY or cap.limit > LONGEST or states > MOST_COUNTS):
            break
        found += 1
    return found


def _numbers(market: Market, book: Book, caps: Sequence[int], steps: int) -> list[Number]:
    # The windows of each step, by the clock of each cap.
    table, per = windows_of(book, market.horizon).astype(np.int64), max(steps, 1)
    columns = []
    for place in caps:
        by_step = np.repeat(table[:, place], per)
        if book.caps[place].unit == CapUnit.minute:
            minute = ((np.arange(len(by_step)) + 0.5) * 60 / per).astype(np.int64)
            by_step = (minute + by_step) // book.caps[place].unit_count & WINDOW_MASK
        columns.append(by_step)
    if not columns:
        return [(0,)] * (len(table) * per)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _of_households(
    market: Market, found: Chances, windows: Sequence[tuple[Number, Floats]], at: int, limit: int
) -> float:
    shares = np.array([region.share for region in market.regions.values()])
    shares = shares / shares.sum()
    weeks = len(weeks_of(market.viewing, market.population)[0])
    region, size = found.place // weeks, market.population.household_size
    total = 0.0
    by_window: dict[int, list[tuple[Number, Floats]]] = {}
    for number, chance in windows:
        by_window.setdefault(number[at], []).append((number, chance))
    for group in by_window.values():
        _, chance = summed(group, limit)
        person = np.zeros((limit + 1, len(shares)))
        np.add.at(person.T, region, (chance * found.weight).T)
        person /= shares
        person[0] += 1 - person.sum(axis=0)
        total += float(shares @ mean(of_households(person, size))) / size
    return total
