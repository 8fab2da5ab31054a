"""The hot loops, compiled: each has a readable twin of the same name in `sim.reference`."""

from sim.kernels.cache import discard_stale

discard_stale()

from sim.kernels.choose import choose, worth  # noqa: E402 - not before what is stale is gone
from sim.kernels.expose import expose  # noqa: E402
from sim.kernels.fill import fill  # noqa: E402
from sim.kernels.numbers import mix, quantile  # noqa: E402
from sim.kernels.serve import serve  # noqa: E402
from sim.kernels.watch import watch  # noqa: E402

__all__ = ["choose", "expose", "fill", "mix", "quantile", "serve", "watch", "worth"]
