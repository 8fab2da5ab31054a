"""What every test shares: examples that do not depend on time, and an environment of their own."""

import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test depends on how fast the machine is, and every run of the tests draws the same examples.
settings.register_profile(
    "paceline", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("paceline")


UNTRACED = (
    "determinism", "engine", "equivalence", "faults", "golden", "market", "property", "statistical", "verify",
)  # fmt: skip
"""Folders of tests that play markets, for which tracing takes half as long again, and that reach no line that
the others do not reach."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    # The mark no_cover would do, were it heard in the processes of xdist.
    tracer = sys.gettrace()
    if item.path.relative_to(Path(__file__).parent).parts[0] in UNTRACED:
        sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DB", "SEED", "SCENARIO", "WORKERS", "EVENTS"):
        monkeypatch.delenv(name, raising=False)
