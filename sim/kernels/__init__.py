"""The hot loops, compiled: each has a readable twin of the same name in `sim.reference`."""

from sim.kernels.numbers import mix, quantile
from sim.kernels.serve import serve
from sim.kernels.watch import watch

__all__ = ["mix", "quantile", "serve", "watch"]
