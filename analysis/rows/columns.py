"""The book as analysis sees it: which line item and creative stands at each position of an hour's arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from entities.enums import TargetingKey
from sim.book.records import Book, BookedCreative, BookedLineItem

if TYPE_CHECKING:  # workers load this, and no database
    from scenarios.models import Scenario


@dataclass(frozen=True)
class BookColumns:
    """What the positions and codes of an hour mean: the book, the words, and when the scenario starts."""

    start: datetime
    """Start of hour 0, with a time zone."""
    line_items: Sequence[BookedLineItem]
    creatives: Sequence[BookedCreative]
    regions: tuple[str, ...]

    @cached_property
    def words(self) -> dict[str, tuple[str, ...]]:
        """Return what the codes of the traits' event columns stand for, by column and position."""
        return {column: key.words(self.regions) for key in TargetingKey for column in key.columns}

    @cached_property
    def campaign_ids(self) -> tuple[int, ...]:
        """Return campaign ids in the order in which the line items first name them: a fact's positions."""
        return tuple(dict.fromkeys(item.campaign_id for item in self.line_items))

    @cached_property
    def ahead(self) -> tuple[bool, ...]:
        """Return which line items have a deal that is served ahead of the auction."""
        return tuple(item.deal.terms(item.max_bid_micros).priority > 0 for item in self.line_items)

    @cached_property
    def line_item_order(self) -> tuple[int, ...]:
        """Return the positions of the line items by key, the order of every table and of the digest."""
        return tuple(sorted(range(len(self.line_items)), key=lambda at: self.line_items[at].key))

    @cached_property
    def creative_order(self) -> tuple[int, ...]:
        """Return the positions of the creatives by their line item's key, then by name."""

        def place(at: int) -> tuple[int, str, int]:
            creative = self.creatives[at]
            return self.line_items[creative.line_item].key, creative.name, at

        return tuple(sorted(range(len(self.creatives)), key=place))


def columns_of(book: Book, scenario: Scenario) -> BookColumns:
    """Return the book as the aggregation sees it."""
    market = scenario.market
    return BookColumns(market.horizon.start, book.line_items, book.creatives, tuple(market.regions))
