"""The scenario that a command is asked for, and what is said on stderr of the settings over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from entities.messages import quoted

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from scenarios.loader import Loaded
    from sim.cli.options import Output


def asked(
    scenario: str, settings: Sequence[str], output: Output, *more: str, engine: Engine | None = None
) -> Loaded:
    """Return a scenario with every `PATH=VALUE` of *settings*, those of `--set`, and of *more* over it.

    With an *engine* they reach what its registry has besides. Whom a glob met is told, and which setting
    changes nothing.
    """
    from scenarios.loader import load
    from scenarios.terms import told
    from scenarios.unchanged import unchanged

    there = []
    if engine is not None:
        from analysis.booking.registered import registered

        there = registered(engine, settings)
    loaded = load(scenario, [*settings, *more], registry=there)
    for line in told(loaded.met):
        output.note(line)
    for path in loaded.joined:
        output.note(f"campaign {quoted(path)} of the registry has these terms in this run alone")
    for setting in unchanged(scenario, settings, there):
        output.warn(f"--set {setting}: changes nothing; the value is that already")
    return loaded
