"""Plans and facts, made again: bidders and campaigns plan once more on what the rows say happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.audit.rows import Table
from analysis.rows.facts import fact_rows
from entities import registry
from entities.enums import FactKind
from entities.enums.funnel import STAGES
from entities.enums.outcomes import COUNTED
from sim import laws
from sim.engine.executors.here import Serial
from sim.engine.run import simulate
from sim.events import PAID_FOR, Fact, Pacing

PLANNED = {
    "goal_micros_hour": "goal_micros",
    "expected_cum_micros": "expected_cum_micros",
    "bid_multiplier_ppm": "multiplier_ppm",
    "participation_ppm": "participation_ppm",
    "allowance_micros": "allowance_micros",
    "forecast_avails": "forecast_avails",
}
"""Columns of `performance_extended` that a plan fills, each with its name in the pacing of an hour."""
_COUNTED = {outcome.name: outcome.column for outcome in COUNTED}
_BUDGETS = (FactKind.budget_exhausted, FactKind.budget_overspent)
BY_THE_TICK = tuple(kind for kind in FactKind if kind != FactKind.caps_leaked)
"""Facts that follow from what happened in each tick."""
BY_THE_HOUR = tuple(kind for kind in BY_THE_TICK if kind not in _BUDGETS)
"""Facts for which it is enough to know what happened in each hour."""


class PlanAudit:
    """Makes the plans of a run again, from its book, its forecast and its rows."""

    def __init__(self, sold: Sold, extended: Table, performance: Table, facts: pl.DataFrame) -> None:
        self._sold, self._extended, self._performance, self._facts = sold, extended, performance, facts
        self._hourly = sold.market.ticks_per_hour == 1

    def verdicts(self, *, same_code: bool) -> Iterator[laws.Verdict]:
        """Yield the verdicts on plans and facts; other code may have planned otherwise."""
        try:
            planned, found = self._again
        except (registry.PacelineError, ArithmeticError, ValueError, AssertionError) as error:
            # A policy may refuse what never happened.
            yield laws.verdict(16, np.array([True]), lambda _: "plans, made again", f"{error}", "a plan")
            return
        exact = self._hourly and same_code
        if exact:
            yield from self._plans(planned)
        yield from self.facts(found, BY_THE_TICK if exact else BY_THE_HOUR)

    def facts(self, due: Iterable[Fact], kinds: Collection[FactKind]) -> Iterator[laws.Verdict]:
        """Yield the verdict that the facts of those *kinds* are those that are *due*, once each."""
        columns, run_id = self._sold.columns, self._sold.run.run_id
        names = [name for name in self._facts.columns if name not in ("id", "run_id")]

        def line(row: dict[str, Any]) -> tuple[str, ...]:
            return tuple("" if row[name] is None else f"{row[name]}" for name in names)

        told = self._facts.filter(pl.col("kind").is_in(list(kinds))).iter_rows(named=True)
        wanted = fact_rows(columns, run_id, (fact for fact in due if fact.kind in kinds))
        stored, made = Counter(map(line, told)), Counter(map(line, wanted))
        missing, surplus = list((made - stored).elements()), list((stored - made).elements())
        lines = [*sorted(missing), *sorted(surplus)]

        def where(i: int) -> str:
            return f"delivery_events, {', '.join(filter(None, lines[i]))}"

        yield laws.verdict(
            17,
            np.ones(len(lines), bool),
            where,
            lambda i: "no row" if i < len(missing) else "a row",
            lambda i: "a row" if i < len(missing) else "no row",
            checked=max(stored.total(), made.total()),
        )

    @cached_property
    def _again(self) -> tuple[list[Pacing], tuple[Fact, ...]]:
        sold, table = self._sold, self._extended
        items = len(sold.book.line_items)
        told = [table.by_hour(stage.column, table.line_item, items) for stage in STAGES]
        rows = self._performance
        told += [rows.by_hour(_COUNTED[name], rows.line_item, items) for name in PAID_FOR]
        hours: list[Pacing] = []
        with Serial() as here:
            result = simulate(
                sold.market,
                sold.book,
                sold.scenario.seed,
                lambda hour: hours.append(hour.pacing),
                here,
                told=np.ascontiguousarray(np.stack(told, axis=-1).swapaxes(0, 1)),
            )
        return hours, result.facts

    def _plans(self, planned: list[Pacing]) -> Iterator[laws.Verdict]:
        table, hours = self._extended, self._sold.hours
        known = np.flatnonzero((table.line_item >= 0) & (table.hour >= 0) & (table.hour < hours))
        at = table.hour[known], table.line_item[known]
        for column, name in PLANNED.items():
            made: NDArray[np.int64] = np.stack([getattr(pacing, name) for pacing in planned])
            where = laws.also(lambda i: table.where(int(known[i])), column)
            yield laws.equal(16, table[column][known], made[at], where)
