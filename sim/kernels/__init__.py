"""The hot loops, compiled: each has a readable twin of the same name in `sim.reference`."""

from sim.kernels.cache import caching

with caching():
    from sim.kernels.knapsack import knapsack, worth
    from sim.kernels.numbers import mix, quantile
    from sim.kernels.poisson_breaks import poisson_breaks
    from sim.kernels.serve_pods import serve_pods
    from sim.kernels.serve_slots import serve_slots
    from sim.kernels.session_breaks import session_breaks
    from sim.kernels.shade import shade

__all__ = [
    "knapsack",
    "mix",
    "poisson_breaks",
    "quantile",
    "serve_pods",
    "serve_slots",
    "session_breaks",
    "shade",
    "worth",
]
