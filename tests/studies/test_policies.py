"""Study `policies`: under a budget, lowering every bid buys more than leaving auctions out."""

from __future__ import annotations

from tests.studies.played import played

RATIONED = ("even", "traffic_shaped", "asap")
STEERED = ("pid", "adaptive", "dual_mirror_descent", "pace")


def test_policies_that_lower_the_bid_win_more_for_the_money() -> None:
    # A budget is spent best at one multiplier for all slots: the slots that are worth most for their price are
    # won (Balseiro, Besbes and Weintraub, Management Science 61(4), 2015). Rationing takes any slot instead.
    arms = played("policies", 2, arms=(*RATIONED, *STEERED))
    for steered in STEERED:
        for rationed in RATIONED:
            assert (arms[steered]["value_for_money"] > arms[rationed]["value_for_money"]).all()
            assert (arms[steered]["ecpm"] < arms[rationed]["ecpm"]).all()


def test_so_it_is_at_ticks_of_a_minute() -> None:
    even, mystique = "even at 1 minute", "mystique at 1 minute"
    arms = played("policies", 1, arms=(even, mystique))
    assert (arms[mystique]["value_for_money"] > arms[even]["value_for_money"]).all()
    assert (arms[mystique]["ecpm"] < arms[even]["ecpm"]).all()
