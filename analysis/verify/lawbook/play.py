"""Random markets played in memory: the scenario booked as the registry would, run, and kept hour by hour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.booking.books import book_listings
from analysis.runs.played import PlayedRun, play_in_memory
from scenarios.models import Scenario
from sim import kernels
from sim.engine.traffic import Loops


def play(scenario: Mapping[str, Any] | Scenario, loops: Loops = kernels, workers: int = 1) -> PlayedRun:
    """Return what came of *scenario*; InputError or ValidationError where it cannot be booked.

    With *loops* it runs on the compiled kernels, or on `sim.reference`.
    """
    checked = scenario if isinstance(scenario, Scenario) else Scenario.model_validate(scenario)
    book = book_listings(checked.campaigns, checked.market)
    return play_in_memory(checked, book, loops=loops, workers=workers)
