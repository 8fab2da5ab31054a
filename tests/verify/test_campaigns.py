"""One controller for a campaign does what theory says of one multiplier; line items by themselves do not."""

from __future__ import annotations

from typing import Any

import pytest

from analysis.runs.played import PlayedRun
from analysis.verify import run
from analysis.verify.subjects import campaigns
from analysis.verify.theory import campaigns as theory
from analysis.verify.theory.campaigns import Part

AUCTIONS = 60_000


def test_every_row_passes_at_a_small_size_too() -> None:
    checks = [check for check in run.chosen(["campaigns"]) if check.subject.name == "campaigns"]
    found = list(run.verify(checks, AUCTIONS))
    assert len(found) == 15
    assert [one.row for one in found if not one.row.passes] == []


def test_a_budget_that_is_divided_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    play = campaigns._play

    def divided(size: int, worth: Any, of_campaign: dict[str, Any], of_items: dict[str, Any]) -> PlayedRun:
        # Each line item paces itself, within what its campaign gives it.
        pacing = {"pacing": "adaptive"} if of_campaign else {}
        terms = {name: value for name, value in of_campaign.items() if name != "pacing"}
        return play(size, worth, terms, {**of_items, **pacing})

    monkeypatch.setattr(campaigns, "_play", divided)
    rows = {row.name: row for row in campaigns._one_multiplier(4 * AUCTIONS, 1.0, 0.5)}
    assert not rows["multipliers, how far apart at most"].passes
    assert not rows["share of the spend on TV"].passes
    assert rows["spent of the budget"].passes


@pytest.mark.parametrize("worth", [(1.0, 0.5), (0.3, 0.9), (0.7, 0.7)])
def test_no_division_buys_more_than_one_multiplier(worth: tuple[float, float]) -> None:
    parts = [Part(1000, worth[0]), Part(3000, worth[1])]
    budget = 50.0
    whole = theory.value(budget, parts)
    assert sum(theory.spends(theory.multiplier(budget, parts), parts)) == pytest.approx(budget)
    for share in range(1, 100):
        divided = theory.value(budget * share / 100, parts[:1]) + theory.value(
            budget * (1 - share / 100), parts[1:]
        )
        assert divided <= whole * (1 + 1e-12)
    assert theory.halved(budget, parts) <= whole
