"""Workers of a Ray cluster: each hosts one thing in an actor, on whatever machine has room."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from entities.errors import InputError, PacelineError
from entities.messages import quoted
from sim.engine.executors import Executor, Host, WorkerLost
from sim.engine.executors.messages import Answers, answered, asking

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")

LIBRARIES = ("paceline", "numpy", "numba", "polars")
"""Of which workers must have the same versions, so that they come to the same bytes."""
PATIENCE_S = 10.0
"""How long a cluster may take to answer at all."""
_SETTINGS = b"\x04"
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0" + _SETTINGS + b"\0\0\0\0\0"
"""How HTTP/2 begins, and an empty frame of settings (RFC 9113, sections 3.4 and 6.5)."""
LOCAL = "local"
"""The address of a cluster of this machine's own, which ends with the run."""
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
"""Hosts in whose place Ray takes this machine's address in its network."""


class Cluster(Executor):
    """Actors of Ray, which is told never to restart them: a site that is lost is made anew by its run."""

    remote = True

    def __init__(self, workers: int, address: str = LOCAL) -> None:
        """Join the cluster at *address*, that of its head or of its client server, or begin a LOCAL one.

        InputError without Ray, or where no cluster is at that address.
        """
        try:
            import ray  # noqa: PLC0415 - an extra, and slow to load: only who plays on a cluster needs it
        except ImportError:
            raise InputError("executor ray: needs Ray; pip install 'paceline[cluster]'") from None
        self.workers, self._ray = workers, ray
        self._joined = not ray.is_initialized()
        if self._joined:
            _join(ray, address)
        found = {
            "env_vars": {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "POLARS_MAX_THREADS": "1"}
        }
        # No processor is reserved: those that are left take what a lost machine had.
        options = {"num_cpus": 0, "max_restarts": 0, "max_task_retries": 0, "scheduling_strategy": "SPREAD"}
        self._actor = ray.remote(_Actor).options(**options, runtime_env=found)

    @property
    def sites(self) -> int:
        """Return one for each worker."""
        return self.workers

    def host(self, make: Callable[[], T]) -> Host[T]:
        """Return what a new actor makes."""
        return _Hosted(self._ray, self._actor.remote(), make)

    def __exit__(self, *_: object) -> None:
        if self._joined:
            self._ray.shutdown()


class _Actor:
    def __init__(self) -> None:
        self._answers = Answers()

    def answer(self, message: bytes) -> bytes:
        return self._answers(message)

    def versions(self) -> dict[str, str]:
        return versions()


class _Hosted(Host[T], Generic[T]):
    def __init__(self, ray: Any, actor: Any, make: Callable[[], T]) -> None:
        self._ray, self.actor = ray, actor
        self._versions = actor.versions.remote()
        actor.answer.remote(asking(make, (), {}))

    def begin(
        self, method: Callable[Concatenate[T, P], R], *given: P.args, **named: P.kwargs
    ) -> Callable[[], R]:
        return partial(self._result, self.actor.answer.remote(asking(method, given, named)))

    def _result(self, answer: Any) -> Any:
        errors = self._ray.exceptions
        try:
            if self._versions is not None:
                _check(self._ray.get(self._versions))
                self._versions = None
            return answered(self._ray.get(answer))
        except (
            errors.RayActorError,
            errors.ObjectLostError,
            errors.NodeDiedError,
            errors.WorkerCrashedError,
        ):
            raise WorkerLost from None


def versions() -> dict[str, str]:
    """Return the versions of LIBRARIES and of Python."""
    return {"python": ".".join(map(str, sys.version_info[:3]))} | {name: version(name) for name in LIBRARIES}


def _check(theirs: dict[str, str]) -> None:
    ours = versions()
    for name, mine in ours.items():
        if theirs[name] != mine:
            raise PacelineError(
                f"executor ray: workers have {name} {theirs[name]}, and this machine has {mine}; only the"
                " same versions give the same bytes"
            )


def _knock(host: str, port: int) -> None:
    # Ray waits for ever for what is no cluster to answer, such as a dashboard. A cluster speaks gRPC, whose
    # servers begin as all of HTTP/2 do: with a frame of settings.
    try:
        with socket.create_connection((host, port), PATIENCE_S) as opened:
            opened.sendall(_PREFACE)
            answer = opened.recv(9, socket.MSG_WAITALL)
    except OSError as error:
        raise OSError(f"{host}, port {port}: {error.strerror or error}") from error
    if answer[3:4] != _SETTINGS:
        raise OSError(f"{host}, port {port}: answers as something else does")


def _join(ray: Any, address: str) -> None:
    # Nothing but this run is to be told, and to nobody outside.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Nobody here has an accelerator: Ray would warn of how it hides them from those who ask for none.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    quiet = {"logging_level": logging.ERROR, "log_to_driver": False, "include_dashboard": False}
    try:
        if address != LOCAL:  # which Ray would look for until somebody ends it
            host, _, port = address.removeprefix("ray://").rpartition(":")
            _knock(host, int(port))
            if not address.startswith("ray://") and host in _LOOPBACK:
                # Ray asks there in its place, and does not give up where nobody answers.
                _knock(ray.util.get_node_ip_address(), int(port))
        if address == LOCAL:
            ray.init(address=LOCAL, _node_ip_address="127.0.0.1", **quiet)
        else:
            del quiet["include_dashboard"]
            ray.init(address=address, **quiet)
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(f"address: no Ray cluster answers at {quoted(address)}: {error}") from error
