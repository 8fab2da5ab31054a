"""Shapley values of a few causes, exact: from what came of every combination of them, to the micro."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import combinations
from math import factorial
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def subsets(causes: Iterable[T]) -> Iterator[frozenset[T]]:
    """Yield every combination of *causes*, the smaller first, from none to all."""
    causes = list(causes)
    for size in range(len(causes) + 1):
        yield from map(frozenset, combinations(causes, size))


def parts(causes: Sequence[T], worth: Callable[[frozenset[T]], int]) -> dict[T, int]:
    """Return what each of the *causes* has of `worth(all) - worth(none)`, in whole numbers that sum to it.

    A cause's part is what it adds to *worth*, on average over all orders in which causes can come (Shapley,
    "A Value for n-Person Games", 1953). The averages are taken exactly, as multiples of 1/n!, and rounded
    down; what that leaves goes one by one to the largest remainders, the earlier cause first in a tie.
    """
    number = len(causes)
    added = dict.fromkeys(causes, 0)
    for cause in causes:
        for before in subsets(other for other in causes if other != cause):
            orders = factorial(len(before)) * factorial(number - len(before) - 1)
            added[cause] += orders * (worth(before | {cause}) - worth(before))
    orders = factorial(number)
    found = {cause: sums // orders for cause, sums in added.items()}
    left = sum(added.values()) // orders - sum(found.values())
    for cause in sorted(causes, key=lambda one: -(added[one] % orders))[:left]:
        found[cause] += 1
    return found
