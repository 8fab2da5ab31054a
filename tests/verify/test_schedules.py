"""Published schedules are held against what is published, at any size; and a policy that is another fails."""

import pytest

from analysis.verify import run
from sim.pacing.asap import Asap
from sim.pacing.even import Even
from sim.pacing.front_loaded import FrontLoaded

SMALL = 20_000


def test_schedules_pass_at_a_small_size() -> None:
    found = list(run.verify(run.chosen(["schedules"]), SMALL))
    assert len(found) >= 20
    assert [one.row for one in found if not one.row.passes] == []


@pytest.mark.parametrize(("policy", "other"), [(Even, Asap), (FrontLoaded, Even)])
def test_another_policy_does_not_pass_for_it(
    policy: type, other: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = "evenly" if policy is Even else "front-loaded"
    monkeypatch.setattr(policy, "plan", lambda self, now: other().plan(now))
    found = list(run.verify(run.chosen(["schedules", ours]), SMALL))
    assert sum(not one.row.passes for one in found) > len(found) / 2
