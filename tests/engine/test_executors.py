"""Wherever sites live, a run is the same to the last byte, also when workers are lost in the middle of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from entities.errors import InputError
from sim.engine.executors import Executor, Host, WorkerLost
from sim.engine.executors.chosen import Chosen
from sim.engine.executors.here import here
from sim.engine.executors.processes import Processes
from sim.engine.lasting import PAUSES_S
from sim.engine.run import RunResult, Simulation
from sim.engine.setup import Setup
from sim.events import Hour
from tests.bookings import book, market
from tests.engine.test_kept import MARKETS, Shelf, assert_same_hours, campaigns


def played(executor: Executor, keeper: Shelf | None = None, **rules: Any) -> tuple[RunResult, list[Hour]]:
    """Return what came of a run, and the hours that it handed out."""
    hours: list[Hour] = []
    where = market(days=2, shards=4, **rules)
    with executor:
        setup = Setup(where, book(campaigns(), where), 7)
        return Simulation(setup, hours.append, executor, keeper=keeper).run(), hours


class Mortal(Executor):
    """Another executor, whose workers are lost at some of their calls."""

    remote = True

    def __init__(self, inner: Executor, dies: dict[str, set[int]], kill: Callable[[Host[Any]], None]) -> None:
        self.workers, self._inner, self._dies, self._kill = inner.workers, inner, dies, kill
        self.calls: Counter[str] = Counter()
        self.lost = 0

    @property
    def sites(self) -> int:
        return self._inner.sites

    def host(self, make: Callable[[], Any]) -> Host[Any]:
        return MortalHost(self, self._inner.host(make))

    def met(self, name: str, host: Host[Any]) -> None:
        """Kill the worker if it is time."""
        self.calls[name] += 1
        if self.calls[name] in self._dies.get(name, ()):
            self.lost += 1
            self._kill(host)

    def __exit__(self, *error: object) -> None:
        self._inner.__exit__(*error)


class MortalHost(Host[Any]):
    def __init__(self, owner: Mortal, inner: Host[Any]) -> None:
        self._owner, self._inner = owner, inner

    def begin(self, method: Any, *given: Any, **named: Any) -> Callable[[], Any]:
        begun = self._inner.begin(method, *given, **named)
        self._owner.met(method.__name__, self._inner)
        return begun


def killed(host: Any) -> None:
    os.kill(host.pid, signal.SIGKILL)


def doomed(dies: dict[str, set[int]]) -> Chosen:
    """Return processes of which some are killed, at those of their calls."""

    class Doomed(Chosen):
        def workers(self, count: int) -> Mortal:
            return Mortal(Processes(count), dies, killed)

    return Doomed("processes")


MOMENTS = {"foresee": {1, 30}, "play": {4, 5, 70}, "close": {2, 9}, "keep": {2}}


@pytest.mark.parametrize("name", ["short ticks, late spend", "identity", "conversions"])
def test_processes_do_what_threads_do(name: str) -> None:
    ref, hours = played(here(), **MARKETS[name])
    comp, same = played(Processes(2), **MARKETS[name])
    assert comp == ref
    assert_same_hours(hours, same)


def test_a_run_outlives_its_processes() -> None:
    ref, hours = played(here())
    mortal, shelf = Mortal(Processes(2), MOMENTS, killed), Shelf({13, 30})
    comp, same = played(mortal, shelf)
    assert mortal.lost == sum(map(len, MOMENTS.values()))
    assert comp == ref
    assert_same_hours(hours, same)
    # What was kept meanwhile is what a thread would have kept.
    rest, later = played(here(), Shelf(set(), shelf.found[30]))
    assert rest == ref
    assert_same_hours(hours[30:], later)


def test_a_run_goes_on_in_processes_and_outlives_them() -> None:
    ref, hours = played(here(), shelf := Shelf({20}))
    mortal = Mortal(Processes(1), {"play": {2}}, killed)
    comp, rest = played(mortal, Shelf(set(), shelf.found[20]))
    assert mortal.lost == 1
    assert comp == ref
    assert_same_hours(hours[20:], rest)


def test_sites_are_eased_of_what_they_were_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.engine.supply.MOST_TOLD", 10_000)
    ref, hours = played(here())
    mortal = Mortal(Processes(2), {"play": {60}}, killed)
    comp, same = played(mortal)
    assert mortal.calls["keep"] > 4
    assert mortal.calls["play"] < 96 + 60 / 4, "all was played again"
    assert comp == ref
    assert_same_hours(hours, same)


def always(host: Any) -> None:
    killed(host)


def test_a_market_that_kills_every_worker_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.engine.lasting.PAUSES_S", (0.0,) * len(PAUSES_S))
    mortal = Mortal(Processes(1), {"play": set(range(3, 100))}, always)
    with pytest.raises(WorkerLost, match=f"{len(PAUSES_S)} workers were lost"):
        played(mortal)


class Broken:
    """Something that fails, as nothing of the market should."""

    def fail(self, text: str) -> None:
        raise ValueError(text)

    def answer(self) -> int:
        return 42


@pytest.mark.parametrize("executor", [here, lambda: here(2), lambda: Processes(1)])
def test_what_a_call_raised_is_raised_where_its_result_is_asked_for(executor: Any) -> None:
    with executor() as workers:
        host = workers.host(Broken)
        assert host.begin(Broken.answer)() == 42
        failed = host.begin(Broken.fail, "of a sort")
        with pytest.raises(ValueError, match="of a sort"):
            failed()


@pytest.mark.parametrize("executor", [lambda: here(2), lambda: Processes(1)])
def test_what_nobody_asked_for_is_raised_by_the_next_result(executor: Any) -> None:
    with executor() as workers:
        host = workers.host(Broken)
        host.begin(Broken.fail, "of a sort")
        with pytest.raises(ValueError, match="of a sort"):
            host.begin(Broken.answer)()


def test_a_site_with_much_to_do_holds_no_other_up() -> None:
    over = Event()
    with here(2) as threads:
        busy, other = threads.host(Broken), threads.host(Broken)
        first = busy.begin(lambda _: over.wait(60))
        queued = busy.begin(Broken.answer)
        assert other.begin(Broken.answer)() == 42
        over.set()
        assert first()
        assert queued() == 42


def test_threads_leave_the_wait_for_the_lock_as_they_found_it() -> None:
    before, wait = sys.getswitchinterval(), 0.004
    try:
        sys.setswitchinterval(wait)
        with here():
            assert sys.getswitchinterval() == wait
        one, other = here(2), here(2)
        with ExitStack() as last:
            with one:
                shorter = sys.getswitchinterval()
                last.enter_context(other)
            assert sys.getswitchinterval() == shorter < wait  # for the other goes on
        assert sys.getswitchinterval() == wait
        with pytest.raises(KeyboardInterrupt), here(2):
            raise KeyboardInterrupt
        assert sys.getswitchinterval() == wait
    finally:
        sys.setswitchinterval(before)


def test_what_cannot_be_sent_is_said() -> None:
    with (
        Processes(1) as workers,
        pytest.raises(InputError, match="must be in a module that workers can import"),
    ):
        workers.host(lambda: 1)


def test_no_process_is_left() -> None:
    with Processes(2) as workers:
        for _ in range(2):
            workers.host(Broken).begin(Broken.answer)()
        pids = workers.pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


HOSTING = """
import time
from sim.engine.executors.processes import Processes
with Processes(2) as workers:
    for _ in range(2):
        workers.host(list).begin(list.copy)()
    print(*workers.pids, flush=True)
    time.sleep(600)
"""


def test_processes_go_with_the_one_that_began_them() -> None:
    with subprocess.Popen([sys.executable, "-c", HOSTING], stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout
        pids = [int(pid) for pid in driver.stdout.readline().split()]
        assert len(pids) == 2
        driver.kill()
    deadline = time.monotonic() + 60
    while any(map(lives, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(lives, pids))


def lives(pid: int) -> bool:
    """Return whether there is such a process, and it has not ended."""
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
