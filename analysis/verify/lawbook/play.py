"""Random markets played in memory: the scenario booked as the registry would, run, and kept hour by hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.audit.book import Sold
from entities import registry
from scenarios.models import Listing, Scenario
from sim import kernels
from sim.book.booking import book_of
from sim.book.records import Book
from sim.engine.executors import executor
from sim.engine.run import Outcome, simulate
from sim.engine.traffic import Loops
from sim.events import CONVERSIONS, EVENT, FUNNEL, INVENTORY, Hour


@dataclass(frozen=True)
class Played:
    """What came of a market."""

    sold: Sold
    outcome: Outcome
    hours: tuple[Hour, ...]

    @property
    def book(self) -> Book:
        """Return what was sold."""
        return self.sold.book

    @cached_property
    def events(self) -> NDArray[np.void]:
        """Return all won slots, EVENT records in their order."""
        return np.concatenate([np.zeros(0, EVENT), *(hour.events for hour in self.hours)])

    @cached_property
    def funnel(self) -> dict[str, NDArray[np.int64]]:
        """Return each column of the funnel by its name, line items × hours."""
        whole = np.stack([hour.funnel for hour in self.hours])
        return {name: whole[:, :, place].T for place, name in enumerate(FUNNEL)}

    @cached_property
    def supply(self) -> dict[str, NDArray[np.int64]]:
        """Return each column of the inventory by its name, summed over devices and placements: hours."""
        whole = np.stack([hour.inventory for hour in self.hours])
        return {name: whole[..., place].sum(axis=(1, 2)) for place, name in enumerate(INVENTORY)}

    @cached_property
    def conversions(self) -> dict[str, NDArray[np.int64]]:
        """Return each column of the conversions by its name, line items × hours; zeros for none."""
        none = np.zeros((len(self.book.line_items), len(CONVERSIONS)), np.int64)
        whole = np.stack([none if hour.conversions is None else hour.conversions for hour in self.hours])
        return {name: whole[:, :, place].T for place, name in enumerate(CONVERSIONS)}

    def pacing(self, name: str) -> NDArray[np.int64]:
        """Return one field of the hours' pacing, line items × hours."""
        return np.stack([getattr(hour.pacing, name) for hour in self.hours], axis=1)


def play(scenario: Mapping[str, Any] | Scenario, loops: Loops = kernels, workers: int = 1) -> Played:
    """Return what came of *scenario*; InputError or ValidationError where it cannot be booked.

    With *loops* it runs on the compiled kernels, or on `sim.reference`.
    """
    whole = scenario if isinstance(scenario, Scenario) else Scenario.model_validate(scenario)
    return run(whole, booked(whole), loops, workers)


def run(scenario: Scenario, book: Book, loops: Loops = kernels, workers: int = 1) -> Played:
    """Return what came of the market of *scenario* with *book* in it."""
    hours: list[Hour] = []

    def keep(hour: Hour) -> None:
        hours.append(hour)

    with executor(workers) as threads:
        outcome = simulate(scenario.market, book, scenario.seed, keep, threads, loops)
    return Played(Sold(registry.SimulationRun(run_id="in memory"), scenario, book), outcome, tuple(hours))


def booked(scenario: Scenario) -> Book:
    """Return the book of the scenario's own campaigns, with ids as if they were rows of a database."""
    book = book_of(rows(scenario.campaigns), scenario.market)
    advertisers = sorted({item.advertiser_name for item in book.line_items})
    items = tuple(
        replace(
            item,
            id=place + 1,
            campaign_id=item.campaign + 1,
            advertiser_id=advertisers.index(item.advertiser_name) + 1,
        )
        for place, item in enumerate(book.line_items)
    )
    campaigns = tuple(replace(campaign, id=place + 1) for place, campaign in enumerate(book.campaigns))
    creatives = tuple(replace(creative, id=place + 1) for place, creative in enumerate(book.creatives))
    return replace(book, line_items=items, campaigns=campaigns, creatives=creatives)


def rows(listings: Sequence[Listing]) -> list[registry.LineItem]:
    """Return the line items of *listings* as rows; an advertiser of several campaigns is one row."""
    advertisers: dict[str, registry.Advertiser] = {}
    found: list[registry.LineItem] = []
    for listing in listings:
        campaign = listing.campaign.row()
        owner = advertisers.setdefault(listing.advertiser.name, listing.advertiser.row())
        campaign.advertiser = owner
        found += campaign.line_items
    return found
