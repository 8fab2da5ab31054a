"""How the terms of a campaign in the registry differ from those of a scenario, in the words of `--set`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from entities import registry
from sim.units import MICROS, PPM

# What a row is, and no term of it: ids, owners and when it was written.
_NOT_TERMS = frozenset({"id", "created_at", "updated_at"})
_NAMED = ("line_items", "creatives")
_NONE = "none"


def differences(there: registry.Campaign, here: registry.Campaign) -> list[str]:
    """Return each term that differs as `path: value there, not value here`, in the order of the tables."""
    return list(_differences("", there, here))


def _differences(path: str, there: registry.Base, here: registry.Base) -> Iterator[str]:
    old, new = _terms(there), _terms(here)
    for name in dict.fromkeys((*old, *new)):
        left, right = old.get(name, _NONE), new.get(name, _NONE)
        if left != right:
            yield f"{path}{name}: {_short(left)}, not {_short(right)}"
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


def _terms(row: Any) -> dict[str, str]:
    # By the name that a scenario has for each, as people write it.
    found = {}
    for column in inspect(type(row)).columns:
        if column.key not in _NOT_TERMS and not column.foreign_keys:
            name, value = _written(column.key, getattr(row, column.key))
            found[name] = _NONE if value is None else str(value)
    for one in getattr(row, "budgets", ()):
        found[f"{one.budget_type}_budget"] = _amount(Decimal(one.amount_micros) / MICROS)
    flights = sorted((one.starts_at, one.ends_at) for one in getattr(row, "flights", ()))
    caps = sorted(
        (one.unit, one.unit_count, one.max_impressions) for one in getattr(row, "frequency_caps", ())
    )
    listed = {
        "flights": [f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}" for start, end in flights],
        "frequency_caps": [f"{most} per {_window(count, unit)}" for unit, count, most in caps],
    }
    return found | {name: ", ".join(texts) for name, texts in listed.items() if texts}


def _written(name: str, value: Any) -> tuple[str, Any]:
    if name == "max_bid_micros":
        return "max_cpm", _amount(Decimal(value) / 1000)
    if name == "holdout_ppm":
        return "holdout", f"{value / PPM:g}"
    return name, value


def _amount(value: Decimal) -> str:
    return f"{value:,.2f}" if value == round(value, 2) else f"{value.normalize():,f}"


def _window(count: int, unit: registry.Word) -> str:
    return str(unit) if count == 1 else f"{count} {unit}s"


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}…"
