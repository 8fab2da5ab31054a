"""The catalogue is whole, and verdicts add up and stay short."""

from __future__ import annotations

import numpy as np
import pytest

from sim import laws
from tests.unit.laws.market import nowhere


def test_laws_are_numbered_and_told_apart() -> None:
    assert list(laws.LAWS) == list(range(1, len(laws.LAWS) + 1))
    assert all(law.number == number and law.name and law.text for number, law in laws.LAWS.items())
    assert len({law.name for law in laws.LAWS.values()}) == len(laws.LAWS)


def test_a_verdict_keeps_the_first_findings_and_counts_all() -> None:
    values = np.arange(100)
    verdict = laws.at_most(2, values, np.full(100, 29), nowhere)
    assert (verdict.checked, verdict.broken, len(verdict.findings)) == (100, 70, laws.LIMIT)
    assert verdict.findings[0] == laws.Finding(2, "place 30", 30, "at most 29")
    twice = verdict + verdict
    assert (twice.checked, twice.broken, len(twice.findings)) == (200, 140, laws.LIMIT)
    assert not twice.holds


def test_verdicts_on_different_laws_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="laws 1 and 2"):
        laws.Verdict(1, 1) + laws.Verdict(2, 1)


def test_equal_tells_both_numbers() -> None:
    verdict = laws.equal(7, np.array([1, 2]), np.array([1, 3]), nowhere)
    assert verdict.findings == (laws.Finding(7, "place 1", 2, "3"),)
