"""Workers that are processes of this machine: each hosts one thing, and is told what to do over a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from multiprocessing.connection import Pipe
from threading import Lock, Thread
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sim.engine.executors import Executor, Host, WorkerLost
from sim.engine.executors.messages import answered, asking

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")


class Processes(Executor):
    """Processes of Python, each with an interpreter of its own.

    They are started as commands: nothing of the calling program runs in them but what they are sent.
    """

    remote = True

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._hosts: list[_Process[Any]] = []

    @property
    def sites(self) -> int:
        """Return one for each process."""
        return self.workers

    @property
    def pids(self) -> list[int]:
        """Return the ids of all processes that were started."""
        return [host.pid for host in self._hosts]

    def host(self, make: Callable[[], T]) -> Host[T]:
        """Return what a new process makes."""
        host = _Process(make)
        self._hosts.append(host)
        return host

    def __exit__(self, *_: object) -> None:
        for host in self._hosts:
            host.end()


class _Process(Host[T], Generic[T]):
    def __init__(self, make: Callable[[], T]) -> None:
        self._pipe, other = Pipe()
        # Modules are found where this process finds them; one thread of Polars for each process will do.
        found = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "POLARS_MAX_THREADS": "1"}
        with other:
            self._process = subprocess.Popen(  # noqa: S603 - Python, and a module of ours
                [sys.executable, "-m", "sim.engine.executors.process", str(other.fileno())],
                env=os.environ | found,
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self.pid = self._process.pid
        self._lock, self._lost = Lock(), False
        self._waiting: deque[Future[bytes]] = deque()
        """Of the calls that are not answered."""
        # Answers are read at once, so that no process waits for the other to listen.
        self._reader = Thread(target=self._read, name="answers", daemon=True)
        self._reader.start()
        self._send(asking(make, (), {}))

    def begin(
        self, method: Callable[Concatenate[T, P], R], *given: P.args, **named: P.kwargs
    ) -> Callable[[], R]:
        return partial(_result, self._send(asking(method, given, named)))

    def _send(self, message: bytes) -> Future[bytes]:
        future: Future[bytes] = Future()
        with self._lock:
            self._waiting.append(future)
            lost = self._lost
        try:
            if not lost:
                self._pipe.send_bytes(message)
        except OSError:
            lost = True
        if lost:
            self._lose()
        return future

    def _read(self) -> None:
        try:
            while True:
                answer = self._pipe.recv_bytes()
                self._waiting.popleft().set_result(answer)
        except (OSError, EOFError):
            self._lose()

    def _lose(self) -> None:
        with self._lock:
            self._lost = True
            waiting, self._waiting = self._waiting, deque()
        for future in waiting:
            future.set_exception(WorkerLost())

    def end(self) -> None:
        """Let the process go, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._pipe.close()


def _result(future: Future[bytes]) -> Any:
    return answered(future.result())
