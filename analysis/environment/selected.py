"""Which line items are agents: those that some selectors mean, as `--set` writes them."""

from __future__ import annotations

from collections.abc import Sequence

from entities.errors import InputError
from entities.messages import did_you_mean, listed, nearest, quoted
from scenarios.selectors import NOUNS, Selector, parsed
from sim.book.records import Book, BookedLineItem

_NOUN = "line_item"


def selected(book: Book, selectors: Sequence[str], hours: int) -> dict[str, int]:
    """Return the places of the line items that *selectors* mean, by name, in the order of the book.

    A selector is `line_item[TV drama]` or the name alone, a longer path or a glob. Of two that share a name
    it is the path. InputError for one that means nobody or, being no glob, several, and for a line item that
    can be no agent in a market of so many *hours*.
    """
    places = {place for text in selectors for place in _meant(book, text)}
    if not places:
        raise InputError(f"agents: name one or more line items; {_there(book)}")
    for place in places:
        _check(book, book.line_items[place], hours)
    names = [item.name for item in book.line_items]
    return {
        names[place] if names.count(names[place]) == 1 else book.line_items[place].path: place
        for place in sorted(places)
    }


def _meant(book: Book, text: str) -> list[int]:
    selector = parsed(text)
    if selector is None or selector.noun not in NOUNS:
        selector = parsed(f"{_NOUN}[{text}]") or Selector(_NOUN, text, glob=False)
    if selector.noun != _NOUN:
        raise InputError(f"agents: {text}: agents are line items, such as line_item[NAME]")
    found = [place for place, item in enumerate(book.line_items) if selector.means(_NOUN, item.path)]
    if not found:
        names = [item.name for item in book.line_items]
        near = None if selector.glob else nearest(selector.name.rpartition("/")[2].strip(), names)
        raise InputError(
            f"agents: no line item {quoted(selector.name)}{did_you_mean(near) or f'; {_there(book)}'}"
        )
    if len(found) > 1 and not selector.glob:
        paths = listed(quoted(book.line_items[place].path) for place in found)
        raise InputError(f"agents: {quoted(selector.name)} means {len(found)}: {paths}; write a longer path")
    return found


def _there(book: Book) -> str:
    return f"there are {listed(quoted(item.name) for item in book.line_items)}"


def _check(book: Book, item: BookedLineItem, hours: int) -> None:
    if book.campaigns[item.campaign].pacing is not None:
        raise InputError(f"agents: {quoted(item.name)}: its campaign paces for it; it can be no agent")
    if not any(first < hours and last > 0 for first, last in item.flights):
        raise InputError(f"agents: {quoted(item.name)}: is not in flight on the days of the market")
