"""The funnel of a line item, from the slots on offer to completed views, each step with its losses."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

import polars as pl

from analysis.explain.subject import Subject
from entities.enums.funnel import STAGES, Stage

VIEWED = {
    "video_starts": "started",
    "video_q25": "a quarter watched",
    "video_q50": "half watched",
    "video_q75": "three quarters watched",
    "video_completions": "completed",
}
"""What becomes of an impression: columns of `performance`, each a part of the one before."""
_STEPS = {"requests_matched": "matched", "bids": "bids", "wins": "wins", "impressions": "impressions"}


class Step(NamedTuple):
    """A step of the funnel, or one of the reasons for which not all came to the next."""

    name: str
    """A column of `performance_extended` or `performance`; `avails` and `not_matched` are of the market."""
    text: str
    loss: bool
    number: int
    of_step: float | None
    """Share of the step before, whose losses are of it as well."""
    of_matched: float | None
    """Share of the slots that matched."""


def funnel_of(one: Subject) -> tuple[Step, ...]:
    """Return the funnel of a line item, in the order of the checks; losses that nobody had are left out.

    It begins with all slots on offer in its hours in flight, but where pods are dynamic: a line item has one
    chance in such a pod, however many ads it holds.
    """
    own = one.rows.performance_extended
    counts = {stage.name: int(own[stage.column].sum()) for stage in STAGES}
    matched, found = counts["requests_matched"], list[Step]()

    def add(name: str, text: str, count: int, above: int | None, *, loss: bool = False) -> None:
        if count or not loss:
            shares = (_share(count, above), None if name in _OF_MARKET else _share(count, matched))
            found.append(Step(name, text, loss, count, *shares))

    above = None
    if not one.run.market.pods.dynamic:
        above = _avails(one, own)
        add("avails", "avails in its flight", above, None)
        add("not_matched", "not its targeting", above - matched, above, loss=True)
    for steps, stages in groupby(_order(), lambda stage: stage.name in _STEPS):
        for stage in stages:
            add(stage.name, _STEPS.get(stage.name, stage.reason), counts[stage.name], above, loss=not steps)
            above = counts[stage.name] if steps else above
    seen = one.rows.performance.select(*VIEWED).sum().row(0)
    for (name, text), count in zip(VIEWED.items(), seen, strict=True):
        add(name, text, count, above)
        above = count
    return tuple(found)


_OF_MARKET = ("avails", "not_matched")


def _order() -> list[Stage]:
    # Without the amounts, and without viewers, who are counted beside.
    return [stage for stage in STAGES if stage.kind in {"step", "check", "loss", "end"}]


def _avails(one: Subject, own: pl.DataFrame) -> int:
    offered = one.rows.inventory.filter(pl.col("hour_start").is_in(own["hour_start"].implode()))
    return int(offered["avails"].sum())


def _share(over: int, under: int | None) -> float | None:
    return over / under if under else None
