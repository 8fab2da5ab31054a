"""A probability that is known from k of n seeds."""

from __future__ import annotations

from dataclasses import dataclass

from entities.errors import InputError


@dataclass(frozen=True)
class Proportion:
    """In how many seeds something was so, and what that says of its probability."""

    successes: int
    seeds: int
    low: float
    high: float
    level: float

    @property
    def share(self) -> float:
        """Return the share of seeds in which it was so."""
        return self.successes / self.seeds


def proportion(successes: int, seeds: int, level: float = 0.95) -> Proportion:
    """Return what *successes* of so many *seeds* say of a probability.

    The interval is Jeffreys' (Brown, Cai and DasGupta 2001, Interval Estimation for a Binomial Proportion,
    Statistical Science 16): quantiles of a beta with k + 1/2 and n - k + 1/2, which is 0 or 1 at its open
    end. They recommend it, or Wilson's, for 40 values and fewer. InputError for fewer than two seeds.
    """
    if seeds < 2:
        raise InputError(f"an interval needs at least 2 seeds, not {seeds}")
    if not 0 <= successes <= seeds:
        raise ValueError(f"{successes} of {seeds}")
    from scipy import special  # noqa: PLC0415 - up to half a second that only intervals need

    a, b, tail = successes + 0.5, seeds - successes + 0.5, (1 - level) / 2
    low = 0.0 if successes == 0 else float(special.betaincinv(a, b, tail))
    high = 1.0 if successes == seeds else float(special.betaincinv(a, b, 1 - tail))
    return Proportion(successes, seeds, low, high, level)
