"""What is kept of a run at the end of an hour: enough to go on from there, to the same bytes.

Shards are kept as they are. Of bidders and campaigns nothing is: they are told once more what every tick
brought, and plan as they did, so that a policy's memory is what it was, whatever it consists of.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

State = dict[str, NDArray[Any]]
"""Arrays by name, the parts of a name separated by dots."""


class Told(NamedTuple):
    """What some ticks brought, as far as plans depend on it; int64, ticks × line items × what is named."""

    funnel: NDArray[np.int64]
    """FUNNEL."""
    outcomes: NDArray[np.int64]
    """PAID_FOR; of no line item where no policy plans by them."""
    landscape: NDArray[np.int64]
    """As in `TickResult`, of the line items that shade."""

    @staticmethod
    def of(ticks: Sequence[Told]) -> Told:
        """Return several of them as one, in their order."""
        return Told(*map(np.concatenate, zip(*ticks, strict=True))) if len(ticks) != 1 else ticks[0]


PACKED_BYTES = 1 << 12
"""From which on a tick is packed: of line items that shade it is large, and mostly zeros."""


class Ticks:
    """What ticks brought until it is kept, in a twentieth of its memory where that is much."""

    def __init__(self) -> None:
        self._added: list[Told | list[_Packed]] = []

    def add(self, tick: Told) -> None:
        """Take one more."""
        large = sum(array.nbytes for array in tick) >= PACKED_BYTES
        self._added.append([_Packed.of(array) for array in tick] if large else tick)

    def told(self) -> Told:
        """Return all of them, one at least, in their order."""
        ticks = (
            each if isinstance(each, Told) else Told(*(one.array() for one in each)) for each in self._added
        )
        return Told.of([*ticks])


class _Packed(NamedTuple):
    data: bytes
    shape: tuple[int, ...]

    @classmethod
    def of(cls, array: NDArray[np.int64]) -> _Packed:
        return cls(zlib.compress(array.tobytes(), 1), array.shape)

    def array(self) -> NDArray[np.int64]:
        return np.frombuffer(zlib.decompress(self.data), np.int64).reshape(self.shape)


class Kept(NamedTuple):
    """A run after some hours."""

    hours: int
    """How many of them were played."""
    ticks: Told
    """All of their ticks where a run goes on; where it is kept, those since it was last kept."""
    state: State


class Keeper(Protocol):
    """Decides when a run is kept, keeps it, and knows from where it goes on."""

    @property
    def kept(self) -> Kept | None:
        """Return what the run goes on from, None at its beginning."""

    def due(self, hour: int) -> bool:
        """Return whether the run is to be kept when *hour* is over; asked once, before the hour is played."""

    def keep(self, kept: Kept) -> None:
        """Keep it: the sink has taken all hours that were played. Arrays change when the run goes on."""


def under(name: str, state: Mapping[str, NDArray[Any]]) -> State:
    """Return the arrays of a part of something by the names that they have in the whole."""
    return {f"{name}.{each}": array for each, array in state.items()}


def part(name: str, state: Mapping[str, NDArray[Any]]) -> State:
    """Return the arrays of the part of that name by the names that they have in it."""
    return {each[len(name) + 1 :]: array for each, array in state.items() if each.startswith(f"{name}.")}


def joined(name: str, arrays: Iterable[NDArray[Any]], kind: type) -> State:
    """Return arrays of one axis, some of them empty, as one of that type and another of their lengths."""
    known = list(arrays)
    lengths = np.array([len(each) for each in known], np.int64)
    return {name: np.concatenate([np.zeros(0, kind), *known]), f"{name}_lengths": lengths}


def parted(name: str, state: State) -> list[NDArray[Any]]:
    """Return the arrays that were `joined`."""
    return (
        np.split(state[name], np.cumsum(state[f"{name}_lengths"])[:-1])
        if len(state[name + "_lengths"])
        else []
    )
