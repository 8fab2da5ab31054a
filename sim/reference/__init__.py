"""What a viewer's hour and an ad slot go through, for reading: the twin of `sim.kernels`.

Every public name of `sim.kernels` is here with the same arguments and the same results, bit for bit, in
plain Python: whole numbers, lists, sets and dictionaries. Start with `serve_slots` and its `CHECKS`.
"""

from sim.reference.knapsack import knapsack, worth
from sim.reference.leases import learn_prices, lease, released_at_once, releases, rotation, split
from sim.reference.numbers import quantile
from sim.reference.poisson_breaks import poisson_breaks
from sim.reference.reached import reached
from sim.reference.serve_pods import serve_pods
from sim.reference.serve_slots import serve_crowds, serve_slots
from sim.reference.session_breaks import session_breaks
from sim.reference.shade import shade
from sim.reference.unpack import pack, unpack, unpack_counted
from sim.streams import mix

__all__ = [
    "knapsack",
    "learn_prices",
    "lease",
    "mix",
    "pack",
    "poisson_breaks",
    "quantile",
    "reached",
    "released_at_once",
    "releases",
    "rotation",
    "serve_crowds",
    "serve_pods",
    "serve_slots",
    "session_breaks",
    "shade",
    "split",
    "unpack",
    "unpack_counted",
    "worth",
]
