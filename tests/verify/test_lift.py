"""The rows of lift pass at a small size, and fail where what is planted is not what happens."""

from __future__ import annotations

import pytest

from analysis.verify import run
from analysis.verify.subjects import lift
from analysis.verify.theory.lift import Experiment


def test_every_row_passes_at_a_small_size() -> None:
    found = list(run.verify(run.chosen(["cause and effect"]), 100_000))
    assert all(one.row.passes for one in found), [one.row for one in found if not one.row.passes]


def test_another_effect_than_the_planted_one_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Experiment, "lift", lambda *_: 0.2)
    rows = {row.name: row for row in lift.lift.checks[1].measure(100_000)}
    assert not rows["lift, ghost"].passes
    assert not rows["intervals that cover it, ghost"].passes
