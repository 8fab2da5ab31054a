"""The difference between two runs, in words: line items are known by their paths, wherever they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from sim.events import EVENT, FUNNEL, INVENTORY, Pacing

MONEY = tuple(
    name for name in (*(EVENT.names or ()), *FUNNEL, *INVENTORY, *Pacing._fields) if "micros" in name
)
"""Every column that is money."""
PLANS = ("goal_micros", "allowance_micros", "expected_cum_micros")
"""What a pacing policy makes of the budget that there is, whether it binds or not."""
_PLACES = ("line_item", "creative")


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

    Columns named by *but* may differ. With *only* some line items by path are held against each other, else
    all, and the supply too. Without *facts* these may differ. Unless *ordered*, events may stand in another
    order. In the *other* run all money is to be so many *times* what it is in the one.
    """
    return next(_differences(one, other, but, only, facts, ordered, times), "")


def _differences(
    one: PlayedRun,
    other: PlayedRun,
    but: Collection[str],
    only: Collection[str] | None,
    facts: bool,
    ordered: bool,
    times: int,
) -> Iterator[str]:
    paths = [item.path for item in one.book.line_items]
    others = [item.path for item in other.book.line_items]
    wanted = [path for path in paths if only is None or path in only]
    if lost := set(wanted).symmetric_difference(others if only is None else set(only) & set(others)):
        yield f"line items: {sorted(lost)} in one only"
        return
    yield from _events(one, other, but, None if only is None else wanted, ordered, times)
    mine, theirs = [paths.index(path) for path in wanted], [others.index(path) for path in wanted]
    for name, column in one.counts.items():
        yield from _table(name, column[mine], other.counts[name][theirs], but, times, wanted)
    for name, column in one.converted.items():
        yield from _table(name, column[mine], other.converted[name][theirs], but, times, wanted)
    for name in Pacing._fields:
        yield from _table(name, one.pacing(name)[mine], other.pacing(name)[theirs], but, times, wanted)
    ends, other_ends = one.hours[-1].frequency[mine], other.hours[-1].frequency[theirs]
    yield from _table("frequency", ends, other_ends, but, 1, wanted)
    if only is not None:
        return
    for name, column in one.supply.items():
        yield from _table(name, column[None], other.supply[name][None], but, times, ["the supply"])
    if facts and one.outcome.facts != other.outcome.facts:
        pairs = zip(one.outcome.facts, other.outcome.facts, strict=False)
        yield f"facts: {next((f'{a} and {b}' for a, b in pairs if a != b), 'one has more')}"


def _events(
    one: PlayedRun,
    other: PlayedRun,
    but: Collection[str],
    only: Collection[str] | None,
    ordered: bool,
    times: int,
) -> Iterator[str]:
    mine, theirs = _own(one, only, ordered), _own(other, only, ordered)
    if len(mine) != len(theirs):
        yield f"events: {len(mine)} and {len(theirs)} won slots"
        return
    for name in EVENT.names or ():
        if name in but:
            continue
        values, found = (
            (_named(one, mine[name], name), _named(other, theirs[name], name))
            if name in _PLACES
            else (mine[name] * (times if name in MONEY else 1), theirs[name])
        )
        for k in np.flatnonzero(values != found)[:1]:
            yield f"events: slot {mine['slot_id'][k]}: {name} is {values[k]} and {found[k]}"


def _own(of: PlayedRun, only: Collection[str] | None, ordered: bool) -> NDArray[np.void]:
    events = of.won
    if only is not None:
        wanted = np.array([item.path in only for item in of.book.line_items], bool)
        events = events[wanted[events["line_item"]]]
    return events if ordered else events[np.argsort(events["slot_id"], kind="stable")]


def _named(of: PlayedRun, places: NDArray[np.integer], name: str) -> NDArray[np.str_]:
    items = of.book.line_items
    if name == "line_item":
        names = [item.path for item in items]
    else:
        names = [f"{items[one.line_item].path} / {one.name}" for one in of.book.creatives]
    return np.asarray(np.array(names)[places])


def _table(
    name: str,
    mine: NDArray[np.int64],
    theirs: NDArray[np.int64],
    but: Collection[str],
    times: int,
    owners: Collection[str],
) -> Iterator[str]:
    if name in but:
        return
    values = mine * (times if name in MONEY else 1)
    if values.shape != theirs.shape:
        yield f"{name}: {values.shape[-1]} and {theirs.shape[-1]} hours"
        return
    for k in np.argwhere(values != theirs)[:1].tolist():
        owner, step = k[0], k[1]
        yield f"{name} of {list(owners)[owner]} at {step}: {values[owner, step]} and {theirs[owner, step]}"
