"""Study `forecast-errors`: a plan for traffic that does not come is not delivered."""

from __future__ import annotations

from tests.studies.played import played


def test_a_wrong_forecast_delivers_less() -> None:
    # An hour delivers min(goal, supply). Goals in proportion to supply deliver all that fits into it; any others
    # leave some behind, and the min is concave: the more they err, the less comes of it (Jensen). What is missed
    # early rolls over, so that a seed whose last day was planned too small loses nothing.
    found = played("forecast-errors", 4, arms=("perfect", "error 0.4", "error 1.6"))
    perfect, wrong, worst = (arm["delivery"] for arm in found.values())
    assert (perfect > 0.99).all()
    assert (worst < perfect + 0.001).all()
    assert perfect.mean() > worst.mean() < wrong.mean()
