"""The setup of a run: what plans and auctions leave as it is, made once for all runs of a seed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sim.ambient import cells_of, numbers_of
from sim.book.arrays import arrays_of
from sim.book.calendar import calendar_of, windows_of
from sim.book.matching import forecast_rates
from sim.book.records import Book
from sim.book.script import script_of
from sim.engine.forecast import Forecast
from sim.engine.release import parts_of, shares, within_hour
from sim.engine.rules import rules_of
from sim.engine.traffic import Loops, Traffic
from sim.engine.watched import Watched
from sim.layout import FACTOR_BITS, MOST_FACTOR, BookArrays, MarketArrays
from sim.market.market import Market
from sim.market.viewed import forecast_of
from sim.streams import Purpose, salts
from sim.tables import Values
from sim.units import Horizon

KEPT_BOUNDS = 2_000_000
"""Where a run has more hours × shards × line items, what is expected of them is not kept for another."""


class Setup:
    """The people, the rhythm, the rules and the forecast of a market with a seed, and the book as arrays."""

    def __init__(
        self,
        market: Market,
        book: Book,
        seed: int,
        arrays: BookArrays | None = None,
        *,
        keeps: bool = False,
        watched: Watched | None = None,
    ) -> None:
        """Make it, with the *arrays* of the book and what is *watched* where they are there.

        With *keeps* several runs may be made of it.
        """
        self._keeps = keeps
        watched = self._watched = Watched(market, seed, keeps=keeps) if watched is None else watched
        self.market, self.book, self.salts = market, book, salts(seed)
        self.script = script_of(market, book)
        self.outcomes = any(item.pacing.counting for item in book.line_items)
        """Whether a policy plans by outcomes of impressions."""
        self.arrays = arrays_of(book, market) if arrays is None else arrays
        # The highest factor that a value table can give; line items of constant worth have a factor of one.
        self.top_factors = np.array([_top(self.arrays, item) for item in self.arrays.line_items], np.int64)
        self.everyone, self.homes, self.rhythm = watched.everyone, watched.homes, watched.rhythm
        # Plans look to the end of the last flight, even where the market ends before.
        ends = [last for item in book.line_items for _, last in item.flights]
        ahead = Horizon(market.horizon.start, max([market.horizon.hours, *ends]))
        terms = market.model_dump_json()
        self.rules, self.cells = watched.once(self._rules, "rules", terms)
        # Books that want the same slots expect the same.
        wanted = (each.tobytes() for each in (*self.arrays.masks, self.arrays.line_items["ends"]))
        known = terms, ahead.hours, *wanted
        self.forecast = watched.once(lambda: self._forecast(ahead.hours), "forecast", *known)
        self.windows = windows_of(book, market.horizon)
        traffic = self.forecast.by_hour([one.line_items for one in book.campaigns if one.pacing])
        avails = self.forecast.matched()
        self.calendars = [
            calendar_of(item, ahead, traffic[:, i], avails[:, i]) for i, item in enumerate(book.line_items)
        ]
        """Of each line item."""
        size = market.horizon.hours * market.shards * len(book.line_items)
        found = partial(Found, keeps=keeps or (watched.keeps and size <= KEPT_BOUNDS))
        self.bounds = watched.once(lambda: found(self.forecast.by_shard), "bounds", *known)
        """Where each shard's traffic begins in an hour, as `Forecast.by_shard` has it."""
        part = partial(_shares, market.ticks_per_hour, found(partial(_within, self.forecast.by_hour())))
        self.shares = watched.once(lambda: found(part), "shares", *known)
        """Which share of a tick's traffic comes until the end of each of its parts, as `shares` has it."""

    def reseeded(self, seed: int) -> Self:
        """Return the same for another *seed*."""
        return type(self)(self.market, self.book, seed, self.arrays, keeps=self._keeps)

    def _forecast(self, hours: int) -> Forecast:
        market, weather = self.market, int(self.salts[Purpose.weather])
        about = "viewing", market.forecast.model_dump_json(), hours
        viewing = self._watched.once(lambda: forecast_of(market, weather, hours), *about)
        rates = forecast_rates(market, self.arrays, weather, hours)
        return Forecast(market, viewing, self.arrays.masks, self.homes, rates)

    def _rules(self) -> tuple[list[MarketArrays], NDArray[np.int64]]:
        ambient, rhythm = self.market.ambient, self.rhythm
        numbers = numbers_of(ambient, rhythm.moments)
        return rules_of(self.market, rhythm, numbers), cells_of(ambient, numbers, rhythm.moments)

    def seconds(self, tick: int) -> tuple[int, slice]:
        """Return the hour of a *tick*, and which seconds of it are the tick's."""
        return _seconds(self.market.ticks_per_hour, tick)

    def look_ahead(self, tick: int) -> None:
        """Find now what a *tick* will ask for, as workers are at work; nothing beyond the end."""
        hour, seconds = self.seconds(tick)
        if hour < self.market.horizon.hours:
            self.bounds(hour)
            if len(parts_of(seconds)) > 1:
                self.shares(tick)

    def traffic(self, shards: range, loops: Loops) -> Traffic:
        """Return the ad breaks of the viewers of some *shards*, from the beginning."""
        return self._watched.traffic(shards, loops)


class Found:
    """What is found for one hour or tick after another, of which the last two are kept, or all are."""

    def __init__(self, find: Callable[[int], NDArray[np.int64]], *, keeps: bool) -> None:
        self._find, self._keeps = find, keeps
        self._found: dict[int, NDArray[np.int64]] = {}

    def __call__(self, when: int) -> NDArray[np.int64]:
        """Return what was found for an hour or a tick."""
        if when not in self._found:
            if not self._keeps and len(self._found) > 1:
                del self._found[next(iter(self._found))]
            self._found[when] = self._find(when)
        return self._found[when]


def _seconds(per_hour: int, tick: int) -> tuple[int, slice]:
    hour, part = divmod(tick, per_hour)
    return hour, slice(part * 3600 // per_hour, (part + 1) * 3600 // per_hour)


def _shares(per_hour: int, sums: Found, tick: int) -> NDArray[np.int64]:
    hour, seconds = _seconds(per_hour, tick)
    return shares(sums(hour), parts_of(seconds), seconds.stop)


def _within(traffic: NDArray[np.int64], hour: int) -> NDArray[np.int64]:
    around = max(hour - 1, 0), hour, min(hour + 1, len(traffic) - 1)
    return within_hour(*(traffic[each] for each in around))


def _top(arrays: BookArrays, item: NDArray[np.void]) -> int:
    row, top = int(item["values"]), 1 << FACTOR_BITS
    if row >= 0:
        top = int(Values(arrays.values[row], int(item["form"])).found.max())
    first = int(item["first_tilt"])
    for tilts in arrays.tilts[first : first + int(item["tilts"])].tolist() if not item["plain"] else ():
        top = min(top * max(tilts) >> FACTOR_BITS, MOST_FACTOR)
    return top
