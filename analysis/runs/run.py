"""A run that anybody can hold: what was asked, what was sold, and every table of what came of it."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

from analysis.audit.findings import Audit
from analysis.delivery import report as delivery
from analysis.delivery.overspend import Overspend, overspends
from analysis.runs.columns import BookColumns, columns_of
from analysis.runs.facts import facts_of
from analysis.runs.playing import Totals
from analysis.runs.versions import version, versions
from entities import registry
from scenarios.models import Scenario
from sim.book.records import Book
from sim.events import Fact, Hour
from sim.market.market import Market
from sim.units import MICROS


@dataclass(frozen=True)
class Spec:
    """What was asked of a run, and what ran it: where all of it is equal, so is the digest."""

    scenario: Scenario
    seed: int
    fingerprint: str
    """SHA-256 of the scenario, without name and description, and the book."""
    code: str
    """SHA-256 of the source files that decide what a run comes to."""
    versions: Mapping[str, str]
    """Of Paceline, Python, the packages that can change a byte, and the platform."""


class Run(ABC):
    """A run, played in memory or read from a database; its frames are made on first use and kept.

    Columns and dtypes are those of `entities/TABLES.md`, wherever the run comes from.
    """

    run_id: str
    created: tuple[str, ...] = ()
    """The examples, profiles and campaigns of the scenario that were not in the registry before."""
    joined: tuple[str, ...] = ()
    """Campaigns of the registry that competed without being named by the scenario."""
    workers: int
    seconds: float
    """How long the market took, storing excluded."""

    @property
    @abstractmethod
    def spec(self) -> Spec:
        """Return what was asked; InputError where what is stored of it cannot be read."""

    @property
    @abstractmethod
    def book(self) -> Book:
        """Return what was sold, with the ids of this run's rows."""

    @property
    @abstractmethod
    def hours(self) -> Sequence[Hour]:
        """Return all that happened, hour by hour; InputError for a stored run, which keeps rows only."""

    @property
    @abstractmethod
    def totals(self) -> Totals:
        """Return the headline figures."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """Return the digest of all events and rows, 64 hexadecimal digits: equal digests, equal runs."""

    @property
    @abstractmethod
    def currency(self) -> registry.Currency:
        """Return the currency of the market: it has one."""

    @property
    @abstractmethod
    def line_items(self) -> pl.DataFrame:
        """Return who could bid: LINE_ITEMS, and line_item, a name that no two of them have."""

    @property
    @abstractmethod
    def events(self) -> pl.LazyFrame:
        """Return every won slot: EVENT_COLUMNS, run_id and date; InputError where none were kept."""

    @abstractmethod
    def table(self, name: str) -> pl.DataFrame:
        """Return the rows of one of the tables of `entities/TABLES.md`, in the order of its key."""

    @abstractmethod
    def save(self, database: str | Path, events: str | Path | None = None) -> Run:
        """Return the run as it is stored in *database* now, with its events if a folder is given.

        The database is made where there is none, and campaigns are created that it lacks. Whatever goes wrong
        leaves it as it was. InputError where its registry has other terms, or the run is stored already.
        """

    @abstractmethod
    def audit(self) -> Audit:
        """Return what the laws of the market say of the run."""

    def __repr__(self) -> str:
        return (
            f"<Run {self.run_id}: {self.impressions:,} impressions, {self.spend_micros / MICROS:,.2f} spent>"
        )

    @property
    def scenario(self) -> Scenario:
        """Return the scenario, defaults and overrides included."""
        return self.spec.scenario

    @property
    def market(self) -> Market:
        """Return the market of the scenario."""
        return self.scenario.market

    @cached_property
    def paths(self) -> list[str]:
        """Return `advertiser / campaign / line item` by position in the book."""
        return [item.path for item in self.book.line_items]

    @property
    def seed(self) -> int:
        """Return what all randomness of the run is derived from."""
        return self.spec.seed

    @property
    def auctions(self) -> int:
        """Return how many slots were auctioned."""
        return self.totals.auctions

    @property
    def impressions(self) -> int:
        """Return how many impressions were billed."""
        return self.totals.impressions

    @property
    def spend_micros(self) -> int:
        """Return what all line items paid."""
        return self.totals.spend_micros

    @cached_property
    def columns(self) -> BookColumns:
        """Return the book as the aggregation sees it."""
        return columns_of(self.book, self.scenario)

    @cached_property
    def performance(self) -> pl.DataFrame:
        """Return what was shown, watched and spent, by hour and creative."""
        return self.table("performance")

    @cached_property
    def performance_extended(self) -> pl.DataFrame:
        """Return the funnel, prices, reach and pacing, by hour and line item."""
        return self.table("performance_extended")

    @cached_property
    def inventory(self) -> pl.DataFrame:
        """Return the slots on offer and who filled them, by hour, device and placement."""
        return self.table("inventory_hourly")

    @cached_property
    def conversions(self) -> pl.DataFrame:
        """Return what viewers did afterwards, by hour and line item; empty unless the market has any."""
        return self.table("conversions_hourly")

    @cached_property
    def delivery_events(self) -> pl.DataFrame:
        """Return the rows of what happened now and then: a flight began, a budget ran out."""
        return self.table("delivery_events").drop("id")

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """Return the same as records, whose line items and campaigns are positions in the book."""
        return tuple(facts_of(self.columns, self.delivery_events))

    @cached_property
    def summary(self) -> pl.DataFrame:
        """Return what each line item delivered, and why not more; see `delivery.report.summary`."""
        return delivery.summary(self)

    @cached_property
    def funnel(self) -> pl.DataFrame:
        """Return where matched opportunities ended: line_item, stage, opportunities."""
        return delivery.outcomes(self)

    @cached_property
    def overspends(self) -> list[Overspend]:
        """Return the budgets that were passed, because spend became known too late."""
        return overspends(self)


def spec_of(scenario: Scenario, book: Book) -> Spec:
    """Return what is asked of a run that is played here and now."""
    return Spec(scenario, scenario.seed, fingerprint(scenario, book), version("code"), versions())


def fingerprint(scenario: Scenario, book: Book) -> str:
    """Return what names an experiment by its content: SHA-256 of the scenario and the resolved book."""
    text = scenario.model_dump_json(exclude={"name", "description"}) + book.text
    return hashlib.sha256(text.encode()).hexdigest()


LINE_ITEMS: dict[str, pl.DataType] = {
    "line_item_id": pl.Int64(),
    "name": pl.String(),
    "campaign_id": pl.Int64(),
    "campaign": pl.String(),
    "advertiser": pl.String(),
    "budget_micros": pl.Int64(),
}
"""The columns of `Run.line_items`, but for the name that tells a line item from all others."""
