"""A run: the market and the book put together, and simulated from the first hour to the last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import simpy
from numpy.typing import NDArray

from sim import kernels
from sim.book.arrays import arrays_of
from sim.book.calendar import Calendar, calendar_of
from sim.book.matching import forecast_rates
from sim.book.records import Book
from sim.book.script import script_of
from sim.engine.bidder import Bidder
from sim.engine.campaign import MEMORY_HOURS, CampaignProcess
from sim.engine.controller import Controller, Member
from sim.engine.conversions import ConversionTracker
from sim.engine.exchange import Exchange
from sim.engine.executors import Executor
from sim.engine.forecast import Forecast
from sim.engine.leaks import Leaks
from sim.engine.ledger import Account
from sim.engine.lift import LiftCount
from sim.engine.recorded import RecordedSupply
from sim.engine.rules import rules_of
from sim.engine.shard import Shard
from sim.engine.supply import Supply
from sim.engine.traffic import Loops
from sim.events import Fact, Hour, Sink
from sim.layout import BookArrays, MarketArrays
from sim.market.market import Market
from sim.market.rhythm import Rhythm
from sim.market.viewed import forecast_of
from sim.pacing.planner import Planner
from sim.streams import Purpose, salts
from sim.units import Horizon


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run returns besides the hours that went to its sink."""

    events_digest: str
    """SHA-256 of all events, hexadecimal."""
    facts: tuple[Fact, ...]


def simulate(
    market: Market,
    book: Book,
    seed: int,
    sink: Sink,
    executor: Executor,
    loops: Loops = kernels,
    told: NDArray[np.int64] | None = None,
) -> RunResult:
    """Return the result of a run whose hours went to *sink*, in order.

    *loops* may be `sim.reference`, which gives the same bytes a thousand times slower. Where the run is
    *told* what the market brought, hours × line items × FUNNEL and PAID_FOR, nothing is auctioned: what
    comes out are the plans that were made on it, and the facts. They are those of the run that brought it
    where ticks are hours; with shorter ones only what does not depend on when within an hour anything
    happened.
    """
    script = script_of(market, book)
    run_salts = salts(seed)
    arrays = arrays_of(book, market)
    (everyone, homes), rhythm = market.audience(seed), Rhythm(market, seed)
    # Plans look to the end of the last flight, even where the market ends before.
    ends = [last for item in book.line_items for _, last in item.flights]
    ahead = Horizon(market.horizon.start, max([market.horizon.hours, *ends]))
    weather = int(run_salts[Purpose.weather])
    rates = forecast_rates(market, arrays, weather, ahead.hours)
    forecast = Forecast(market, forecast_of(market, weather, ahead.hours), arrays.masks, homes, rates)
    rules = rules_of(market, rhythm)
    shards = [] if told is not None else _shards(market, arrays, homes, rhythm, rules[0], executor, loops)
    about = market, book, arrays, shards, forecast, executor, rhythm, rules
    supply = Supply(*about) if told is None else RecordedSupply(told, *about)

    env = simpy.Environment()
    traffic = forecast.by_hour([one.line_items for one in book.campaigns if one.pacing])
    avails = forecast.matched()
    calendars = [
        calendar_of(item, ahead, traffic[:, i], avails[:, i]) for i, item in enumerate(book.line_items)
    ]
    accounts = [Account(item.lifetime_micros, item.daily_micros) for item in book.line_items]
    bidders = [
        Bidder(item, place, accounts[place], calendars[place], market.ticks_per_hour, market.shards)
        for place, item in enumerate(book.line_items)
    ]
    campaigns = _campaigns(market, book, accounts, calendars)
    leaks = None if market.identity.perfect or told is not None else Leaks(market, book)
    tracker = (
        ConversionTracker(market.conversions, book, market.population.viewers, run_salts)
        if market.conversions.on and told is None
        else None
    )

    lift = LiftCount(market.conversions, book, everyone, arrays.masks.kind, run_salts) if tracker else None

    def deliver(hour: Hour) -> None:
        if leaks:
            leaks.add(hour.hour, hour.events)
        if tracker and lift:
            hour = hour._replace(conversions=tracker.add(hour))
            lift.add(hour.hour, hour.events, tracker.converted)
            over = hour.hour + 1
            if over == market.horizon.hours or market.horizon.at(over).hour == 0:
                hour = hour._replace(lift=lift.rows())
        sink(hour)

    exchange = Exchange(env, market, book, bidders, campaigns, supply, script, deliver)
    processes: tuple[CampaignProcess | Bidder, ...] = (*campaigns, *bidders)
    for process in processes:
        env.process(process.run(exchange.bell))
    env.run(env.process(exchange.run()))
    return RunResult(supply.digest.hexdigest(), (*exchange.facts.found, *(leaks.facts() if leaks else ())))


def _campaigns(
    market: Market, book: Book, accounts: list[Account], calendars: list[Calendar]
) -> list[CampaignProcess]:
    memory = max(MEMORY_HOURS * market.ticks_per_hour // market.ticks_per_sync, 1)
    found = []
    for place, booked in enumerate(book.campaigns):
        account = Account(booked.lifetime_micros, booked.daily_micros)
        controller = None
        if booked.pacing:
            members = [Member(i, accounts[i], calendars[i]) for i in booked.line_items]
            # The allowance of each line item is leased in whole bids to each shard.
            planner = Planner(booked.pacing, market.ticks_per_hour, market.shards * len(members))
            controller = Controller(account, members, planner, market.ticks_per_hour, memory)
        found.append(CampaignProcess(booked, place, account, accounts, calendars, memory, controller))
    return found


def _shards(
    market: Market,
    book: BookArrays,
    homes: list[NDArray[np.void]],
    rhythm: Rhythm,
    rules: MarketArrays,
    executor: Executor,
    loops: Loops,
) -> list[Shard]:
    dynamic = market.pods.dynamic
    return executor.map(
        lambda viewers: Shard(viewers, rhythm, book, rules, market.auction, loops, dynamic=dynamic),
        homes,
    )
