"""The book as analysis sees it: which line item and creative stands at each position of an hour's arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from entities import registry
from scenarios.models import Scenario
from sim.book.records import Book


@dataclass(frozen=True, slots=True)
class LineItemColumn:
    """A line item; its position in the book is its position in every array of an hour."""

    id: int
    campaign_id: int
    advertiser_id: int
    key: int
    """Stable 64-bit key of advertiser / campaign / line item, the same in every database."""
    name: str
    campaign: str
    advertiser: str


@dataclass(frozen=True, slots=True)
class CreativeColumn:
    """An approved creative of a line item."""

    id: int
    line_item: int
    """Position of its line item."""
    name: str


@dataclass(frozen=True)
class BookColumns:
    """What the positions and codes of an hour mean: the book, the words, and when the scenario starts."""

    start: datetime
    """Start of hour 0, with a time zone."""
    line_items: Sequence[LineItemColumn]
    creatives: Sequence[CreativeColumn]
    regions: tuple[str, ...]

    @cached_property
    def words(self) -> dict[str, tuple[str, ...]]:
        """Return what the codes of the traits' event columns stand for, by column and position."""
        keys = registry.TargetingKey
        return {column: key.words(self.regions) for key in keys for column in key.columns}

    @cached_property
    def campaign_ids(self) -> tuple[int, ...]:
        """Return campaign ids in the order in which the line items first name them: a fact's positions."""
        return tuple(dict.fromkeys(item.campaign_id for item in self.line_items))

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
    return BookColumns(
        start=scenario.market.horizon.start,
        line_items=tuple(
            LineItemColumn(
                item.id,
                item.campaign_id,
                item.advertiser_id,
                item.key,
                item.name,
                item.campaign_name,
                item.advertiser_name,
            )
            for item in book.line_items
        ),
        creatives=tuple(CreativeColumn(one.id, one.line_item, one.name) for one in book.creatives),
        regions=tuple(scenario.market.regions),
    )
