"""A commented scenario to start from, which loads and runs as it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from string import Template

from scenarios.models import Scenario
from sim.market.market import Market

DAYS = 3


def starter(name: str, schema: str, file: str) -> str:
    """Return the text of a scenario for *file*; *schema* is where an editor finds its JSON Schema."""
    market = Market()
    return Template(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")).substitute(
        schema=schema,
        name=name,
        file=file,
        seed=Scenario.model_fields["seed"].default,
        start=market.start,
        end=market.start + timedelta(days=DAYS - 1),
        second=market.start + timedelta(days=1),
        timezone=market.timezone,
        days=DAYS,
        tick=market.tick_minutes,
        floor=market.floors.cpm,
    )
