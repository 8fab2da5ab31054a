"""A small world for forecasts, and what is asked in it."""

from __future__ import annotations

from typing import Any

from analysis.forecast.proposal import from_terms
from analysis.forecast.simulated import Asked
from analysis.forecast.world import world_of
from scenarios.loader import load

SMALL = (
    "market.days=1",
    "market.population.viewers=300",
    "market.shards=1",
    "market.forecast=perfect",
    "market.ambient=log_normal",
    "line_item[*].bidding=fixed_cpm",
)
"""Over `smoke`: a replication takes a twentieth of a second."""


def asked(impressions: int, seeds: int = 8, **terms: Any) -> Asked:
    """Return a request for so many impressions at a CPM of 28, or other *terms*."""
    loaded = load("smoke", SMALL)
    proposal = from_terms({"max_cpm": 28, **terms}, loaded.scenario.market, impressions)
    return Asked(world_of(loaded, proposal), proposal, seeds)
