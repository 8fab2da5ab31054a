"""What every test shares: examples that do not depend on time, and an environment of their own."""

import sys
import threading
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.testing
from hypothesis import HealthCheck, settings

# No test depends on how fast the machine is, and every run of the tests draws the same examples.
settings.register_profile(
    "paceline", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("paceline")

# Typer would build the whole command anew, with all its subcommands, for each command line of a test.
typer.testing._get_command = cache(typer.testing._get_command)


UNTRACED = (
    "determinism", "engine", "equivalence", "faults", "golden", "market", "property", "statistical",
)  # fmt: skip
"""Folders of tests that play markets, for which tracing takes half as long again, and that reach no line that
the others do not reach."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    # The mark no_cover would do, were it heard in the processes of xdist.
    tracers = sys.gettrace(), threading.gettrace()
    if item.path.relative_to(Path(__file__).parent).parts[0] in UNTRACED:
        _trace(None, None)
    try:
        return (yield)
    finally:
        _trace(*tracers)


def _trace(this: Any, threads: Any) -> None:
    sys.settrace(this)
    threading.settrace(threads)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DB", "SEED", "SCENARIO", "WORKERS", "EVENTS"):
        monkeypatch.delenv(name, raising=False)
