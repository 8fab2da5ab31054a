"""The preview: matched and possible avails of a booking without playing it, in a second or two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from analysis.forecast.cap_windows import CapWindows, cap_windows
from analysis.forecast.chances import Chances, chances
from analysis.forecast.drawn import share_let_through
from analysis.forecast.kernels import let_through, met_in_windows
from analysis.forecast.sessions import Arrivals, Number, Stretch, arrivals, met, steps_an_hour
from analysis.forecast.windows import Windows, capped, mean, of_households, summed
from sim.audience.viewing import weeks_of
from sim.book.calendar import calendar_of
from sim.book.records import Book
from sim.market.market import Market
from sim.market.rhythm import WARM_UP_HOURS


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
    """Return the avails of the only line item of *book*, without playing anything.

    Kinds of viewers are those of `chances`, and what each meets is `sessions.met`. What caps let through of
    it is a sum over windows, `windows.capped`; where no sum says it, the share that `drawn` finds.
    """
    found = chances(market, book)
    item, hours = book.line_items[0], market.horizon.hours
    first, last = item.flights[0][0], min(item.flights[-1][1], hours)
    seen, steps = arrivals(market, last), steps_an_hour(market)
    zeros = np.zeros(hours, np.int64)
    calendar = calendar_of(item, market.horizon, zeros, zeros)
    caps = cap_windows(market, book, calendar.open[:hours])
    counted = caps if caps and caps.limits else None
    numbers = counted.numbers if counted else ((0,),) * hours
    limits = counted.limits[: counted.together] if counted else (0,)
    days, stretches = _Days(found, seen, steps, limits), []
    for day in sorted({*calendar.day[first:last].tolist()}):
        open_in = [hour for hour in range(first, last) if calendar.day[hour] == day]
        each = [numbers[hour] if calendar.open[hour] else None for hour in open_in]
        stretches.append(days.met(open_in[0], [number for number in each for _ in range(max(steps, 1))]))
    slots, shown = (
        float(found.weight @ np.sum([getattr(one, name) for one in stretches], axis=0))
        for name in ("slots", "shown")
    )
    uncapped = shown / (found.recognised or 1.0)
    if caps is None:
        possible = uncapped * share_let_through(market, book, found, seen, calendar.open[:hours])
    elif counted and found.recognised:
        windows = [window for one in stretches for window in one.windows]
        # In sessions that are not recognised nothing is capped.
        possible = _let_through(market, found, windows, counted) + uncapped - shown
    else:
        possible = uncapped
    viewers = market.population.viewers
    return Preview(viewers * slots / (found.recognised or 1.0), viewers * uncapped, viewers * possible)


def loops(market: Market, book: Book) -> list[Any]:
    """Return the compiled functions that the preview of the only line item of *book* calls."""
    zeros = np.zeros(market.horizon.hours, np.int64)
    opened = calendar_of(book.line_items[0], market.horizon, zeros, zeros).open[: market.horizon.hours]
    chain = [met_in_windows] if steps_an_hour(market) else []
    return chain if cap_windows(market, book, opened) else [*chain, let_through]


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


def _let_through(market: Market, found: Chances, windows: Windows, caps: CapWindows) -> float:
    limits = caps.limits[caps.together - 1 :]
    if market.identity.counted_by != "household":
        return float(found.weight @ capped(windows, limits))
    shares = np.array([region.share for region in market.regions.values()])
    shares = shares / shares.sum()
    weeks = len(weeks_of(market.viewing, market.population)[0])
    region, size = found.place // weeks, market.population.household_size
    total, known = 0.0, dict[tuple[int, ...], float]()
    for _, group in groupby(windows, key=lambda each: each[0][0]):
        parts = [*group]
        alike = tuple(id(chance) for _, chance in parts)  # days that are alike have the same
        if alike not in known:
            _, chance = summed(parts, limits[0])
            person = np.zeros((limits[0] + 1, len(shares)))
            np.add.at(person.T, region, (chance * found.weight).T)
            person /= shares
            person[0] += 1 - person.sum(axis=0)
            known[alike] = float(shares @ mean(of_households(person, size))) / size
        total += known[alike]
    return total
