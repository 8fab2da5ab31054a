"""Every check of rows finds what breaks it."""

from __future__ import annotations

import numpy as np
import pytest

from entities.enums.funnel import CHECKS, LOSSES
from entities.enums.outcomes import COUNTED
from sim import laws
from tests.unit.laws.market import nowhere

FUNNEL = {
    **dict.fromkeys(CHECKS, 2),
    **dict.fromkeys(LOSSES, 3),
    "requests_matched": 42,
    "bids": 26,
    "wins": 11,
    "impressions": 8,
    "errors": 2,
    "invalid": 1,
}


def table(row: dict[str, int]) -> dict[str, np.ndarray]:
    return {name: np.array([value, value]) for name, value in row.items()}


@pytest.mark.parametrize("column", [None, *FUNNEL])
def test_an_opportunity_without_an_end_is_found(column: str | None) -> None:
    rows = table(FUNNEL)
    if column:
        rows[column][1] += 1
    verdict = laws.funnel(rows, nowhere)
    assert (verdict.law, verdict.checked, verdict.broken) == (7, 2, int(column is not None))
    assert all(finding.where == "place 1" for finding in verdict.findings)


def test_a_count_below_nothing_is_found() -> None:
    rows = table(FUNNEL)
    rows["errors"][0], rows["invalid"][0] = 4, -1
    assert laws.funnel(rows, nowhere).findings[0].allowed == "no count below 0"


def depth(name: str) -> int:
    within = {outcome.name: outcome.within for outcome in COUNTED}
    return 1 + depth(within[name]) if name else 0


COUNTS = {
    "impressions": 10,
    **{outcome.column: 10 - depth(outcome.name) for outcome in COUNTED if not outcome.unit},
    "skips": 1,
}


@pytest.mark.parametrize("column", [None, *(name for name in COUNTS if name != "impressions")])
def test_a_later_count_above_an_earlier_one_is_found(column: str | None) -> None:
    rows = table(COUNTS)
    if column:
        rows[column][1] = 11 if column == "video_starts" else 10
    verdict = laws.nesting(rows, nowhere)
    assert (verdict.law, verdict.broken) == (8, int(column is not None))


def test_an_ad_is_skipped_or_completed() -> None:
    rows = table(COUNTS)
    rows["skips"][1] = 5
    assert laws.nesting(rows, nowhere).broken == 1


@pytest.mark.parametrize(
    ("keys", "value", "allowed"),
    [
        ([1, 2, 3], None, None),
        ([1, 3], "no row", "one row"),
        ([1, 2, 3, 4], "a row", "no row"),
        ([1, 2, 2, 3], "several rows", "one row"),
    ],
)
def test_each_key_has_one_row(keys: list[int], value: str | None, allowed: str | None) -> None:
    verdict = laws.one_row_each(np.array(keys), np.array([1, 2, 3]), nowhere)
    told = [(finding.law, finding.value, finding.allowed) for finding in verdict.findings]
    assert told == ([] if value is None else [(10, value, allowed)])


def test_a_key_of_nobody_is_found() -> None:
    assert laws.keys(np.array([1, 2]), np.array([1, 2, 5]), nowhere).holds
    assert laws.keys(np.array([1, 9]), np.array([1, 2, 5]), nowhere).findings[0].value == 9
    assert laws.keys(np.array([]), np.array([]), nowhere).holds


def test_another_owner_is_found() -> None:
    verdict = laws.equal(11, np.array([1, 2]), np.array([1, 3]), nowhere)
    assert (verdict.law, verdict.findings[0].value, verdict.findings[0].allowed) == (11, 2, "3")


@pytest.mark.parametrize(
    ("value", "over", "under", "holds"),
    [(0.5, 1, 2, True), (np.nan, 1, 0, True), (0.0, 0, 3, True), (0.0, 0, 0, False), (np.nan, 1, 2, False),
     (0.5000001, 1, 2, False), (np.inf, 1, 0, False)],
)  # fmt: skip
def test_a_ratio_is_of_its_sums_or_null(value: float, over: int, under: int, holds: bool) -> None:
    assert laws.ratio(np.array([value]), np.array([over]), np.array([under]), nowhere).holds == holds


def test_headline_figures_are_sums() -> None:
    assert laws.headline({"impressions": 3}, {"impressions": 3}).holds
    verdict = laws.headline({"impressions": 3, "auctions": 1}, {"impressions": 4, "auctions": 1})
    assert (verdict.broken, verdict.findings[0].where) == (1, "the run's impressions")


def test_rows_of_an_unknown_run_are_found() -> None:
    assert laws.known_runs(np.array(["a"]), np.array(["a", "b"]), "performance").holds
    verdict = laws.known_runs(np.array(["a", "c"]), np.array(["a", "b"]), "performance")
    assert (verdict.law, verdict.findings[0].where) == (14, "performance, run c")
