"""The scenario that a command is asked for, and what is said on stderr of the settings over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.loader import Loaded
    from sim.cli.options import Output


def asked(scenario: str, settings: Sequence[str], output: Output, *more: str) -> Loaded:
    """Return a scenario with every `PATH=VALUE` of *settings*, those of `--set`, and of *more* over it.

    Whom a glob met is told, and which setting changes nothing.
    """
    from scenarios.loader import load
    from scenarios.terms import told
    from scenarios.unchanged import unchanged

    loaded = load(scenario, [*settings, *more])
    for line in told(loaded.met):
        output.note(line)
    for setting in unchanged(scenario, settings):
        output.warn(f"--set {setting}: changes nothing; the value is that already")
    return loaded
