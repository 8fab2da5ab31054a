"""Who competes in a run, booked from the registry of a database or from the scenario, and on which terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from analysis.booking.carried import Carried
from analysis.booking.differing import differences
from analysis.booking.own_terms import bidding, competing, has_own, identified
from analysis.booking.registered import listing_of
from entities import registry
from scenarios.loader import Loaded
from scenarios.models import Listing, Scenario
from sim.book.booking import book_of
from sim.book.records import Book
from sim.book.script import script_of
from sim.market.market import Market

Warn = Callable[[str], None]


class Booked(NamedTuple):
    """What a run has booked."""

    book: Book
    missing: list[str]
    """Campaigns of the scenario that the registry lacks, by their names there."""
    campaigns: list[Carried]
    """Those that compete."""


def book_registry(engine: Engine, loaded: Loaded, warn: Warn = lambda _: None) -> Booked:
    """Return the book of a run, which campaigns of the scenario the registry lacks, and all that compete.

    They are created to be booked under the ids that they will have, and taken back: a lock on the database
    for as long as a run takes would keep everybody else from it. InputError for what cannot be booked.
    """
    with registry.session(engine, writes=False) as reader:
        missing = [name for name, listing in loaded.listings.items() if not find(reader, listing)]
        if not missing:
            return _book(reader, loaded, missing, warn)
    with registry.session(engine) as opened:
        for name in missing:
            create(opened, loaded.listings[name])
        booked = _book(opened, loaded, missing, warn)
        opened.rollback()
    return booked


def book_scenario(loaded: Loaded) -> Book:
    """Return the book of the scenario's own campaigns, as an empty database would have it."""
    book = book_listings(loaded.listings.values(), loaded.scenario.market)
    if not book.line_items:
        raise registry.InputError(
            f"scenario {loaded.scenario.name}: nobody bids; give it examples, profiles, campaigns"
            " or bidders with an active line item"
        )
    _check_changes(loaded, book)
    return book


def book_listings(listings: Iterable[Listing], market: Market) -> Book:
    """Return the book of *listings* without a database, with ids as if they were its rows.

    A campaign that is named twice is one; InputError where two have other terms for their advertiser.
    """
    advertisers: dict[str, registry.Advertiser] = {}
    booked: dict[tuple[str, str], registry.Campaign] = {}
    for listing in listings:
        name = listing.advertiser.name
        if (name, listing.campaign.name) in booked:
            continue
        if name in advertisers:
            registry.check_advertiser(advertisers[name], listing.advertiser)
        campaign = listing.campaign.row()
        campaign.advertiser = advertisers.setdefault(name, listing.advertiser.row())
        booked[name, campaign.name] = campaign
    return numbered(book_of([item for one in booked.values() for item in bidding(one)], market))


def book_played(engine: Engine, run_id: str, book: Book, listings: Mapping[str, Listing]) -> Booked:
    """Return the *book* of a run in memory under the ids of a registry, and which campaigns that one lacks.

    The registry may have other terms, and keeps them. InputError for a line item or creative that it has not.
    """
    with registry.session(engine) as opened:
        if opened.get(registry.SimulationRun, run_id):
            raise registry.InputError(f"run {run_id}: is in this database already")
        missing = [name for name, listing in listings.items() if create(opened, listing)]
        for name in sorted({*listings} - {*missing}):
            if there := find(opened, listings[name]):
                registry.check_advertiser(there.advertiser, listings[name].advertiser)
        found = identified(opened, book)
        opened.rollback()
    return Booked(found, missing, [Carried(listing, None, own=True) for listing in listings.values()])


def numbered(book: Book) -> Book:
    """Return *book* with ids as if it were all that a database has."""
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


def find(opened: Session, listing: Listing) -> registry.Campaign | None:
    """Return the campaign of the registry that has the names of *listing*, if there is one."""
    return registry.find_campaign(opened, listing.advertiser.name, listing.campaign.name)


def create(opened: Session, listing: Listing) -> bool:
    """Return whether the campaign of *listing* was added, which it is unless one of its name exists."""
    if find(opened, listing):
        return False
    registry.add_campaign(opened, listing.advertiser, listing.campaign)
    return True


def _book(opened: Session, loaded: Loaded, missing: Sequence[str], warn: Warn) -> Booked:
    joined = ((find(opened, listing), listing) for listing in loaded.joined.values())
    own = [*_compare(opened, loaded, warn), *((there, one) for there, one in joined if there)]
    rows = registry.active_line_items(opened, or_paused=True)
    there = _carried(rows, own)
    with opened.no_autoflush:  # what competes in their place is none of the registry's
        rows = competing(rows, own)
        book = identified(opened, book_of(rows, loaded.scenario.market))
        opened.expire_all()
    _check_bidders(loaded.scenario, book, rows)
    _check_changes(loaded, book)
    new = {name: loaded.listings[name] for name in missing}
    created = {(one.advertiser.name, one.campaign.name) for one in new.values()}
    booked = {(one.advertiser, one.name) for one in book.campaigns}
    campaigns = [Carried(one, None, has_own(loaded, name)) for name, one in new.items()]
    campaigns += [carried for path, carried in there.items() if path in booked - created]
    return Booked(book, [*missing], campaigns)


def _carried(
    rows: Iterable[registry.LineItem], own: Iterable[tuple[registry.Campaign, Listing]]
) -> dict[tuple[str, str], Carried]:
    different = {there.id for there, _ in own}
    return {
        (one.advertiser.name, one.name): Carried(listing_of(one), one.id, one.id in different)
        for one in {row.campaign.id: row.campaign for row in rows}.values()
    }


def _compare(opened: Session, loaded: Loaded, warn: Warn) -> list[tuple[registry.Campaign, Listing]]:
    # The campaigns in whose place the scenario's terms compete. Whoever wrote others than the registry has
    # must hear of it, whichever of them compete.
    own = []
    for name, listing in loaded.listings.items():
        there, line = find(opened, listing), _other_terms(opened, listing)
        if there and line and has_own(loaded, name):
            own.append((there, listing))
            warn(f"{name}: {line}; the scenario's compete in this run, and the registry keeps its own")
        elif line:
            warn(f"{name}: {line}; the registry's are used")
    return own


def _other_terms(opened: Session, listing: Listing) -> str:
    found = find(opened, listing)
    other = differences(found, listing.campaign.row()) if found else []
    if not other:
        return ""
    more = f", and {len(other) - 1} more" if len(other) > 1 else ""
    return f"campaign {listing.campaign.name!r} is in the registry with other terms: {other[0]}{more}"


def _check_bidders(scenario: Scenario, book: Book, rows: Sequence[registry.LineItem]) -> None:
    if book.line_items:
        return
    if rows:
        raise registry.InputError(
            f"scenario {scenario.name}: nobody bids, all that could are paused, as is {rows[0].name!r};"
            " a change in the scenario's market can set a status of active"
        )
    raise registry.InputError(
        f"scenario {scenario.name}: nobody bids, the registry has no active line item; name examples,"
        " profiles, campaigns or bidders in the scenario, or create some first"
    )


def _check_changes(loaded: Loaded, book: Book) -> None:
    # Whom a change names is known only now that the registry is read.
    try:
        script_of(loaded.scenario.market, book)
    except registry.InputError as error:
        raise registry.InputError(f"{loaded.source.origin(error.key)}: {error}") from None
