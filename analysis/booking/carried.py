"""The campaigns of a run on their way to its last transaction: there by then, created, or in the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from analysis.booking.differing import differences
from analysis.booking.own_terms import identified
from entities import registry
from entities.messages import quoted
from scenarios.models import Listing
from sim import external
from sim.book.records import Book


@dataclass(frozen=True, slots=True)
class Carried:
    """A campaign that a run has booked, and all that a registry needs to have it."""

    terms: Listing | Mapping[str, Any]
    """Its own, or as a mapping of which they are made."""
    id: int | None
    """In the registry when it was booked; None for one that was not there."""
    own: bool
    """Whether the run has terms of its own for it, whatever the registry has."""

    @property
    def listing(self) -> Listing:
        """Return its terms."""
        if isinstance(self.terms, Listing):
            return self.terms
        with external.described():
            return Listing.model_validate(self.terms)

    @property
    def written(self) -> Mapping[str, Any]:
        """Return its terms as plain data."""
        if isinstance(self.terms, Listing):
            return self.terms.model_dump(mode="json", include={"advertiser", "campaign"})
        return self.terms


def settled(opened: Session, book: Book, campaigns: Iterable[Carried]) -> Book:
    """Return *book* under the ids that its names have in the registry now; what it lacks is created.

    DatabaseError where somebody else has created one of its campaigns meanwhile, with other terms.
    """
    try:
        for one in campaigns:
            _settle(opened, one)
        return identified(opened, book)
    except registry.InputError as error:  # it was good when the run began
        raise registry.DatabaseError(str(error)) from None


def _settle(opened: Session, carried: Carried) -> None:
    listing = carried.terms if isinstance(carried.terms, Listing) else None
    advertiser, name = _names(carried.terms)
    there = registry.find_campaign(opened, advertiser, name)
    if there is None:
        listing = listing or carried.listing
        registry.add_campaign(opened, listing.advertiser, listing.campaign)
    elif there.id != carried.id:
        listing = listing or carried.listing
        registry.check_advertiser(there.advertiser, listing.advertiser)
        other = [] if carried.own else differences(there, listing.campaign.row())
        if other:
            more = f", and {len(other) - 1} more" if len(other) > 1 else ""
            raise registry.DatabaseError(
                f"campaign {quoted(f'{advertiser} / {name}')} was created with other terms while the market"
                f" ran: {other[0]}{more}"
            )


def _names(terms: Listing | Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(terms, Listing):
        return terms.advertiser.name, terms.campaign.name
    return str(terms["advertiser"]["name"]), str(terms["campaign"]["name"])
