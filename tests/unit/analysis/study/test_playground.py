"""Two arms played live: the same terms come to the same, and what differs is told with its interval."""

from __future__ import annotations

import polars as pl
import pytest

from analysis.study import playground
from analysis.study import playground_charts as charts
from analysis.study.playground import Terms, duel
from analysis.study.wording import spoken


def test_the_same_terms_come_to_the_same() -> None:
    found = duel(Terms(), Terms(), 2)
    assert {each.apart.mean for each in found.differences} == {0.0}
    assert charts.told(found) == "A and B are asked the same, and come to the same."


def test_less_budget_buys_less_and_is_told() -> None:
    found = duel(Terms(), Terms(budget=20), 2)
    ends = found.courses.filter(hour=48).group_by("arm").agg(pl.col("spent").mean()).sort("arm")
    assert ends["spent"].to_list() == pytest.approx([50, 20], abs=0.5)
    assert found.courses.height == 2 * 2 * 48
    told = charts.told(found)
    assert told.startswith("Against A, B changes ")
    assert all(spoken(each.metric) in told for each in found.differences)
    assert "impressions by −" in told
    figure = charts.differences(found)
    assert len(figure.panels) == len(found.differences)
    assert charts.courses(found).finding.startswith("By the last hour A has spent $")


def test_every_control_reaches_the_market() -> None:
    base = duel(Terms(), Terms(), 2).courses
    for other in (
        Terms(policy="asap"),
        Terms(cap=1),
        Terms(budget=60),
        Terms(floor=14),
        Terms(weather="none"),
    ):
        changed = duel(Terms(), other, 2).courses.filter(arm="B")["spent"]
        assert changed.to_list() != base.filter(arm="B")["spent"].to_list(), other


def test_what_was_played_is_not_played_again(monkeypatch: pytest.MonkeyPatch) -> None:
    duel(Terms(), Terms(budget=20), 2)
    monkeypatch.setattr(playground, "play", lambda *_: pytest.fail("it was played again"))
    duel(Terms(), Terms(budget=20), 2)


def test_one_seed_has_no_interval() -> None:
    found = duel(Terms(), Terms(budget=20), 1)
    assert found.differences == ()
    figure = charts.differences(found)
    assert "Two seeds or more" in figure.finding
    assert not figure.panels


def test_the_choices_are_those_of_the_families() -> None:
    assert {"even", "pid"} <= set(playground.policies())
    assert set(playground.weathers()) == {"daily", "none"}
