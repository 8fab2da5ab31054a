"""What viewing is expected of a market, before or after its start: what forecasts are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.layout import BREAKS_MOST
from sim.market.conditions import conditions
from sim.market.forecast import Viewed
from sim.market.market import Market
from sim.market.rhythm import hours_of


def viewed(market: Market, salt: int, first: int, last: int, *, scripted: bool) -> Viewed:
    """Return the expected viewing of the hours from *first* to before *last*, with what is *scripted* or not.

    *salt* is that of the weather; hours before the start are negative.
    """
    weeks, _ = market.ordinary.weeks
    back = len(weeks[0].spill) - 1
    found = conditions(market, salt, first - back, last, scripted=scripted)
    column = "due" if market.viewing.exposure == "poisson" else "present"
    made = [getattr(hours_of(week, found), column) for week in weeks]
    return Viewed(np.stack(made, axis=-1), found.week[back:], found.days[back:])


def forecast_of(market: Market, salt: int, hours: int) -> NDArray[np.float64]:
    """Return the market's forecast of so many *hours* from its start, hours × regions × kinds of weeks."""
    coming = viewed(market, salt, 0, hours, scripted=True)
    found = market.forecast.viewing(
        coming, lambda past: viewed(market, salt, -168 * past, 0, scripted=False), salt
    )
    return np.clip(found, 0.0, BREAKS_MOST)
