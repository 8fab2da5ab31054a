"""The setup of a run: what plans and auctions leave as it is, made once for all runs of a seed."""

from __future__ import annotations

from typing import Self

from sim.book.arrays import arrays_of
from sim.book.calendar import calendar_of
from sim.book.matching import forecast_rates
from sim.book.records import Book
from sim.book.script import script_of
from sim.engine.forecast import Forecast
from sim.engine.rules import rules_of
from sim.layout import BookArrays
from sim.market.market import Market
from sim.market.rhythm import Rhythm
from sim.market.viewed import forecast_of
from sim.streams import Purpose, salts
from sim.units import Horizon


class Setup:
    """The people, the rhythm, the rules and the forecast of a market with a seed, and the book as arrays."""

    def __init__(self, market: Market, book: Book, seed: int, arrays: BookArrays | None = None) -> None:
        self.market, self.book, self.salts = market, book, salts(seed)
        self.script = script_of(market, book)
        self.arrays = arrays_of(book, market) if arrays is None else arrays
        (self.everyone, self.homes), self.rhythm = market.audience(seed), Rhythm(market, seed)
        # Plans look to the end of the last flight, even where the market ends before.
        ends = [last for item in book.line_items for _, last in item.flights]
        ahead = Horizon(market.horizon.start, max([market.horizon.hours, *ends]))
        weather = int(self.salts[Purpose.weather])
        viewing = forecast_of(market, weather, ahead.hours)
        rates = forecast_rates(market, self.arrays, weather, ahead.hours)
        self.forecast = Forecast(market, viewing, self.arrays.masks, self.homes, rates)
        self.rules = rules_of(market, self.rhythm)
        traffic = self.forecast.by_hour([one.line_items for one in book.campaigns if one.pacing])
        avails = self.forecast.matched()
        self.calendars = [
            calendar_of(item, ahead, traffic[:, i], avails[:, i]) for i, item in enumerate(book.line_items)
        ]
        """Of each line item."""

    def reseeded(self, seed: int) -> Self:
        """Return the same for another *seed*."""
        return type(self)(self.market, self.book, seed, self.arrays)
