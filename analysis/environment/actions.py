"""What an agent decides: the numbers of an action, each between 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entities.errors import InputError
from entities.messages import hint, quoted, short
from sim.engine.agents import Decision

ACTIONS = {
    "multiplier": "what every bid is multiplied with; where bids are shaded, what the worth is",
    "participation": "the share of the slots that it takes part in, each by a draw of its own",
}
"""By name, in the order in which they stand in an action; one that is not chosen is 1."""


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """Return the *names* in the order of ACTIONS; InputError for an unknown one and for none."""
    for name in names:
        if name not in ACTIONS:
            raise InputError(f"actions: no action {quoted(name)}; {hint(name, ACTIONS)}")
    if not names:
        raise InputError(f"actions: name one or more of {', '.join(ACTIONS)}")
    return tuple(name for name in ACTIONS if name in names)


def decision(agent: str, names: Sequence[str], action: Any) -> Decision:
    """Return what *action*, one number for each of *names*, says; InputError where it is none or outside."""
    where = f"action of {quoted(agent)}"
    try:
        numbers: NDArray[Any] = np.asarray(action)
    except ValueError:  # of several lengths
        numbers = np.array(None)
    if numbers.dtype.kind not in "fiub":
        raise InputError(f"{where}: {short(repr(action), 60)} is no array of numbers")
    if numbers.shape != (len(names),):
        raise InputError(
            f"{where}: has the shape {numbers.shape}; must be ({len(names)},): {', '.join(names)}"
        )
    values = dict(zip(names, numbers.astype(np.float64).tolist(), strict=True))
    for name, value in values.items():
        if not 0 <= value <= 1:
            raise InputError(f"{where}: {name} {value:g} is outside of 0 to 1; np.clip brings it inside")
    return Decision.model_construct(**values)
