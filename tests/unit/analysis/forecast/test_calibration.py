"""Calibration: random bookings, held against a seed that their forecasts did not see."""

from __future__ import annotations

import re

import pytest

from analysis.forecast.calibration import BOOKINGS, PAGE, Checked, checked, page, scores
from analysis.forecast.simulated import tries_on
from tests.unit.analysis.forecast.small import SMALL

FEW = 24
MARKET = (*SMALL, "market.population.viewers=1500")


def test_forecasts_are_better_than_the_base_rate_and_not_biased() -> None:
    with tries_on(1) as tries:
        found = list(checked(MARKET, FEW, 3, tries))
    score = scores(found)
    assert 0.2 < sum(one.full for one in found) / FEW < 0.8  # or there were little to forecast
    assert score.gain > 3 * score.gain_error
    # As many are delivered in full as were said to be, within three standard errors of so many.
    said = [one.probability for one in found]
    off = sum(one.full for one in found) - sum(said)
    assert abs(off) <= 3 * sum(p * (1 - p) for p in said) ** 0.5


def test_scores_are_those_of_brier() -> None:
    found = [Checked(9, 9, True), Checked(0, 9, False), Checked(9, 9, False), Checked(0, 9, False)]
    assert [one.probability for one in found] == pytest.approx([0.95, 0.05, 0.95, 0.05])
    score = scores(found)
    assert score.brier == pytest.approx((3 * 0.05**2 + 0.95**2) / 4)
    assert score.base == pytest.approx(0.25 * 0.75)
    assert score.gain == pytest.approx(score.base - score.brier)


def test_a_page_has_a_row_for_each_probability_that_was_said() -> None:
    found = [Checked(9, 9, True)] * 4 + [Checked(0, 9, False)] * 3 + [Checked(0, 9, True)]
    told = page(found)
    assert "| 0 to 20 % | 4 | 5.0 % | 25.0 % |" in told
    assert "| 80 to 100 % | 4 | 95.0 % | 100.0 % |" in told


def test_the_page_is_of_the_whole_calibration_and_better_than_the_base_rate() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"{BOOKINGS} random bookings" in text
    assert (
        sum(int(many) for many in re.findall(r"^\| \d+ to \d+ % \| (\d+) \|", text, re.MULTILINE))
        >= BOOKINGS - 5
    )
    found = re.search(r"Brier score is ([\d.]+)\..*?has ([\d.]+):", text, re.DOTALL)
    assert found
    brier, base = map(float, found.groups())
    assert brier < base
