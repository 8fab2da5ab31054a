"""A run that anybody can hold: what was asked, what was sold, and every table of what came of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import Field

from analysis.audit.report import Audit
from analysis.delivery import report as delivery
from analysis.delivery.forecasts import ForecastError, forecast_error
from analysis.delivery.lift import lift
from analysis.delivery.report import Overspend, overspends
from analysis.export.croissant import About
from analysis.export.folder import Exported, export
from analysis.export.formats import FORMATS
from analysis.rows.events_of import FORMS
from analysis.rows.results import Results, fingerprint
from analysis.runs.playing import Totals
from analysis.runs.versions import version, versions
from entities import registry
from entities.arguments import AnyPath, File, Folder, checked
from scenarios.models import Scenario
from sim.book.records import Book
from sim.events import Hour
from sim.units import MICROS

Level = Annotated[float, Field(gt=0, lt=1), "a number between 0 and 1, such as 0.95"]

Target = Annotated[AnyPath, "the path of a folder, new or empty"]
Name = Annotated[str, f"one of {', '.join(FORMATS)}"]
Text = Annotated[str | None, "text, or None"]
EventsForm = Annotated[str, FORMS]


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


class Run(Results):
    """A run, played in memory or read from a database, with all that it left behind."""

    created: tuple[str, ...] = ()
    """The examples, profiles and campaigns of the scenario that were not in the registry before."""
    joined: tuple[str, ...] = ()
    """Campaigns of the registry that competed without being named by the scenario."""
    started: datetime
    """UTC."""
    workers: int
    seconds: float
    """How long the market took, storing excluded."""

    @property
    @abstractmethod
    def spec(self) -> Spec:
        """Return what was asked; InputError where what is stored of it cannot be read."""

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
    def currency(self) -> registry.Currency:
        """Return the currency of the market: it has one."""

    @property
    @abstractmethod
    def events(self) -> pl.LazyFrame:
        """Return every won slot: EVENT_COLUMNS, then READER_COLUMNS.

        InputError where none were kept, or a sample of them, which is never taken for the whole.
        """

    @property
    @abstractmethod
    def bids(self) -> pl.LazyFrame:
        """Return every bid of the viewers whose bids were kept: BID_COLUMNS, then `run_id` and `date`.

        InputError where none were kept.
        """

    @property
    @abstractmethod
    def texts(self) -> tuple[str, str]:
        """Return the scenario and the book as a database keeps them, JSON."""

    @checked
    def export(
        self,
        to: Target,
        format: Name = "parquet",  # noqa: A002 - the word of --format, and of everybody's export
        *,
        license: Text = None,  # noqa: A002 - the word of Croissant, into which it goes
        creator: Text = None,
    ) -> list[Exported]:
        """Return the files of the run in the folder *to*, which must be new or empty, having written them.

        They are its tables as `parquet`, `csv`, `arrow` or, with paceline[duckdb], `duckdb`, its scenario and
        book as JSON, the dictionary of all columns, and a Croissant 1.0 sidecar, which says *license*, a URL,
        and *creator*. Whatever goes wrong leaves nothing behind. InputError where *to* cannot be written.
        """
        row = self.spec
        facts = {name: getattr(self, name) for name in ("run_id", "seed", "digest", *Totals._fields)}
        facts |= {"scenario": row.scenario.name, "fingerprint": row.fingerprint, "code": row.code}
        facts |= {"started_at": self.started.isoformat(), "versions": dict(row.versions)}
        told = row.scenario.description or f"A run of the scenario {row.scenario.name}."
        about = About(self.run_id, told, self.started, row.versions["paceline"], license, creator)
        scenario, book = self.texts
        return export(self, about, {"scenario.json": scenario, "book.json": book}, facts, format, Path(to))

    @abstractmethod
    def save(self, database: File, events: Folder = None, *, events_of: EventsForm = "all") -> Run:
        """Return the run as it is stored in *database* now, with its events if a folder is given.

        *events_of* keeps those of some viewers: `sample:1%`, or `lost:1%` with their bids if the run has any.
        The database is made where there is none, and campaigns are created that it lacks. Whatever goes wrong
        leaves it as it was. InputError where its registry has other terms, or the run is stored already.
        """

    @abstractmethod
    def audit(self, *, allow_code: bool = False) -> Audit:
        """Return what the laws of the market say of the run.

        A stored run whose book names classes of the user's own needs them to plan again: InputError where
        that is not allowed, and where they are missing or have changed.
        """

    def __repr__(self) -> str:
        return (
            f"<Run {self.run_id}: {self.impressions:,} impressions, {self.spend_micros / MICROS:,.2f} spent>"
        )

    @property
    def scenario(self) -> Scenario:
        """Return the scenario, defaults and overrides included."""
        return self.spec.scenario

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
    def summary(self) -> pl.DataFrame:
        """Return what each line item delivered, and why not more; see `delivery.report.summary`."""
        return delivery.summary(self)

    @cached_property
    def gaps(self) -> pl.DataFrame:
        """Return what each line item failed to deliver, by reason; see `delivery.report.gaps`."""
        return delivery.gaps(self)

    @cached_property
    def funnel(self) -> pl.DataFrame:
        """Return where matched opportunities ended: line_item, stage, opportunities."""
        return delivery.outcomes(self)

    @checked
    def lift(self, level: Level = 0.95) -> pl.DataFrame:
        """Return how many more viewers convert for the ads of each line item with a holdout.

        See `delivery.lift.lift`; *level* is that of the intervals.
        """
        return lift(self, level)

    @cached_property
    def forecast_error(self) -> ForecastError:
        """Return how far the forecast was off the slots that matched, by hour and by day."""
        return forecast_error(self)

    @cached_property
    def overspends(self) -> list[Overspend]:
        """Return the budgets that were passed, because spend became known too late."""
        return overspends(self)


def spec_of(scenario: Scenario, book: Book) -> Spec:
    """Return what is asked of a run that is played here and now."""
    return Spec(scenario, scenario.seed, fingerprint(scenario, book), version("code"), versions())
