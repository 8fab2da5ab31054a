"""What a run keeps of its scenario and its book: read, with the ids that their rows have now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.booking.own_terms import creative_ids, line_item_ids
from entities import registry
from sim.book.records import Book, BookedCampaign, BookedCap, BookedCreative, BookedLineItem
from sim.external import UnplayableError

P = TypeVar("P", BookedLineItem, BookedCampaign, BookedCreative, BookedCap)

UNFIT = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
"""What reading or running a scenario and a book that somebody changed may end in."""


class CodeError(registry.InputError):
    """A run by a class of its user's own, which is not allowed, missing or another one now."""


@contextmanager
def readable(run_id: str, same: Callable[[], bool] | None = None) -> Iterator[None]:
    """Make an InputError of what goes wrong in the block, which reads what is stored with a run.

    With *same* the block runs it; what goes wrong is not the run's fault where scenario and book are the same
    as ever, and is raised as it is.
    """
    try:
        yield
    except UNFIT as error:
        if why := _unplayable(error):
            raise CodeError(f"run {run_id}: {why}") from None
        if same and same():
            raise
        changed = "was changed after it ran, and they do not fit together now"
        what = changed if same else "cannot be read"
        raise registry.InputError(f"run {run_id}: its scenario or book {what}: {_in_short(error)}") from None


def _unplayable(error: Exception) -> UnplayableError | None:
    if not isinstance(error, ValidationError):
        return None
    why = error.errors()[0].get("ctx", {}).get("error")
    return why if isinstance(why, UnplayableError) else None


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
    adapter = _adapter(kind)
    return tuple(adapter.validate_python(record) for record in records)


_adapter: Callable[[Any], TypeAdapter[Any]] = cache(TypeAdapter)


def identified(session: Session, run_id: str, book: Book) -> Book:
    """Return *book* with the ids that its rows have in the registry; InputError where several lost theirs."""
    rows = line_item_ids(session)
    named = {path: ids[0] for path, ids in rows.items()}
    owners = {ids[0]: ids[1:] for ids in rows.values()}
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
    shown = registry.Performance
    named: dict[tuple[str, ...], int] = {
        (str(owner), name): key for (owner, name), key in creative_ids(session).items()
    }
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
