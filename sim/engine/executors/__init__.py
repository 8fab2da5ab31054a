"""Executors: where the sites of a run live, and who does their work. They change no result."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Concatenate, Generic, ParamSpec, Self, TypeVar

from entities.errors import PacelineError

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")


EXECUTORS = ("serial", "threads", "processes", "ray")
"""The names of all that there are."""


class WorkerLost(PacelineError):  # noqa: N818 - it says what happened
    """What a worker held is gone: its process was killed, or its machine went away."""

    def __init__(self, message: str = "a worker was lost") -> None:
        super().__init__(message)


class Host(ABC, Generic[T]):
    """Something that lives with a worker, which does what it is told in order."""

    @abstractmethod
    def begin(
        self, method: Callable[Concatenate[T, P], R], *given: P.args, **named: P.kwargs
    ) -> Callable[[], R]:
        """Have *method* called on it after all that was begun before, and return what gives the result.

        That raises what the call raised, or one before it whose result nobody asked for, and WorkerLost.
        """


class Executor(ABC):
    """The one door to workers: threads of this process, processes of this machine, or a cluster."""

    workers: int
    remote: bool
    """Whether what is hosted lives elsewhere, so that all it is given is sent, and may be lost."""

    @property
    @abstractmethod
    def sites(self) -> int:
        """Return into how many sites a market is divided."""

    @abstractmethod
    def host(self, make: Callable[[], T]) -> Host[T]:
        """Have a worker make something that stays with it."""

    def __enter__(self) -> Self:
        return self

    @abstractmethod
    def __exit__(self, *_: object) -> None:
        """Let all workers go."""
