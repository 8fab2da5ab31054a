"""Choices: random markets come from integers, drawn from a seed or by a test that can shrink them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


class Choices:
    """Draws from a source of integers; 0 is always the plainest choice, to which a test can shrink."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self._below = below

    def one(self, *options: T) -> T:
        """Return one of *options*, all equally likely; the plainest stands first."""
        return options[self._below(len(options))] if len(options) > 1 else options[0]

    def integer(self, least: int, most: int) -> int:
        """Return an integer from *least* to *most*, both included."""
        return least + self._below(most - least + 1) if most > least else least

    def once_in(self, times: int) -> bool:
        """Return True once in so many *times*."""
        return self._below(times) == times - 1

    def some(self, options: Sequence[T], most: int | None = None) -> list[T]:
        """Return one of *options* or more, up to *most*, in their order."""
        wanted = self.integer(1, min(most or len(options), len(options)))
        left = list(range(len(options)))
        picked = sorted(left.pop(self._below(len(left))) for _ in range(wanted))
        return [options[place] for place in picked]


def seeded(*address: int) -> Choices:
    """Return the choices of a seed: those of an *address* of integers are always the same."""
    source = np.random.Generator(np.random.Philox(np.random.SeedSequence(address)))
    return Choices(lambda n: int(source.integers(n)))
