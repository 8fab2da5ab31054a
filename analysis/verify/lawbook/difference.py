"""The difference between two runs, in words: line items are matched by path, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import ALL, PlayedRun
from sim.events import FUNNEL, INVENTORY, Pacing

MONEY = tuple(name for name in (*ALL, *FUNNEL, *INVENTORY, *Pacing._fields) if "micros" in name)
"""Every column that is money."""
PLANS = ("goal_micros", "allowance_micros", "expected_cum_micros")
"""Columns that follow the size of a budget, whether it binds or not."""


_Column = tuple[str, NDArray[Any], Callable[..., str]]
"""A column's name, its values, and what names a place in it."""


def difference(
    one: PlayedRun,
    other: PlayedRun,
    *,
    but: Collection[str] = (),
    only: Collection[str] | None = None,
    facts: bool = True,
    ordered: bool = True,
    times: int = 1,
) -> str:
    """Return the first difference between two runs, or nothing.

    Columns named by *but* may differ. With *only*, just these line items (paths) are compared, else all, and
    the supply too. Without *facts* these may differ. Unless *ordered*, events may stand in another order. All
    money of the *other* run must be this many *times* that of the *one*.
    """
    paths = [path for path in one.paths if only is None or path in only]
    if lost := set(paths).symmetric_difference(path for path in other.paths if only is None or path in only):
        return f"line items: {sorted(lost)} in one only"
    columns = (_columns(run, paths, ordered, supply=only is None) for run in (one, other))
    for (name, expected, where), (_, found, _) in zip(*columns, strict=True):
        if name in but:
            continue
        if expected.shape != found.shape:
            return f"{name}: {expected.shape[-1]} and {found.shape[-1]}"
        wanted = expected * times if times > 1 and name in MONEY else expected
        for place in np.argwhere(wanted != found)[:1].tolist():
            return f"{name} of {where(*place)}: {wanted[*place]} and {found[*place]}"
    if only is None and facts and one.outcome.facts != other.outcome.facts:
        pairs = zip(one.outcome.facts, other.outcome.facts, strict=False)
        return f"facts: {next((f'{a} and {b}' for a, b in pairs if a != b), 'one has more')}"
    return ""


def _columns(run: PlayedRun, paths: Sequence[str], ordered: bool, supply: bool) -> Iterator[_Column]:
    places = [run.paths.index(path) for path in paths]
    events = run.won[np.isin(run.won["line_item"], places)]
    if not ordered:
        events = events[np.argsort(events["slot_id"], kind="stable")]
    names = {
        "line_item": np.array(run.paths),
        "creative": np.array([f"{run.paths[each.line_item]} / {each.name}" for each in run.book.creatives]),
    }
    for name in ALL:
        values = names[name][events[name]] if name in names else events[name]
        yield name, values, lambda k: f"slot {events['slot_id'][k]}"
    plans = {name: run.pacing(name) for name in Pacing._fields}
    tables = {**run.counts, **run.converted, **plans, "frequency": run.hours[-1].frequency}
    for name, table in tables.items():
        yield name, table[places], lambda k, hour: f"{paths[k]} at {hour}"
    for name, values in run.supply.items() if supply else ():
        yield name, values, lambda hour: f"the supply at {hour}"
