"""What every test shares: examples that do not depend on time, and an environment of their own."""

import gc
import os
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import simpy
import typer.testing
from hypothesis import HealthCheck, settings

from tests import postgres as servers

# Each of the processes that share the tests has one core; Polars asks when it is imported.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

# No test depends on how fast the machine is, and every run of the tests draws the same examples.
settings.register_profile(
    "paceline", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("paceline")

# Typer would build the whole command anew, with all its subcommands, for each command line of a test.
typer.testing._get_command = cache(typer.testing._get_command)


TESTS = Path(__file__).parent
UNTRACED = (
    "engine/test_pacing_curves.py", "engine/test_published_schedules.py", "engine/test_steered_bids.py",
    "property/test_law_book.py", "property/test_pod_choice.py", "property/test_tick_invariance.py",
    "property/test_tick_laws.py", "property/test_viewing_laws.py", "property/test_whole_runs.py",
    "unit/analysis/test_hindsight.py", "unit/analysis/test_replay_published.py", "unit/entities/test_every_version.py",
    "unit/entities/test_messages.py",
    "architecture", "corpus", "determinism", "docs/test_pages.py", "equivalence", "faults", "golden", "laws", "market",
    "statistical", "studies",
)  # fmt: skip
"""Tests of many cases or long markets, whose lines the others reach. Traced they would take twice as long."""
TRACED_MARKETS = TESTS / "engine"
"""The folder of tests of what happens while a market is set up and runs; elsewhere tracing pauses for so long."""


_tracers: list[Any] = []
"""Those of coverage, where it measures: of this thread and of others."""


def pytest_xdist_auto_num_workers() -> int:
    # Many tests wait for processes, servers and disks: for half as many again as there are processors.
    return 3 * (os.cpu_count() or 2) // 2


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    # What pytest does around a test is not measured. Coverage has begun by now; it has not when this file is read.
    _tracers[:] = sys.gettrace(), threading.gettrace()
    # All tests and what they import stay to the end: to look for garbage among so many objects takes half a second.
    gc.freeze()
    gc.set_threshold(50_000)
    with _tracing(None, None):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    with _measured(pyfuncitem.path):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, object, object]:
    with _measured(request.node.path):
        return (yield)


@cache
def _is_traced(path: Path) -> bool:
    return not any(path.is_relative_to(TESTS / each) for each in UNTRACED)


@contextmanager
def _measured(path: Path) -> Iterator[None]:
    # The mark no_cover would do, were it heard in the processes of xdist.
    if not any(_tracers) or not _is_traced(path):
        yield
        return
    with ExitStack() as stack:
        if not path.is_relative_to(TRACED_MARKETS):
            from sim.engine.setup import Setup  # not above: coverage begins after this file is read

            for kind, name in ((Setup, "__init__"), (simpy.Environment, "run")):
                stack.enter_context(patch.object(kind, name, _tracing(None, None)(getattr(kind, name))))
        stack.enter_context(_tracing(*_tracers))
        yield


@contextmanager
def _tracing(this: Any, others: Any) -> Iterator[None]:
    before = sys.gettrace(), threading.gettrace()
    sys.settrace(this)
    threading.settrace(others)
    try:
        yield
    finally:
        sys.settrace(before[0])
        threading.settrace(before[1])


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DB", "SEED", "SCENARIO", "WORKERS", "EVENTS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def server() -> Iterator[servers.Server]:
    """Return a server of PostgreSQL; without one the test is skipped, or an error where one is required."""
    yield from servers.serve()


@pytest.fixture
def postgres(server: servers.Server) -> Iterator[str]:
    """Return the name of an empty database on the server."""
    yield from servers.databases(server)


@pytest.fixture(scope="session")
def tables(server: servers.Server) -> Iterator[str]:
    """Return the name of a database on the server that has our tables, and is there to be copied."""
    from entities import registry  # not above: coverage begins after this file is read

    name = server.create()
    registry.init_db(registry.make_engine(server.url(name)))
    yield name
    server.drop(name)


@pytest.fixture
def copies(server: servers.Server) -> Iterator[Callable[[str], str]]:
    """Return what copies a database on the server; the copies are the test's own."""
    made: list[tuple[str, str]] = []

    def copy(template: str) -> str:
        made.append((server.taken(template), template))
        return made[-1][0]

    yield copy
    for name, template in made:
        server.give_back(name, template)


@pytest.fixture
def with_tables(server: servers.Server, tables: str) -> Iterator[str]:
    """Return the name of a database on the server that has our tables and no rows."""
    yield from servers.databases(server, tables)
