"""The hot loops, compiled: each has a readable twin of the same name in `sim.reference`."""

from sim.kernels.cache import caching

with caching():
    from sim.kernels.knapsack import knapsack, worth
    from sim.kernels.leases import learn_prices, lease, released_at_once, releases, rotation, split
    from sim.kernels.numbers import mix, quantile
    from sim.kernels.poisson_breaks import poisson_breaks
    from sim.kernels.reached import reached
    from sim.kernels.serve_pods import serve_pods
    from sim.kernels.serve_slots import serve_crowds, serve_slots
    from sim.kernels.session_breaks import session_breaks
    from sim.kernels.shade import shade
    from sim.kernels.unpack import pack, unpack, unpack_counted

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
