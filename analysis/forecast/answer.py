"""The answer to whether a booking can be had, with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from analysis.forecast.preview import Preview
from analysis.study.statistics.intervals import interval
from analysis.study.statistics.proportions import Proportion

Verdict = Literal["yes", "no", "uncertain"]
Term = Literal["cpm", "cap", "budget"]
TERMS: tuple[Term, ...] = ("budget", "cpm", "cap")
"""What a curve is drawn over, in the order in which they are tried."""


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds, with its interval at 95 %."""

    mean: float
    low: float
    high: float
    seeds: int


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean of two *values* or more, and Student's t interval."""
    sample = np.array(values, np.float64)
    low, high, _ = interval(sample, method="t")
    return Estimate(float(sample.mean()), float(low), float(high), len(sample))


@dataclass(frozen=True)
class Avails:
    """Slots for a booking in its flight, each of them fewer than the one before."""

    matched: Estimate
    """That its targeting matches."""
    possible: Estimate
    """That it could be shown in if it won every one: caps, one ad a pod, creatives and billing allow it."""
    available: Estimate
    """That it wins at its price, beside all who compete for them, if no budget holds it back."""


@dataclass(frozen=True)
class Displaced:
    """What a line item loses by the booking until its flight ends, on the same seeds."""

    line_item: str
    impressions: Estimate
    spend_micros: Estimate


@dataclass(frozen=True)
class Point:
    """The booking with another price, cap or goal."""

    value: int
    """Micros for an impression, impressions of the cap, or the goal in its unit."""
    full: Proportion
    """How often it is delivered in full."""
    delivered: float
    """Mean share of its goal that is delivered."""


@dataclass(frozen=True)
class Curve:
    """How the answer depends on one term."""

    term: Term
    points: tuple[Point, ...]
    """In the order of their values."""
    turns: int | None
    """The value at which the answer turns to yes: the first that was found; None where there is none."""
    told: str
    """The same in words."""


@dataclass(frozen=True)
class Forecast:
    """Whether a booking can be had in a scenario, and at whose cost."""

    scenario: str
    seed: int
    """The first of the seeds, which follow each other."""
    line_item: str
    """The path of the booking."""
    flight: tuple[str, str]
    """Its first and its last day."""
    bid_micros: int
    impressions: int | None
    """The goal; None where the budget is it."""
    budget_micros: int
    enough: float
    """Share of the goal from which on it is delivered in full."""
    threshold: float
    """The probability from which on the answer is yes."""
    preview: Preview | None
    """What is reckoned of its avails, without playing anything."""
    avails: Avails
    delivered: Estimate
    """Impressions."""
    spend_micros: Estimate
    share: Estimate
    """Of its goal."""
    full: Proportion
    """How often it is delivered in full."""
    displaced: tuple[Displaced, ...]
    """The other line items, who loses most first."""
    rivals: Estimate
    """Slots that demand from outside loses."""
    unsold: Estimate
    """Slots that would else have stayed unsold."""
    curves: tuple[Curve, ...] = ()

    @property
    def answer(self) -> Verdict:
        """Return yes where the interval of the probability lies above the threshold, no where below it."""
        return verdict(self.full, self.threshold)

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain values, the answer among them."""
        return {"answer": self.answer, **asdict(self)}

    def displacement(self) -> pl.DataFrame:
        """Return who loses what, a row for each line item: means, low and high of impressions and micros."""
        rows = [
            {
                "line_item": one.line_item,
                **{
                    f"{name}{end}": getattr(each, field)
                    for name, each in (("impressions", one.impressions), ("spend_micros", one.spend_micros))
                    for end, field in (("", "mean"), ("_low", "low"), ("_high", "high"))
                },
            }
            for one in self.displaced
        ]
        return pl.DataFrame(rows, schema=_DISPLACEMENT)

    def curve(self) -> pl.DataFrame:
        """Return every point of every curve: term, value, successes, seeds, low, high and delivered share."""
        rows = [
            (
                curve.term,
                one.value,
                one.full.successes,
                one.full.seeds,
                one.full.low,
                one.full.high,
                one.delivered,
            )
            for curve in self.curves
            for one in curve.points
        ]
        return pl.DataFrame(rows, schema=_CURVE, orient="row")


_DISPLACEMENT = {
    "line_item": pl.String(),
    **{
        f"{name}{end}": pl.Float64()
        for name in ("impressions", "spend_micros")
        for end in ("", "_low", "_high")
    },
}
_CURVE = {
    "term": pl.String(),
    "value": pl.Int64(),
    "successes": pl.Int64(),
    "seeds": pl.Int64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "delivered": pl.Float64(),
}


def verdict(full: Proportion, threshold: float) -> Verdict:
    """Return what a proportion says of a probability that has to be *threshold* at least."""
    if full.low >= threshold:
        return "yes"
    return "no" if full.high < threshold else "uncertain"
