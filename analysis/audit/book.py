"""What a run sold and under which terms, read from the run itself: its scenario and its book, as arrays."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC
from functools import cached_property
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.runs.columns import BookColumns
from analysis.runs.simulate import columns_of, fingerprint
from entities import registry
from scenarios.models import Scenario
from sim import laws
from sim.book.records import Book, BookedCampaign, BookedCap, BookedCreative, BookedLineItem
from sim.book.script import Cue, script_of
from sim.market.changes import Change
from sim.market.market import Market
from sim.units import MICROS, micros_from_cpm

P = TypeVar("P", BookedLineItem, BookedCampaign, BookedCreative, BookedCap)


@dataclass(frozen=True)
class Sold:
    """A run as it was booked; nothing in it follows later edits of the registry."""

    run: registry.SimulationRun
    scenario: Scenario
    book: Book

    @property
    def market(self) -> Market:
        """Return the market of the scenario."""
        return self.scenario.market

    @property
    def hours(self) -> int:
        """Return the hours of the horizon."""
        return self.market.horizon.hours

    @property
    def tick_seconds(self) -> int:
        """Return the seconds of a tick."""
        return 60 * self.market.tick_minutes

    @cached_property
    def columns(self) -> BookColumns:
        """Return the book with the ids that its rows have in the database."""
        return columns_of(self.book, self.scenario)

    @cached_property
    def paths(self) -> list[str]:
        """Return `advertiser / campaign / line item` by position."""
        return [item.path for item in self.book.line_items]

    @cached_property
    def clocks(self) -> dict[str, NDArray[np.int64]]:
        """Return the local hours of the horizon in every zone that the book names."""
        named = {item.zone for item in self.book.line_items} | {cap.zone for cap in self.book.caps}
        start = self.market.horizon.start
        return {zone: laws.local_hours(start, self.hours, zone) for zone in sorted(named)}

    @cached_property
    def terms(self) -> laws.LineItemTerms:
        """Return what each line item may do, by its position in the book."""
        items = self.book.line_items
        hours = np.arange(self.hours)
        live = [np.any([(hours >= a) & (hours < b) for a, b in item.flights], axis=0) for item in items]
        week = [laws.hours_of_week(self.clocks[item.zone]) for item in items]
        inside = [
            np.ones(self.hours, bool) if item.dayparts is None else np.isin(when, sorted(item.dayparts))
            for item, when in zip(items, week, strict=True)
        ]
        keys = list(registry.TargetingKey)
        two_valued = [key for key in keys if len(key.columns) > 1]
        separated = [self.market.separation.separates(item.category) for item in items]
        categories = _numbered(item.category for item in items)
        first = np.array([item.max_bid_micros for item in items], np.int64)
        agreed = [item.deal.terms(item.max_bid_micros) for item in items]
        floors = [-1 if deal.floor_micros is None else deal.floor_micros for deal in agreed]
        return laws.LineItemTerms(
            live=np.array(live, bool).reshape(len(items), self.hours),
            open=np.array(inside, bool).reshape(len(items), self.hours),
            active=laws.in_force(np.ones(len(items), np.int64), self._activity()),
            max_bid=laws.in_force(first, self._max_bids()),
            admits={key: np.stack([self._admits(item, key) for item in items]) for key in keys},
            refuses={
                key: np.stack([self._flags(key, item.exclude.get(key, ())) for item in items])
                for key in two_valued
            },
            campaign=np.array([item.campaign for item in items], np.int64),
            advertiser=_numbered(item.advertiser_name for item in items),
            category=np.where(separated, categories, -1),
            priority=np.array([deal.priority for deal in agreed], np.int64),
            floor=np.array(floors, np.int64),
            ends=np.array([item.slot_in_pod.ends for item in items], np.int64),
        )

    def budgets(self, kind: registry.BudgetType, *, campaigns: bool) -> laws.InForce:
        """Return the budgets of that kind, of line items or campaigns, with the scripted changes in them."""
        owners = self.book.campaigns if campaigns else self.book.line_items
        lifetime = kind == registry.BudgetType.lifetime
        booked = [owner.lifetime_micros if lifetime else owner.daily_micros for owner in owners]
        first = np.array([laws.NO_LIMIT if micros is None else micros for micros in booked], np.int64)
        changes = []
        for second, cue in self._cues:
            owner = cue.campaign if campaigns else cue.line_item
            amount = cue.change.lifetime_budget if lifetime else cue.change.daily_budget
            if owner is not None and amount is not None:
                changes.append((second, owner, int(amount * MICROS)))
        return laws.in_force(first, changes)

    def days(self, *, campaigns: bool) -> NDArray[np.int64]:
        """Return the local day of each line item or campaign in each hour, owners × hours."""
        items = self.book.line_items
        zones = [
            items[owner.line_items[0]].zone if isinstance(owner, BookedCampaign) else owner.zone
            for owner in (self.book.campaigns if campaigns else items)
        ]
        return np.stack([laws.local_days(self.clocks[zone]) for zone in zones])

    @cached_property
    def _cues(self) -> list[tuple[int, Cue]]:
        # In the order of their moments; each takes effect at the first tick that does not begin before it.
        cues = [cue for tick in script_of(self.market, self.book).values() for cue in tick]
        timed = [(self._second(cue.change), cue) for cue in cues]
        return sorted(timed, key=lambda pair: (pair[0], pair[1].change.at))

    def _second(self, change: Change) -> int:
        moment = change.at.replace(tzinfo=ZoneInfo(self.market.timezone)).astimezone(UTC)
        passed = (moment - self.market.horizon.start).total_seconds()
        return int(-(-passed // self.tick_seconds)) * self.tick_seconds

    def _activity(self) -> list[tuple[int, int, int]]:
        """Return who takes part from when: a line item does while neither it nor its campaign is paused."""
        own, whole = [True] * len(self.book.line_items), [True] * len(self.book.campaigns)
        changes = []
        for second, cue in self._cues:
            if cue.change.status is None:
                continue
            active = cue.change.status == registry.EntityStatus.active
            if cue.line_item is not None:
                own[cue.line_item] = active
            if cue.campaign is not None:
                whole[cue.campaign] = active
            for place, item in enumerate(self.book.line_items):
                changes.append((second, place, int(own[place] and whole[item.campaign])))
        return changes

    def _max_bids(self) -> list[tuple[int, int, int]]:
        return [
            (second, cue.line_item, micros_from_cpm(cue.change.max_cpm))
            for second, cue in self._cues
            if cue.line_item is not None and cue.change.max_cpm is not None
        ]

    def _admits(self, item: BookedLineItem, key: registry.TargetingKey) -> NDArray[np.bool_]:
        wanted = set(item.include.get(key, key.words(self.market.regions)))
        if len(key.columns) == 1:  # of two values one may be wanted and the other refused
            wanted -= set(item.exclude.get(key, ()))
        return self._flags(key, wanted)

    def _flags(self, key: registry.TargetingKey, named: Iterable[str]) -> NDArray[np.bool_]:
        flags = np.zeros(laws.CODES, bool)
        words = key.words(self.market.regions)
        flags[[words.index(word) for word in named]] = True
        return flags


def _numbered(names: Iterable[str]) -> NDArray[np.int64]:
    found: dict[str, int] = {}
    return np.array([found.setdefault(name, len(found)) for name in names], np.int64)


def read_sold(session: Session, run: registry.SimulationRun) -> Sold:
    """Return what *run* sold, with the registry's ids; InputError where it cannot be read."""
    scenario, book = read_run(run)
    with unchanged(run, scenario, book):
        return Sold(run, scenario, _identified(session, run.run_id, book))


def read_run(run: registry.SimulationRun, more: str = "") -> tuple[Scenario, Book]:
    """Return the scenario and the book of *run*; InputError, which ends in *more*, if unreadable."""
    try:
        return Scenario.model_validate_json(run.scenario_text), read_book(run.book_text)
    except UNFIT as error:
        why = f"run {run.run_id}: its scenario or book cannot be read: {_in_short(error)}{more}"
        raise registry.InputError(why) from None


UNFIT = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
"""What reading or running a scenario and a book that somebody changed may end in."""


@contextmanager
def unchanged(run: registry.SimulationRun, scenario: Scenario, book: Book) -> Iterator[None]:
    """Make an InputError of what goes wrong in the block, if scenario or book are not those of the run."""
    try:
        yield
    except UNFIT as error:
        if fingerprint(scenario, book) == run.fingerprint:
            raise
        raise registry.InputError(
            f"run {run.run_id}: its scenario or book was changed after it ran,"
            f" and they do not fit together now: {_in_short(error)}"
        ) from None


def _in_short(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def read_book(text: str) -> Book:
    """Return the book of which *text* is the canonical JSON; its ids are 0. ValueError if there is none."""
    parts = json.loads(text) if text else None
    if not isinstance(parts, list) or len(parts) != 4:
        raise ValueError("no book is stored with it")
    items, campaigns, creatives, caps = cast("list[list[dict[str, Any]]]", parts)
    return Book(
        _read(BookedLineItem, [{"id": 0, "campaign_id": 0, "advertiser_id": 0, **item} for item in items]),
        _read(BookedCampaign, [{"id": 0, **campaign} for campaign in campaigns]),
        _read(BookedCreative, [{"id": 0, **creative} for creative in creatives]),
        _read(BookedCap, caps),
    )


def _read(kind: type[P], records: list[dict[str, Any]]) -> tuple[P, ...]:
    adapter = TypeAdapter(kind)
    return tuple(adapter.validate_python(record) for record in records)


def _identified(session: Session, run_id: str, book: Book) -> Book:
    item, campaign, advertiser = registry.LineItem, registry.Campaign, registry.Advertiser
    joined = (
        select(item.id, campaign.id, advertiser.id, advertiser.name, campaign.name, item.name)
        .join(campaign, item.campaign_id == campaign.id)
        .join(advertiser, campaign.advertiser_id == advertiser.id)
    )
    rows = session.execute(joined).all()
    named = {tuple(row[3:]): row[0] for row in rows}
    owners = {row[0]: (row[1], row[2]) for row in rows}
    shown = registry.PerformanceExtended
    used = set(session.scalars(select(shown.line_item_id).where(shown.run_id == run_id).distinct()))
    paths = [(one.advertiser_name, one.campaign_name, one.name) for one in book.line_items]
    ids = _matched(paths, named, used, f"run {run_id}: line items", " / ".join)
    items = tuple(
        replace(one, id=key, campaign_id=owners.get(key, (0, 0))[0], advertiser_id=owners.get(key, (0, 0))[1])
        for one, key in zip(book.line_items, ids, strict=True)
    )
    campaigns = tuple(replace(one, id=items[one.line_items[0]].campaign_id) for one in book.campaigns)
    return Book(items, campaigns, _identified_creatives(session, run_id, book, ids), book.caps)


def _identified_creatives(
    session: Session, run_id: str, book: Book, line_items: list[int]
) -> tuple[BookedCreative, ...]:
    creative, shown = registry.Creative, registry.Performance
    query = select(creative.line_item_id, creative.name, creative.id)
    named: dict[tuple[str, ...], int] = {(str(row[0]), row[1]): row[2] for row in session.execute(query)}
    used = set(session.scalars(select(shown.creative_id).where(shown.run_id == run_id).distinct()))
    paths = [(str(line_items[one.line_item]), one.name) for one in book.creatives]
    ids = _matched(paths, named, used, f"run {run_id}: creatives", lambda path: path[-1])
    return tuple(replace(one, id=key) for one, key in zip(book.creatives, ids, strict=True))


def _matched(
    paths: Sequence[tuple[str, ...]],
    named: dict[tuple[str, ...], int],
    used: set[int],
    what: str,
    tell: Callable[[tuple[str, ...]], str],
) -> list[int]:
    """Return the id of each path; one that was renamed since is known by being the only one left."""
    ids = [named.get(path, -1 - place) for place, path in enumerate(paths)]
    missing = [place for place, key in enumerate(ids) if key < 0]
    # An id that no row of the registry has is a broken key, not a renamed row.
    strange = sorted((used & set(named.values())) - set(ids))
    if missing and len(strange) == len(missing) == 1:
        ids[missing[0]] = strange[0]
    elif missing and strange:
        lost = ", ".join(tell(paths[place]) for place in missing)
        raise registry.InputError(
            f"{what} {lost} have other names in the registry now; give the old ones back"
        )
    return ids
