"""Study `ticks`: who corrects more often keeps its course."""

from __future__ import annotations

import pytest

from tests.studies.played import played


@pytest.mark.parametrize("policy", ["throttling", "mystique", "pid"])
def test_a_policy_keeps_its_course_better_by_the_minute_than_by_the_hour(policy: str) -> None:
    # A correction has the same size whatever the time between two, so sixty times as many follow sixty times
    # as fast: throttling's 24.2 windows from a tenth to one are a day of hours, or 24 minutes (Agarwal et al.,
    # KDD 2014, windows of a minute).
    terms = {"market.days": 1}
    hours, minutes = played("ticks", 1, arms=[f"{policy}, 60 min", f"{policy}, 1 min"], terms=terms).values()
    assert (minutes["uneven_hours"] < hours["uneven_hours"]).all()
