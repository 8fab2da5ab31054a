"""Which executor a run is played by, by its name."""

from __future__ import annotations

from typing import NamedTuple

from entities.errors import InputError
from entities.messages import quoted
from sim.engine.executors import EXECUTORS, Executor
from sim.engine.executors.cluster import LOCAL, Cluster
from sim.engine.executors.here import Serial, here
from sim.engine.executors.processes import Processes


class Chosen(NamedTuple):
    """One of the EXECUTORS, and where the cluster is."""

    name: str = "threads"
    address: str = LOCAL

    def workers(self, count: int) -> Executor:
        """Return it with so many workers; InputError where it cannot be had."""
        if self.name == "ray":
            return Cluster(count, self.address)
        if self.name == "processes":
            return Processes(count)
        return Serial() if self.name == "serial" else here(count)


def chosen(name: str, address: str | None = None) -> Chosen:
    """Return the executor of that name; InputError for one that there is not, or an address it has not."""
    if name not in EXECUTORS:
        raise InputError(f"executor: {quoted(name)} is not allowed; must be one of {', '.join(EXECUTORS)}")
    if address and name != "ray":
        raise InputError(f"address: {quoted(address)} is not allowed; only the executor ray has one")
    return Chosen(name, address or LOCAL)
