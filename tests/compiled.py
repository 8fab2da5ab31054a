"""`python -m tests.compiled`: compile what the tests run, once, before several processes would each do it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import paceline
from analysis.forecast.proposal import from_terms
from analysis.forecast.world import previewed, world_of
from scenarios.loader import load

SMALL = {"market.days": 1, "market.population.viewers": 100}
MARKETS = {
    "smoke": {},
    "pods-dynamic": {"market.auction": "first_price"},
    "full": {"market.viewing": {"exposure": "poisson", "breaks_a_day": 10}, "market.auction": {"kind": "soft_floor", "soft_floor_cpm": 9}},
}  # fmt: skip
"""Markets that between them run nearly every compiled loop and price rule, with what is changed in them."""


CAPS = ("day", "stream")
"""Units of caps whose previews between them run every compiled loop of forecasts."""


def main() -> None:
    """Play a small day of each market, and preview the bookings in the first."""
    for name, changes in MARKETS.items():
        paceline.simulate(name, set={**SMALL, **changes}, workers=1)
    paceline.simulate("smoke", set=SMALL, workers=1, events_of="lost:1%")
    with TemporaryDirectory() as folder:
        paceline.simulate(
            "smoke", set=SMALL, workers=1, db=Path(folder, "ads.db"), events=Path(folder, "events")
        )
    loaded = load("smoke", [f"{name}={value}" for name, value in SMALL.items()])
    for unit in CAPS:
        terms = {"max_cpm": 28, "frequency_caps": [{"max_impressions": 1, "unit": unit}]}
        booking = from_terms(terms, loaded.scenario.market, impressions=100)
        previewed(world_of(loaded, booking), booking)


if __name__ == "__main__":
    main()
