"""A run: the market and the book put together, and simulated from the first hour to the last."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import simpy
from numpy.typing import NDArray

from sim import kernels
from sim.book.records import Book
from sim.engine.agents import Agent, Agents, Asked, Decision, flight_ticks
from sim.engine.bidder import Bidder
from sim.engine.campaign import MEMORY_HOURS, CampaignProcess
from sim.engine.controller import Controller, Member
from sim.engine.delivered import Delivered
from sim.engine.exchange import Exchange
from sim.engine.executors import Executor, Host
from sim.engine.followed import Follower
from sim.engine.kept import Keeper, Kept, part
from sim.engine.lasting import LastingSite
from sim.engine.ledger import Account
from sim.engine.recorded import RecordedSupply
from sim.engine.resumed import ResumedSupply
from sim.engine.setup import Setup
from sim.engine.site import Clerk, Scribing, Site, Terms
from sim.engine.supply import Supply
from sim.engine.traffic import Loops, Traffic
from sim.events import Fact, Sink
from sim.market.market import Market
from sim.market.rhythm import Rhythm
from sim.pacing.planner import Planner


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run returns besides the hours that went to its sink."""

    events_digest: str
    """SHA-256 of all events, hexadecimal."""
    facts: tuple[Fact, ...]


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt for Ctrl-C in a compiled call, of which numba makes a SystemError."""
    try:
        yield
    except SystemError as error:
        cause: BaseException | None = error
        while cause and not isinstance(cause, KeyboardInterrupt):
            cause = cause.__cause__
        if cause:
            raise KeyboardInterrupt from None
        raise


@interruptible()
def simulate(
    market: Market,
    book: Book,
    seed: int,
    sink: Sink,
    executor: Executor,
    loops: Loops = kernels,
    told: NDArray[np.int64] | None = None,
    bids_of: int = 0,
) -> RunResult:
    """Return the result of a run whose hours went to *sink*, in order.

    They have every bid of a share of *bids_of* of the viewers, a threshold on 32 bits.

    *loops* may be `sim.reference`, which gives the same bytes a thousand times slower. Where the run is
    *told* what the market brought, hours × line items × FUNNEL and PAID_FOR, nothing is auctioned: what
    comes out are the plans that were made on it, and the facts. They are those of the run that brought it
    where ticks are hours; with shorter ones only what does not depend on when within an hour anything
    happened.
    """
    return Simulation(Setup(market, book, seed), sink, executor, loops, told, bids_of=bids_of).run()


class Simulation:
    """A run from its beginning: it goes on to the end, or from one decision of its agents to the next."""

    def __init__(
        self,
        setup: Setup,
        sink: Sink | None,
        executor: Executor,
        loops: Loops = kernels,
        told: NDArray[np.int64] | None = None,
        agents: Collection[int] = (),
        every: int = 1,
        bids_of: int = 0,
        keeper: Keeper | None = None,
        clerk: Clerk | None = None,
        scribe: Scribing | None = None,
        *,
        sends: bool = True,
    ) -> None:
        """Begin it, with the line items at the places of *agents* deciding *every* so many ticks.

        Without a *sink* it is played for what it counts: hours are not put together, and it has no digest.
        With a *keeper* it goes on from what that has kept, and is kept when that says so. A *clerk* counts
        events where they happen, and a *scribe* writes them; unless *sends*, hours have none of them.
        """
        market, book = setup.market, setup.book
        self._hours = market.horizon.hours
        kept = keeper.kept if keeper else None
        terms = Terms(
            setup.arrays,
            setup.rules,
            market.auction,
            dynamic=market.pods.dynamic,
            outcomes=setup.outcomes,
            records=sink is not None,
            sends=sends,
            clerk=clerk,
            scribe=scribe,
            follower=_follower(setup) if sink else None,
        )
        sites = [] if told is not None else _sites(setup, executor, loops, terms, kept)
        about = setup, sites, loops
        supply: Callable[..., Supply] = partial(Supply, *about)
        if told is not None:
            supply = partial(RecordedSupply, told, *about)
        elif kept:
            supply = partial(ResumedSupply, kept, *about)
        self._supply = supply(bids_of=bids_of, keeps=keeper is not None)
        self._env = simpy.Environment()
        self._agents = _agents(self._env, setup, agents, every) if agents else None
        self.bidders = [self._bidder(setup, place) for place in range(len(book.line_items))]
        """Of each line item."""
        campaigns = _campaigns(setup, [bidder.account for bidder in self.bidders])
        self._delivered = Delivered(setup, self._supply, sink, by_day=scribe is not None) if sink else None
        processes = self.bidders, campaigns, self._supply
        self._exchange = Exchange(self._env, market, book, *processes, setup.script, self._delivered, keeper)
        begun: tuple[CampaignProcess | Bidder, ...] = (*campaigns, *self.bidders)
        for process in begun:
            self._env.process(process.run(self._exchange.bell))
        self._end = self._env.process(self._exchange.run())

    def _bidder(self, setup: Setup, place: int) -> Bidder:
        market, item = setup.market, setup.book.line_items[place]
        account = Account(item.lifetime_micros, item.daily_micros)
        about = item, place, account, setup.calendars[place], market.ticks_per_hour, market.shards
        return Agent(self._agents, *about) if self._agents and place in self._agents else Bidder(*about)

    @property
    def played(self) -> int:
        """Return how many hours are played; sinks have fewer."""
        return int(self._env.now) // 60

    @property
    def counted(self) -> NDArray[np.int64]:
        """Return line items × FUNNEL of all ticks so far, whether they are known yet or not."""
        return self._exchange.counted

    def asked(self) -> Mapping[int, Asked]:
        """Return what each agent knows that must decide now, by place, after playing on until some must.

        There is none once the last of their flights is over.
        """
        assert self._agents
        self._env.run(self._agents.waiting | self._agents.over)
        return self._agents.asked

    def at_end(self, place: int) -> Asked:
        """Return what the agent at *place* knows when its flight is over, or the market."""
        agent = self.bidders[place]
        assert isinstance(agent, Agent)
        return agent.at_end(self.counted[place], self._hours)

    def decide(self, decisions: Mapping[int, Decision]) -> None:
        """Take the decisions of those who were asked."""
        assert self._agents
        self._agents.answer(decisions)

    def run(self) -> RunResult:
        """Return the result of the run, played to its end; no agent may have anything left to decide."""
        with _heap_at_rest():
            self._env.run(self._end)
        facts = (*self._exchange.facts.found, *(self._delivered.facts() if self._delivered else ()))
        return RunResult(self._supply.digest(), facts)


_OBJECTS = 400_000
"""How many objects a run makes before Python looks for garbage among them; hardly any of them is."""


@contextmanager
def _heap_at_rest() -> Iterator[None]:
    # Python looks for garbage among all objects now and then, and all threads wait: here only among those
    # that the run makes. What there was before is nearly all that there is, and none of it goes meanwhile.
    # Who has put objects aside already keeps them so.
    if gc.get_freeze_count():
        yield
        return
    thresholds = gc.get_threshold()
    gc.freeze()
    if 0 < thresholds[0] < _OBJECTS:
        gc.set_threshold(_OBJECTS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _agents(env: simpy.Environment, setup: Setup, places: Collection[int], every: int) -> Agents:
    hours, per_hour = setup.market.horizon.hours, setup.market.ticks_per_hour
    flights = {i: flight_ticks(setup.book.line_items[i].flights, hours, per_hour) for i in places}
    return Agents(env, flights, every, setup.market.tick_minutes)


def _campaigns(setup: Setup, accounts: list[Account]) -> list[CampaignProcess]:
    market, calendars = setup.market, setup.calendars
    memory = max(MEMORY_HOURS * market.ticks_per_hour // market.ticks_per_sync, 1)
    found = []
    for place, booked in enumerate(setup.book.campaigns):
        account = Account(booked.lifetime_micros, booked.daily_micros)
        controller = None
        if booked.pacing:
            members = [Member(i, accounts[i], calendars[i]) for i in booked.line_items]
            # The allowance of each line item is leased in whole bids to each shard.
            planner = Planner(booked.pacing, market.ticks_per_hour, market.shards * len(members))
            controller = Controller(account, members, planner, market.ticks_per_hour, memory)
        found.append(CampaignProcess(booked, place, account, accounts, calendars, memory, controller))
    return found


def _sites(
    setup: Setup, executor: Executor, loops: Loops, terms: Terms, kept: Kept | None
) -> list[tuple[range, Host[Site]]]:
    market = setup.market
    divided = [range(*each) for each in pairwise(bounds(market.shards, executor.sites))]
    if kept:  # what is remembered in a site belongs together
        divided = [range(*each) for each in part("supply", kept.state)["shards"].tolist()]
    return [(shards, _site(setup, shards, executor, loops, terms)) for shards in divided]


def _site(setup: Setup, shards: range, executor: Executor, loops: Loops, terms: Terms) -> Host[Site]:
    if not executor.remote:
        return executor.host(partial(Site, shards, setup.traffic, loops, terms))
    homes = [setup.homes[shard] for shard in shards]
    traffic = partial(_traffic, homes, setup.rhythm)
    return LastingSite(executor, partial(Site, shards, traffic, loops.__name__, terms))


def _follower(setup: Setup) -> Callable[[NDArray[np.void]], Follower] | None:
    market = setup.market
    if not market.conversions.on and market.identity.perfect:
        return None
    return partial(Follower, market, setup.book, setup.arrays.masks.kind, setup.salts)


def _traffic(homes: list[NDArray[np.void]], rhythm: Rhythm, shards: range, loops: Loops) -> Traffic:
    del shards  # whose viewers these are
    return Traffic(homes, rhythm, loops)


def bounds(shards: int, sites: int) -> list[int]:
    """Return where the shards of each site begin, and their number."""
    count = min(sites, shards)
    return [shards * place // count for place in range(count + 1)]
