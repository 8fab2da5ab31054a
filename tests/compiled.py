"""`python -m tests.compiled`: compile what the tests run, once, before several processes would each do it."""

from __future__ import annotations

import paceline

SMALL = {"market.days": 1, "market.population.viewers": 100}
MARKETS = {
    "smoke": {},
    "pods-dynamic": {"market.auction": "first_price"},
    "full": {"market.viewing": {"exposure": "poisson", "breaks_a_day": 10}, "market.auction": {"kind": "soft_floor", "soft_floor_cpm": 9}},
}  # fmt: skip
"""Markets that between them run every compiled loop and price rule, with what is changed in them."""


def main() -> None:
    """Play a small day of each market."""
    for name, changes in MARKETS.items():
        paceline.simulate(name, set={**SMALL, **changes}, workers=1)


if __name__ == "__main__":
    main()
