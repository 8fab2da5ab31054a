"""Laws of rows: 7 funnel, 8 nesting, 10 one row each, 11 keys and ratios, 14 completeness, 15 conversions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entities.enums.funnel import CHECKS, ENDS, LOSSES
from entities.enums.outcomes import COUNTED
from sim.laws.catalogue import (
    LIMIT,
    Finding,
    Verdict,
    Where,
    also,
    at_most,
    columns,
    conditions,
    equal,
    verdict,
)

RATIOS = {
    "ctr": ("clicks", "impressions", 1),
    "vtr": ("video_completions", "impressions", 1),
    "completion_rate": ("video_completions", "video_starts", 1),
    "viewability_rate": ("viewable", "measurable", 1),
    "ecpm": ("spend_micros", "impressions", 1000),
    "cpcv": ("spend_micros", "video_completions", 1_000_000),
    "cpc": ("spend_micros", "clicks", 1_000_000),
    "win_rate": ("wins", "bids", 1),
    "osi": ("delivered_cum_micros", "expected_cum_micros", 1),
}
"""What each ratio divides, and by how much more."""

FUNNEL_SUMS = {
    "matched = Σ blocked + bids": ("requests_matched", (*CHECKS, "bids")),
    "bids = Σ lost + ghosts + wins": ("bids", (*LOSSES, "wins")),
    "wins = impressions + errors + invalid": ("wins", ENDS),
}
"""What each column of the funnel is the sum of."""

Rows = Mapping[str, NDArray[Any]]
"""Columns of a table, of one length."""


def funnel(rows: Rows, where: Where) -> Verdict:
    """Return the verdict that every opportunity has one end; *rows* are of `performance_extended`."""
    fine = {
        told: rows[whole] == sum(rows[part] for part in parts) for told, (whole, parts) in FUNNEL_SUMS.items()
    }
    fine["no count below 0"] = np.min([rows[name] for name in (*CHECKS, *LOSSES, *ENDS)], axis=0) >= 0
    names = ("requests_matched", "bids", "wins", "impressions", "errors", "invalid")
    return conditions(7, fine, where, columns(rows, *names))


def nesting(rows: Rows, where: Where) -> Verdict:
    """Return the verdict that later counts are never above earlier ones; *rows* are of `performance`."""
    counted = [one for one in COUNTED if not one.unit]
    counts = {one.name: one.column for one in counted}
    fine = {}
    for one in counted:
        more = counts.get(one.within, "impressions")
        fine[f"{more} ≥ {one.column}"] = rows[more] >= rows[one.column]
    ended = rows["video_completions"] + rows["skips"]
    fine["video_starts ≥ video_completions + skips"] = rows["video_starts"] >= ended
    return conditions(8, fine, where, columns(rows, "impressions", *counts.values()))


def one_row_each(keys: NDArray[np.int64], expected: NDArray[np.int64], name: Callable[[int], str]) -> Verdict:
    """Return the verdict that *keys* are the *expected* ones, each once; *name* names a key."""
    found, times = np.unique(keys, return_counts=True)
    problems = [
        (np.setdiff1d(expected, found), "no row", "one row"),
        (np.setdiff1d(found, expected), "a row", "no row"),
        (found[times > 1], "several rows", "one row"),
    ]
    findings = [
        Finding(10, name(key), value, allowed)
        for places, value, allowed in problems
        for key in places[:LIMIT].tolist()
    ]
    broken = sum(len(places) for places, _, _ in problems)
    return Verdict(10, len(expected), broken, tuple(findings[:LIMIT]))


def keys(values: NDArray[Any], known: NDArray[Any], where: Where) -> Verdict:
    """Return the verdict that all *values* are among the *known* keys."""
    return verdict(11, ~np.isin(values, known), where, values, "a row of that key")


def ratio(
    value: NDArray[np.float64], over: NDArray[np.int64], under: NDArray[np.int64], where: Where
) -> Verdict:
    """Return the verdict on a ratio, NaN for NULL: so where *under* is 0, and *over* / *under* elsewhere."""
    wanted = np.full(len(under), np.nan)
    np.divide(over, under, out=wanted, where=under != 0)
    # Databases divide doubles as we do, to the last bit: IEEE 754.
    same = (value == wanted) | (np.isnan(value) & np.isnan(wanted))
    return verdict(11, ~same, where, value, wanted)


def headline(figures: Mapping[str, object], counted: Mapping[str, object]) -> Verdict:
    """Return the verdict that a run's *figures* are those *counted* in its tables, by name."""
    wrong = [name for name in counted if figures[name] != counted[name]]
    found = tuple(Finding(14, f"the run's {name}", str(figures[name]), str(counted[name])) for name in wrong)
    return Verdict(14, len(counted), len(wrong), found[:LIMIT])


def known_runs(run_ids: NDArray[np.str_], complete: NDArray[np.str_], table: str) -> Verdict:
    """Return the verdict that the distinct *run_ids* of a table are all runs that are *complete*."""
    wrong = ~np.isin(run_ids, complete)
    return verdict(14, wrong, lambda i: f"{table}, run {run_ids[i]}", "rows", "no row, or a complete run")


def conversions(
    rows: Mapping[str, NDArray[np.int64]],
    campaign: NDArray[np.int64],
    lookback: int,
    where: Where,
    organic: int = 0,
) -> Iterator[Verdict]:
    """Yield the verdicts on the columns of `conversions_hourly`, each line items × hours of the horizon.

    *campaign* is that of each line item, *where* names a flat position of such an array, and *lookback* is in
    hours. A touch is followed by two conversions at most, one of the exposure and one of the click; beside
    them there are *organic* ones a day at most.
    """
    hours = rows["touches"].shape[1]

    def whose(i: int) -> str:
        place, hour = divmod(i, hours)
        return f"campaign of {where(int(np.flatnonzero(campaign == place)[0]) * hours + hour)}"

    for kind in ("view", "click"):
        last, parts = (
            _by_campaign(rows[name], campaign).ravel()
            for name in (f"{kind}_through", f"multi_touch_{kind}_ppm")
        )
        yield equal(15, parts, 1_000_000 * last, whose)
    counted = np.pad(np.cumsum(rows["touches"], axis=1), ((0, 0), (lookback, 0)))
    touches = counted[:, lookback:] - counted[:, :hours]
    credited = np.sum([rows[name] for name in rows if name != "touches"], axis=0).ravel()
    wrong = (credited > 0) & (touches.ravel() == 0)
    yield verdict(15, wrong, where, credited, "0 without a touch in the lookback")
    found = np.cumsum(_by_campaign(rows["view_through"] + rows["click_through"], campaign), axis=1)
    most = 2 * np.cumsum(_by_campaign(rows["touches"], campaign), axis=1)
    most += organic * (np.arange(hours) // 24 + 1)
    yield at_most(15, found.ravel(), most.ravel(), also(whose, "to date"))


def _by_campaign(values: NDArray[np.int64], campaign: NDArray[np.int64]) -> NDArray[np.int64]:
    sums = np.zeros((int(campaign.max(initial=-1)) + 1, values.shape[1]), np.int64)
    np.add.at(sums, campaign, values)
    return sums
