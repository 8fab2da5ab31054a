"""Study `regret`: what a policy loses by not knowing the future."""

from __future__ import annotations

from tests.studies.played import played

RATIONED = ("even", "asap")
STEERED = ("pid", "adaptive", "dual_mirror_descent", "water_level")


def test_one_multiplier_for_all_slots_comes_near_the_best_and_rationing_does_not() -> None:
    # Under second price a budget is spent best at one multiplier (Balseiro and Gur, Management Science 65(9), 2019),
    # so that who learns it misses less than who takes any slot. Nobody does better than the best.
    arms = played("regret", 2, arms=(*RATIONED, *STEERED))
    for rationed in RATIONED:
        for steered in STEERED:
            assert (arms[steered]["regret"] >= 0).all()
            assert (2 * arms[steered]["regret"] < arms[rationed]["regret"]).all()
