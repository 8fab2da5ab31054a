"""The one place where a market is run: a scenario and a book go in, hours go to a sink or stay in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, NamedTuple

from analysis.runs.expected import Expectation, Expected
from analysis.runs.machine import processors
from scenarios.models import Scenario
from sim import kernels
from sim.book.records import Book
from sim.engine.beside import Beside
from sim.engine.executors.chosen import Chosen
from sim.engine.kept import Keeper, Kept
from sim.engine.run import RunResult, Simulation, interruptible
from sim.engine.setup import Setup
from sim.engine.site import Clerk, Scribing
from sim.engine.traffic import Loops
from sim.events import FUNNEL, INVENTORY, Hour, Sink

THREADS = Chosen()
_AVAILS = INVENTORY.index("avails")
_IMPRESSIONS, _SPEND = FUNNEL.index("impressions"), FUNNEL.index("spend_micros")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    hour: int
    """Hours that are finished."""
    hours: int
    auctions: int
    impressions: int
    lost: int
    """Pairs of a line item and who won what it lost, as they were read day by day."""
    day: datetime
    """The simulated moment, UTC."""
    expected: Expected


OnProgress = Annotated[Callable[[Progress], None] | None, "a function that takes a Progress, or None"]


class Totals(NamedTuple):
    """The headline figures of a run."""

    auctions: int = 0
    impressions: int = 0
    spend_micros: int = 0

    def plus(self, hour: Hour) -> Totals:
        """Return the figures with one more *hour* in them."""
        return Totals(
            self.auctions + int(hour.inventory[..., _AVAILS].sum()),
            self.impressions + int(hour.funnel[:, _IMPRESSIONS].sum()),
            self.spend_micros + int(hour.funnel[:, _SPEND].sum()),
        )


@interruptible()
def play(
    scenario: Scenario,
    book: Book,
    *sinks: Sink,
    workers: int = 1,
    progress: OnProgress = None,
    loops: Loops = kernels,
    setup: Setup | None = None,
    bids_of: int = 0,
    keeper: Keeper | None = None,
    since: Totals | None = None,
    clerk: Clerk | None = None,
    scribe: Scribing | None = None,
    events: bool = True,
    executor: Chosen = THREADS,
) -> tuple[RunResult, Totals]:
    """Return what came of *book* in the market of *scenario*; each of the *sinks* takes every hour, in order.

    Nothing of an hour is kept here. With two workers or more, the sinks take it in a thread of their own
    while the next ones are played. With *loops* it runs on the compiled kernels, or on `sim.reference`. It
    stands on a *setup* of the same, or makes one. Hours have every bid of a share of *bids_of* of the
    viewers, a threshold on 32 bits. A run that goes on from what its *keeper* has came to *since* by then.
    A *clerk* counts events where they happen; without *events* hours have none of them, nor where workers
    live elsewhere and a *scribe* writes them there.
    """
    totals, lost, horizon = since or Totals(), 0, scenario.market.horizon

    def sink_into(hour: Hour) -> None:
        for sink in sinks:
            sink(hour)

    def take(hour: Hour) -> None:
        nonlocal totals, lost
        recording.run(partial(sink_into, hour), events=sum(map(len, hour.parts)))
        totals, done = totals.plus(hour), hour.hour + 1
        if progress and expectation:
            lost += 0 if hour.lost is None else len(hour.lost)
            about = (
                totals.auctions,
                totals.impressions,
                lost,
                horizon.at(done),
                expectation.after(done, run.played),
            )
            progress(Progress(done, horizon.hours, *about))

    with executor.workers(workers) as sites, Beside(workers) as recording:
        setup = setup or Setup(scenario.market, book, scenario.seed)
        expectation = Expectation(setup) if progress else None
        kept = keeper and _AtRest(keeper, recording)
        there = scribe if sites.remote else None
        sends = events and there is None
        run = Simulation(
            setup, take, sites, loops, bids_of=bids_of, keeper=kept, clerk=clerk, scribe=there, sends=sends
        )
        outcome = run.run()
    return outcome, totals


class _AtRest:
    # Keeps a run when its sinks have taken all hours.
    def __init__(self, keeper: Keeper, sinks: Beside) -> None:
        self._keeper, self._sinks = keeper, sinks

    @property
    def kept(self) -> Kept | None:
        return self._keeper.kept

    def due(self, hour: int) -> bool:
        return self._keeper.due(hour)

    def keep(self, kept: Kept) -> None:
        self._sinks.wait()
        self._keeper.keep(kept)


def available_workers(asked: int | None) -> int:
    """Return how many threads to use: what was *asked* for, else one for each processor we may use."""
    return processors() if asked is None else int(asked)
