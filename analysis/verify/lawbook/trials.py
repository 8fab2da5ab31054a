"""Trials: each law over many random markets, numbered, so that each can be drawn and played once more."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import yaml

from analysis.audit.report import Audit
from analysis.runs.simulate import simulate
from analysis.verify.lawbook.check import check
from analysis.verify.lawbook.choices import Scope, seeded
from analysis.verify.lawbook.difference import difference
from analysis.verify.lawbook.edit import UnfitError
from analysis.verify.lawbook.markets import play, scenario
from analysis.verify.lawbook.metamorphic import MetamorphicLaw, all_laws
from entities import registry
from scenarios.loader import load
from sim import laws, reference

LAWBOOK_SEED = 20261120
CRASHES = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError)
"""What a run must not end in, whatever the market."""
READABLE = Scope(most_viewers=6, most_days=2, most_items=4, minutes=(60, 60, 30))
"""Markets that are small enough for the readable reference."""
_TOGETHER = 10
"""Fewer markets than that are not worth a process of their own."""

Counts = Iterator[tuple[str, int, int]]
"""Of one market and each law: its name, how many things were looked at, and how many of them break it."""


def every_law(seed: int, number: int) -> Counts:
    """Yield the counts of each law that a single market can break."""
    ended = "runs to their end"
    try:
        verdicts = check(play(scenario(seeded(seed, number))))
    except CRASHES:
        yield ended, 1, 1
        return
    yield ended, 1, 0
    for law, verdict in verdicts.items():
        yield f"law {law}, {laws.LAWS[law].name}", verdict.checked, verdict.broken


def stored(seed: int, number: int) -> Counts:
    """Yield the counts of each law by the audit, of a market played as `paceline simulate` plays it.

    It goes from a file of YAML to a database of its own, with its events on disk.
    """
    for law in _audited(as_yaml(scenario(seeded(seed, number)))).laws:
        yield f"law {law.number}, {law.name}, in the database", law.checked, law.broken


def _audited(text: str) -> Audit:
    with TemporaryDirectory() as folder:
        file, events = Path(folder, "market.yml"), Path(folder, "events")
        file.write_text(text, encoding="utf-8")
        engine = registry.make_engine(Path(folder, "ads.db"))
        try:
            registry.init_db(engine)
            return simulate(engine, load(str(file)), events=events).audit()
        finally:
            engine.dispose()


def on_the_reference(seed: int, number: int) -> Counts:
    """Yield the counts of a market on the compiled kernels and on the reference: they come to the same bytes.

    The laws hold on the reference too.
    """
    market = scenario(seeded(seed, number), READABLE)
    readable = play(market, reference)
    yield "runs that differ from the reference", 1, int(difference(play(market), readable) != "")
    for verdict in check(readable).values():
        yield "laws broken on the reference", verdict.checked, verdict.broken


def metamorphic(seed: int, number: int) -> Counts:
    """Yield the counts of each metamorphic law; a market that does not meet its conditions does not count."""
    for law in all_laws():
        try:
            yield law.name, 1, int(_compared(law, seed, number)[0] != "")
        except UnfitError:
            yield law.name, 0, 0


def _compared(law: MetamorphicLaw, seed: int, number: int) -> tuple[str, dict[str, Any]]:
    choices = seeded(seed, number)
    market = scenario(choices, law.scope)
    return law.compare(market, choices), market


def over(
    counts: Callable[[int, int], Counts], markets: int, workers: int, seed: int = LAWBOOK_SEED
) -> pl.DataFrame:
    """Return the trial of each law over so many *markets*, in several processes where that is worth it.

    Columns are name, checked, broken and market, the number of the first market that breaks it.
    """
    each = partial(_of_market, counts, seed)
    workers = min(workers, markets // _TOGETHER)
    if workers < 2:
        found = [each(number) for number in range(markets)]
    else:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            found = list(pool.map(each, range(markets), chunksize=_TOGETHER))
    rows = pl.DataFrame(
        list(chain.from_iterable(found)), ["market", "name", "checked", "broken"], orient="row"
    )
    first = pl.col("market").filter(pl.col("broken") > 0).min()
    trials = rows.group_by("name", maintain_order=True).agg(pl.sum("checked", "broken"), first)
    return trials.filter(pl.col("checked") > 0)


def _of_market(
    counts: Callable[[int, int], Counts], seed: int, number: int
) -> list[tuple[int, str, int, int]]:
    return [(number, *count) for count in counts(seed, number)]


def broken_in(seed: int, number: int, law: MetamorphicLaw | None = None) -> str:
    """Return what is broken in one market, and the market as YAML: of every law, or of a metamorphic one."""
    if law is None:
        market = scenario(seeded(seed, number))
        return broken(check(play(market)), market)
    try:
        found, market = _compared(law, seed, number)
    except UnfitError:
        return ""
    return f"{law.name}: {found}\n{law.text}\n{as_yaml(market)}" if found else ""


def broken(verdicts: Mapping[int, laws.Verdict], scenario: Mapping[str, Any]) -> str:
    """Return what is broken and where, a line each, and the market; nothing if every law holds."""
    lines = [
        f"law {one.law}, {laws.LAWS[one.law].name}: {one.where}: {one.value}, allowed is {one.allowed}"
        for verdict in verdicts.values()
        for one in verdict.findings
    ]
    if not lines:
        return ""
    return "\n".join([*lines, "paceline simulate FILE plays it again, where FILE holds", as_yaml(scenario)])


def as_yaml(scenario: Mapping[str, Any]) -> str:
    """Return *scenario* as a file that `paceline simulate` runs."""
    return yaml.dump(dict(scenario), Dumper=_WithoutAliases, sort_keys=False, width=110)


class _WithoutAliases(yaml.SafeDumper):
    """Writes what stands in two places twice, as people do."""

    def ignore_aliases(self, _: Any) -> bool:
        """Return True."""
        return True
