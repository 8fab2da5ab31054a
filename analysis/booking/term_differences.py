"""Terms compared: what a campaign of the registry has otherwise than the scenario that names it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import inspect

from entities import registry

# What a row is, and no term of it: ids, owners and when it was written.
_NOT_TERMS = frozenset({"id", "created_at", "updated_at"})
_NAMED = ("line_items", "creatives")
_LISTED = ("flights", "budgets", "frequency_caps")


def differences(there: registry.Campaign, here: registry.Campaign) -> list[str]:
    """Return each term that differs as `path: value there, not value here`, in the order of the tables."""
    return list(_differences("", there, here))


def _differences(path: str, there: registry.Base, here: registry.Base) -> Iterator[str]:
    for name in _terms(there):
        old, new = getattr(there, name), getattr(here, name)
        if old != new:
            yield f"{path}{name}: {_shown(old)}, not {_shown(new)}"
    for name in _LISTED:
        if hasattr(there, name) and _rows(there, name) != _rows(here, name):
            yield f"{path}{name}: {_shown(_rows(there, name))}, not {_shown(_rows(here, name))}"
    for name in _NAMED:
        if hasattr(there, name):
            yield from _children(f"{path}{name}.", getattr(there, name), getattr(here, name))


def _children(path: str, there: Sequence[Any], here: Sequence[Any]) -> Iterator[str]:
    old, new = ({row.name: row for row in rows} for rows in (there, here))
    for name in sorted({*old, *new}):
        if name not in new:
            yield f"{path}{name}: only in the registry"
        elif name not in old:
            yield f"{path}{name}: not in the registry"
        else:
            yield from _differences(f"{path}{name}.", old[name], new[name])


def _rows(owner: registry.Base, name: str) -> list[tuple[Any, ...]]:
    return sorted(tuple(getattr(row, term) for term in _terms(row)) for row in getattr(owner, name))


def _terms(row: registry.Base) -> list[str]:
    columns = inspect(type(row)).columns
    return [column.key for column in columns if column.key not in _NOT_TERMS and not column.foreign_keys]


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else f"{text[:77]}…"
