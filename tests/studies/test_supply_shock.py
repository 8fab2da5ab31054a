"""Study `supply-shock`: what is spent before an outage is not lost to it."""

from __future__ import annotations

from itertools import pairwise

from tests.studies.played import played


def test_the_later_a_policy_spends_the_more_it_loses_to_a_late_outage() -> None:
    # The outage leaves everything before it as it is. asap has spent its budget by then; the others lose what
    # they meant to spend in its hours: 40 % early and then less, 5 % ahead, or with the evening's traffic.
    order = ("asap", "front_loaded", "even", "traffic_shaped")
    arms = [f"{one}, {day}" for one in order for day in ("as ever", "outage")]
    found = played("supply-shock", 2, arms=arms)
    lost = [found[f"{one}, as ever"]["delivery"] - found[f"{one}, outage"]["delivery"] for one in order]
    assert (lost[0] == 0).all()
    for less, more in pairwise(lost):
        assert (less < more).all()
