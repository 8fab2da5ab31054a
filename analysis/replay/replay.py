"""A pacing policy alone on a recorded log of values and market prices: the same object, without a market."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.replay.log import Log
from entities.errors import InputError
from sim.auction import AuctionFormat
from sim.auction.second_price import SecondPrice
from sim.family import name_of
from sim.pacing import Day, PacingPolicy, Plan, Situation, Span
from sim.pacing.planner import UNBOUNDED_PPM, Planner
from sim.streams import Purpose, mix, salts
from sim.units import PPM

DAY = 1440
"""Minutes."""
_ALWAYS = 1 << 32


@dataclass(frozen=True)
class ReplayTerms:
    """What a log is replayed with."""

    budget_micros: int
    auction: AuctionFormat = field(default_factory=SecondPrice)
    max_bid_micros: int | None = None
    """Cuts bids after the multiplier; without it bids are not cut, and policies see the highest value."""
    tick_minutes: int | None = None
    """Days begin with the log and have 1440 minutes; without minutes the log is one day."""
    seed: int = 0
    """Of the draws that decide which auctions a throttled policy takes part in."""


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
    outcomes: int
    """Of these; 0 where the log does not say."""
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


class _Sold(NamedTuple):
    bids: int
    wins: int
    spend: int
    value: int
    bid_sum: int
    outcomes: int


def replay(
    log: Log, policy: PacingPolicy, terms: ReplayTerms, watch: Callable[[int], None] | None = None
) -> Replayed:
    """Return what *policy* does on *log*: it plans a tick, then bids in the tick's auctions one by one.

    A bid is the value times the multiplier, rounded down, cut at the maximum and at what is left of the
    budget. It wins where it is not below the log's price, and pays by the auction format, to which the log's
    price is the best bid of another advertiser; so the budget is never passed. Under a lower allowance the
    policy sits out the auctions whose bid the allowance cannot pay, and what could not become a bid is
    carried forward, as in a market with one shard. The forecast is the log's own. *watch* is called with each
    tick before it is planned. InputError where the policy plans by outcomes that the log does not have.
    """
    if policy.counts_outcomes and log.outcomes is None:
        raise InputError(
            f"--pacing: {name_of(policy)} holds the cost of an outcome here; --outcome-column names the"
            " column of the log that counts them"
        )
    sell = _seller(log, terms)
    bounds = log.bounds.tolist()
    highest = terms.max_bid_micros or max(int(log.values.max(initial=0)), 1)
    ticks_per_hour = max(60 // (terms.tick_minutes or 60), 1)
    planner = Planner(policy, ticks_per_hour, multipliers_ppm=(0, UNBOUNDED_PPM))
    left, last, outcomes = terms.budget_micros, dict[str, Any](), 0
    rows = array("q")
    for day in _days(log, terms.tick_minutes):
        at_dawn = left
        for tick in range(day.begin, day.end):
            begin, end = bounds[tick], bounds[tick + 1]
            if watch:
                watch(tick)
            before = planner.last
            now = Situation(
                tick=tick,
                tick_minutes=day.tick_minutes,
                traffic=end - begin,
                flight=Span(log.ticks - tick, bounds[-1] - begin, left),
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
                multiplier_ppm=before.multiplier_ppm,
                participation_ppm=before.participation_ppm,
                memory=before.memory,
                **last,
            )
            plan = planner.plan(now)
            sold = sell(range(begin, end), plan, left)
            left -= sold.spend
            outcomes += sold.outcomes
            last = {
                "last_matched": end - begin,
                "last_bids": sold.bids,
                "last_wins": sold.wins,
                "last_impressions": sold.wins,
                "last_spend_micros": sold.spend,
                "last_worth_micros": sold.value,
                "clicks": outcomes,
                "completions": outcomes,
            }
            asked = (plan.goal_micros, plan.allowance_micros, plan.multiplier_ppm, plan.participation_ppm)
            rows.extend((tick, end - begin, *asked, *sold, left))
    table = np.frombuffer(rows, np.int64).reshape(-1, len(TickRow._fields))
    return Replayed(table, terms.budget_micros)


def _seller(log: Log, terms: ReplayTerms) -> Callable[[range, Plan, int], _Sold]:
    values, prices = log.values.tolist(), log.prices.tolist()
    outcomes = None if log.outcomes is None else log.outcomes.tolist()
    price, parameter, cut = terms.auction.price, terms.auction.parameter, terms.max_bid_micros
    salt = int(salts(terms.seed)[Purpose.throttle])

    def sell(rows: range, plan: Plan, left: int) -> _Sold:
        chance, room = (plan.participation_ppm << 32) // PPM, plan.allowance_micros
        bids = wins = spend = value = bid_sum = brought = 0
        for row in rows:
            if left == 0:
                break
            if chance < _ALWAYS and mix(salt ^ row) >> 32 >= chance:
                continue
            bid = values[row] * plan.multiplier_ppm // PPM
            if cut is not None and bid > cut:
                bid = cut
            if bid > room:
                if room < left:
                    continue
                bid = left
            bids += 1
            if bid > 0 and bid >= prices[row]:
                paid = price(bid, prices[row], 0, 0, parameter)
                left -= paid
                room -= paid
                wins += 1
                spend += paid
                value += values[row]
                bid_sum += bid
                if outcomes:
                    brought += outcomes[row]
        return _Sold(bids, wins, spend, value, bid_sum, brought)

    return sell


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
