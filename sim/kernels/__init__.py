"""The hot loops, compiled: each has a readable twin of the same name in `sim.reference`."""

from sim.kernels.cache import discard_stale

discard_stale()

from sim.kernels.knapsack import knapsack, worth  # noqa: E402 - not before what is stale is gone
from sim.kernels.numbers import mix, quantile  # noqa: E402
from sim.kernels.poisson_breaks import poisson_breaks  # noqa: E402
from sim.kernels.serve_pods import serve_pods  # noqa: E402
from sim.kernels.serve_slots import serve_slots  # noqa: E402
from sim.kernels.session_breaks import session_breaks  # noqa: E402

__all__ = [
    "knapsack",
    "mix",
    "poisson_breaks",
    "quantile",
    "serve_pods",
    "serve_slots",
    "session_breaks",
    "worth",
]
