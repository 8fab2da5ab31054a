"""What arms are compared by: one table of metrics, each a figure of some line items or of the market."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.study import optimum
from analysis.study.measured import Measured, Part
from entities.errors import InputError
from entities.messages import hint, quoted
from sim.book.records import Book
from sim.market.market import Market
from sim.units import MICROS

EVERYONE = ""
"""Stands for all line items together, and for the market."""
Unit = Literal["share", "money", "count", "ratio"]
BETTER = {1: "more is better", -1: "less is better", 0: ""}
"""How `Metric.better` reads."""


def _nothing(_market: Market, _book: Book) -> str:
    return ""


class Metric(NamedTuple):
    """One figure of a replication."""

    name: str
    unit: Unit
    text: str
    value: Callable[[Part], float | None]
    """None where it divides by nothing."""
    better: int = 0
    """1 for more, -1 for less, 0 where neither is."""
    of_market: bool = False
    """Only of the whole market."""
    lacks: Callable[[Market, Book], str] = _nothing
    """Why no run of a book in a market has it; empty where every run has."""


def _over(value: float, by: float) -> float | None:
    return value / by if by else None


def _apart(one: NDArray[np.int64], other: NDArray[np.int64]) -> float | None:
    # Total variation: the share that would have to move for one to become the other.
    if not (one.sum() and other.sum()):
        return None
    return float(np.abs(one / one.sum() - other / other.sum()).sum() / 2)


def _funnel(over: str, under: str) -> Callable[[Part], float | None]:
    return lambda part: _over(part.funnel[over], part.funnel[under])


def _rate(outcome: str) -> Callable[[Part], float | None]:
    return lambda part: _over(part.outcomes[outcome], part.funnel["impressions"])


def _reach(part: Part) -> int:
    return sum(part.frequency.values())


def _sold(part: Part) -> float | None:
    stock = part.inventory
    return _over(stock["filled"] + stock["filled_ambient"], stock["avails"])


def _delivery(part: Part) -> float | None:
    return _over(part.funnel["spend_micros"], part.budget or 0)


def _ecpm(part: Part) -> float | None:
    return _over(part.funnel["spend_micros"] / 1000, part.funnel["impressions"])


def _left(part: Part) -> float | None:
    return None if part.budget is None else (part.budget - part.funnel["spend_micros"]) / MICROS


def _revenue(part: Part) -> float:
    return (part.inventory["revenue_micros"] + part.inventory["revenue_ambient_micros"]) / MICROS


def _regret(part: Part) -> float | None:
    best, got = part.measured.optimum_micros, part.funnel["worth_sum_micros"] - part.funnel["spend_micros"]
    return None if best is None else (best - got) / MICROS


def _no_conversions(market: Market, _: Book) -> str:
    return "" if market.conversions.on else "the market has no conversions; give `market.conversions` a rate"


_ALL = (
    Metric("delivery", "share", "spend over budget", _delivery, 1),
    Metric("impressions", "count", "billed impressions", lambda of: of.funnel["impressions"], 1),
    Metric("spend", "money", "what was paid", lambda of: of.funnel["spend_micros"] / MICROS),
    Metric("ecpm", "money", "spend for a thousand impressions", _ecpm, -1),
    Metric(
        "value", "money", "worth of its impressions", lambda of: of.funnel["worth_sum_micros"] / MICROS, 1
    ),
    Metric("value_for_money", "ratio", "worth over spend", _funnel("worth_sum_micros", "spend_micros"), 1),
    Metric(
        "uneven_hours",
        "share",
        "spend in other hours than its course has it",
        lambda of: _apart(of.spent, of.wanted),
        -1,
    ),
    Metric(
        "uneven_minutes",
        "share",
        "wins that an even hour has in other minutes",
        lambda of: _apart(of.minutes, np.ones_like(of.minutes)),
        -1,
    ),
    Metric("reach", "count", "viewers reached, counted for each line item", _reach, 1),
    Metric(
        "frequency",
        "ratio",
        "impressions for each viewer reached",
        lambda of: _over(of.funnel["impressions"], _reach(of)),
    ),
    Metric(
        "often",
        "share",
        "reached viewers with ten impressions or more",
        lambda of: _over(of.frequency["freq_10_plus"], _reach(of)),
        -1,
    ),
    Metric("budget_left", "money", "budget that was not spent", _left, -1),
    Metric(
        "regret",
        "money",
        "how far worth less spend is below the best possible",
        _regret,
        -1,
        lacks=optimum.unknown,
    ),
    Metric("win_rate", "share", "wins over bids", _funnel("wins", "bids")),
    Metric("completion", "share", "impressions played to the end", _rate("completed"), 1),
    Metric("viewable", "share", "impressions in view", _rate("viewable"), 1),
    Metric("clicks", "count", "clicks", lambda of: of.outcomes["clicked"], 1),
    Metric(
        "conversions",
        "count",
        "conversions credited by the last touch",
        lambda of: of.conversions,
        1,
        lacks=_no_conversions,
    ),
    Metric("fill", "share", "slots sold, to whomever", _sold, 1, of_market=True),
    Metric("revenue", "money", "earned by the seller, outside demand included", _revenue, 1, of_market=True),
)
METRICS = {metric.name: metric for metric in _ALL}
"""Every metric by its name, neighbours side by side: no figure is read without what it was bought with."""

SHOWN = ("delivery", "ecpm", "value_for_money", "uneven_hours", "uneven_minutes", "reach", "budget_left")
"""What a study that asks for nothing in particular is shown by."""


def chosen(names: Iterable[str], market: Market, book: Book) -> tuple[Metric, ...]:
    """Return the metrics of those *names*, or all that a run of *book* in *market* can have.

    InputError for a name that is none, and for a metric that such a run cannot have.
    """
    found = []
    for name in names:
        if name not in METRICS:
            raise InputError(f"no metric {quoted(name)}; {hint(name, METRICS)}")
        if why := METRICS[name].lacks(market, book):
            raise InputError(f"no run has {name} here: {why}")
        found.append(METRICS[name])
    return tuple(found) or tuple(metric for metric in METRICS.values() if not metric.lacks(market, book))


def values(measured: Measured, metrics: Iterable[Metric]) -> list[tuple[str, str, float | None]]:
    """Return line item, metric and value of all that was measured: EVERYONE first, then by the book."""
    everyone = Part(measured, tuple(range(len(measured.paths))))
    parts = [(path, Part(measured, (place,))) for place, path in enumerate(measured.paths)]
    found = [(EVERYONE, metric.name, metric.value(everyone)) for metric in metrics]
    found += [
        (path, metric.name, metric.value(part))
        for path, part in parts
        for metric in metrics
        if not metric.of_market
    ]
    return [(path, name, None if value is None else float(value)) for path, name, value in found]
