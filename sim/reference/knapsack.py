"""The best set of ads for a pod of so many seconds, for reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.layout import FIRST, LAST
from sim.reference.numbers import Row, rows


class Chosen(NamedTuple):
    """A set of options, in no order; of two sets the greater one is better."""

    value: int = 0
    tie: int = 0
    members: tuple[int, ...] = ()

    def with_(self, option: Row) -> Chosen:
        """Return the set with one more."""
        return Chosen(self.value + option.value, self.tie + option.tie, (*self.members, option.place))


def knapsack(options: NDArray[np.void], seconds: int, ads: int) -> NDArray[np.int64]:
    """Return the positions of the best set among *options* (OPTION records), in the order of play, int64.

    The set holds at most *ads* of them, at most *seconds* long together, at most one of each group, at most
    one that must be first, one that must be last, and two with those that must be either. The best has the
    highest sum of values; among several the highest sum of ties. Those that bought an end of the pod have
    it; the others come by value, then by tie.
    """
    offered = rows(options)
    members = [offered[place] for place in best(offered, seconds, ads).members]
    return np.array([option.place for option in in_order(members)], np.int64)


def worth(options: NDArray[np.void], seconds: int, ads: int, without: int) -> int:
    """Return the value of the best set of *options* other than those of the advertiser *without*."""
    return best([o for o in rows(options) if o.advertiser != without], seconds, ads).value


def best(options: Sequence[Row], seconds: int, ads: int) -> Chosen:
    """Return the best set: group after group, the best for each use of seconds, ads and ends."""
    sets = {(0, 0, 0): Chosen()}
    for group in sorted({option.group for option in options}):
        before = dict(sets)
        for (used, count, taken), chosen in before.items():
            for option in options:
                if option.group != group or used + option.seconds > seconds or count == ads:
                    continue
                for end in ways(option):
                    if not taken & end:
                        state = (used + option.seconds, count + 1, taken | end)
                        sets[state] = better(sets.get(state, Chosen()), chosen.with_(option))
    return better(*sets.values())


def ways(option: Row) -> list[int]:
    """Return the ends of the pod that an option may take, 0 for none."""
    return [end for end in (FIRST, LAST) if option.ends & end] or [0]


def better(*sets: Chosen) -> Chosen:
    """Return the best of some sets, the first of equal ones."""
    return max(sets, key=lambda chosen: (chosen.value, chosen.tie))


def in_order(members: Sequence[Row]) -> list[Row]:
    """Return a set in the order of play."""
    ranked = sorted(members, key=lambda option: (option.value, option.tie), reverse=True)
    opening = [option for option in ranked if option.ends == FIRST]
    closing = [option for option in ranked if option.ends == LAST]
    for option in ranked:
        if option.ends == FIRST | LAST:
            (closing if opening else opening).append(option)
    between = [option for option in ranked if option not in (*opening, *closing)]
    return [*opening, *between, *closing]
