"""A pacing policy alone on a recorded log of values and market prices: the same object, without a market."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim.pacing import Day, PacingPolicy, Plan, Situation, Span
from sim.streams import Purpose, mix, salts
from sim.units import PPM

DAY = 1440
"""Minutes."""
_ALWAYS = 1 << 32
Auction = Literal["second_price", "first_price"]


@dataclass(frozen=True)
class Log:
    """Auctions in order: what each was worth to the bidder, and the highest bid against it."""

    values: NDArray[np.int64]
    """Micros per impression."""
    prices: NDArray[np.int64]
    """Micros per impression."""
    bounds: NDArray[np.int64]
    """Row where each tick begins, and the number of rows, ticks + 1."""

    @property
    def ticks(self) -> int:
        """Return the number of ticks."""
        return len(self.bounds) - 1


@dataclass(frozen=True)
class ReplayTerms:
    """What a log is replayed with."""

    budget_micros: int
    auction: Auction = "second_price"
    max_bid_micros: int | None = None
    """Cuts bids; without one bids are not cut, and a policy is told the highest value."""
    tick_minutes: int | None = None
    """Days begin with the log and have 1440 minutes; without minutes the log is one day."""
    seed: int = 0
    """Of the luck of policies that take part in a share of the auctions."""


class TickRow(NamedTuple):
    """One tick of the trace."""

    tick: int
    auctions: int
    goal_micros: int
    allowance_micros: int
    multiplier_ppm: int
    participation_ppm: int
    bids: int
    wins: int
    spend_micros: int
    value_micros: int
    bid_sum_micros: int
    """Of the auctions that were won."""
    left_micros: int
    """Of the budget, after the tick."""


@dataclass(frozen=True)
class Replayed:
    """What came of a replay."""

    table: NDArray[np.int64]
    """Ticks × the fields of TickRow."""
    budget_micros: int

    @property
    def ticks(self) -> list[TickRow]:
        """Return the ticks one by one."""
        return [TickRow(*row) for row in self.table.tolist()]

    def of(self, column: str, ticks: slice = slice(None)) -> int:
        """Return the sum of a column over some *ticks*."""
        return int(self.table[ticks, TickRow._fields.index(column)].sum())

    def trace(self) -> pl.DataFrame:
        """Return a row per tick, int64."""
        return pl.DataFrame(self.table, schema=dict.fromkeys(TickRow._fields, pl.Int64), orient="row")


class _Served(NamedTuple):
    bids: int
    wins: int
    spend: int
    value: int
    bid_sum: int


def replay(
    log: Log, policy: PacingPolicy, terms: ReplayTerms, watch: Callable[[int], None] | None = None
) -> Replayed:
    """Return what *policy* does on *log*: it plans a tick, then bids in the tick's auctions one by one.

    A bid is the value times the multiplier, rounded down, and no more than is left of the budget; it wins
    where it is not below the price, and pays the price, or itself under first price. So the budget is never
    passed. An allowance below that leaves out the auctions whose bid it cannot pay, and what of it could not
    become a bid is carried on, as in a market with one shard. The forecast is the log's own. *watch* is told
    each tick that begins.
    """
    values, prices, bounds = log.values.tolist(), log.prices.tolist(), log.bounds.tolist()
    highest = terms.max_bid_micros or max(int(log.values.max(initial=0)), 1)
    per_hour = max(60 // (terms.tick_minutes or 60), 1)
    salt, auctions = int(salts(terms.seed)[Purpose.throttle]), bounds[-1]
    left, last, served = terms.budget_micros, Plan(0, 0), _Served(0, 0, 0, 0, 0)
    rows = array("q")
    matched = 0
    for day in _days(log, terms.tick_minutes):
        at_dawn = left
        for tick in range(day.begin, day.end):
            begin, end = bounds[tick], bounds[tick + 1]
            if watch:
                watch(tick)
            now = Situation(
                tick=tick,
                tick_minutes=day.tick_minutes,
                traffic=end - begin,
                flight=Span(log.ticks - tick, auctions - begin, left),
                today=None,
                day=Day(
                    day.number,
                    day.minutes[tick - day.begin],
                    day.end - day.begin,
                    bounds[day.end] - bounds[day.begin],
                    day.end - tick,
                    bounds[day.end] - begin,
                    at_dawn - left,
                    day.hours,
                ),
                budget_micros=terms.budget_micros,
                spent_micros=terms.budget_micros - left,
                max_bid_micros=highest,
                last_matched=matched,
                last_bids=served.bids,
                last_wins=served.wins,
                last_impressions=served.wins,
                last_spend_micros=served.spend,
                last_worth_micros=served.bid_sum,
                multiplier_ppm=last.multiplier_ppm,
                participation_ppm=last.participation_ppm,
                memory=last.memory,
            )
            plan = policy.planned(now)
            most = highest + max(plan.goal_micros, 0) * (per_hour - 1)
            carried = min(max(last.allowance_micros - served.spend, 0), most)
            last = Plan(
                goal_micros=max(plan.goal_micros, 0),
                allowance_micros=min(max(plan.allowance_micros, 0) + carried, left),
                multiplier_ppm=max(plan.multiplier_ppm, 0),
                participation_ppm=min(max(plan.participation_ppm, 0), PPM),
                memory=plan.memory,
            )
            served = _serve(values, prices, range(begin, end), last, left, terms, salt)
            left -= served.spend
            matched = end - begin
            asked = (last.goal_micros, last.allowance_micros, last.multiplier_ppm, last.participation_ppm)
            rows.extend((tick, matched, *asked, *served, left))
    table = np.frombuffer(rows, np.int64).reshape(-1, len(TickRow._fields))
    return Replayed(table, terms.budget_micros)


def _serve(
    values: list[int], prices: list[int], rows: range, plan: Plan, left: int, terms: ReplayTerms, salt: int
) -> _Served:
    first, cut, factor = terms.auction == "first_price", terms.max_bid_micros, plan.multiplier_ppm
    chance, room = (plan.participation_ppm << 32) // PPM, plan.allowance_micros
    bids = wins = spend = value = bid_sum = 0
    for row in rows:
        if left == 0:
            break
        if chance < _ALWAYS and mix(salt ^ row) >> 32 >= chance:
            continue
        bid = values[row] * factor // PPM
        if cut is not None and bid > cut:
            bid = cut
        if bid > room:
            if room < left:
                continue
            bid = left
        bids += 1
        if bid > 0 and bid >= prices[row]:
            paid = bid if first else prices[row]
            left -= paid
            room -= paid
            wins += 1
            spend += paid
            value += values[row]
            bid_sum += bid
    return _Served(bids, wins, spend, value, bid_sum)


class _Today(NamedTuple):
    number: int
    begin: int
    end: int
    tick_minutes: int
    minutes: list[int]
    hours: tuple[int, ...]


def _days(log: Log, tick_minutes: int | None) -> Iterator[_Today]:
    per_day = DAY // tick_minutes if tick_minutes else log.ticks
    for number, begin in enumerate(range(0, log.ticks, per_day)):
        end = min(begin + per_day, log.ticks)
        minutes = [tick * DAY // per_day for tick in range(end - begin)]
        hours = [0] * 24
        for minute, traffic in zip(minutes, np.diff(log.bounds[begin : end + 1]).tolist(), strict=True):
            hours[minute // 60] += traffic
        yield _Today(number, begin, end, max(DAY // per_day, 1), minutes, tuple(hours))
