"""What a viewer's hour and an ad slot go through, told for reading: the twin of `sim.kernels`.

Every public name of `sim.kernels` is here again with the same arguments and the same results, bit for bit, in
plain Python: whole numbers, lists, sets and dictionaries. Start with `serve` and its `CHECKS`.
"""

from sim.reference.choose import choose, worth
from sim.reference.expose import expose
from sim.reference.fill import fill
from sim.reference.numbers import mix, quantile
from sim.reference.serve import serve
from sim.reference.watch import watch

__all__ = ["choose", "expose", "fill", "mix", "quantile", "serve", "watch", "worth"]
