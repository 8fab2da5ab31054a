"""What a check is: a promise, and the examples on which a part is held to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from entities.errors import PacelineError
from sim.family import Part, blamed, source_of
from sim.streams import generator, name_key

P = TypeVar("P", bound=Part)

Draw = Callable[[int, int], int]
"""Returns an integer from the first to the second, both included."""

EXAMPLES = 100
"""How many a check draws; the first are made of least and greatest values."""


class BrokenError(PacelineError):
    """A promise that was not kept: the text says what came instead."""


@dataclass(frozen=True, slots=True)
class Check(Generic[P]):
    """One promise of a family."""

    hold: Callable[[P, Draw], None]
    """Raises BrokenError, or the part's own error, where an example that it draws breaks the promise."""
    examples: int = EXAMPLES

    @property
    def name(self) -> str:
        """Return the promise in words."""
        return self.hold.__name__.strip("_").replace("_", " ")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one promise."""

    name: str
    examples: int
    """How many were tried."""
    broken: str
    """What broke it; empty where it was kept."""


def examined(part: P, checks: Iterable[Check[P]]) -> Iterator[Verdict]:
    """Yield what is found of each of the *checks*, one after the other; the same for the same part."""
    for check in checks:
        yield _examined(part, check)


def promised(kept: bool, otherwise: str) -> None:
    """Raise BrokenError, which says what came *otherwise*, unless the promise was *kept*."""
    if not kept:
        raise BrokenError(otherwise)


def _examined(part: P, check: Check[P]) -> Verdict:
    for number in range(check.examples):
        try:
            with blamed(f"{source_of(part)}: {check.name}"):
                check.hold(part, _draw(check.name, number))
        except PacelineError as error:
            return Verdict(check.name, number + 1, str(error))
    return Verdict(check.name, check.examples, "")


def _draw(name: str, number: int) -> Draw:
    luck = generator(name_key(name), number)

    def draw(least: int, most: int) -> int:
        # Ends first: what breaks, breaks there. Then small numbers as often as large ones.
        if number < 2 or luck.random() < 0.2:
            return (least, most)[number % 2 if number < 2 else int(luck.integers(2))]
        if luck.random() < 0.3:
            return least + int(luck.integers(min(most - least, 20) + 1))
        return least + int(luck.integers(most - least + 1))

    return draw
