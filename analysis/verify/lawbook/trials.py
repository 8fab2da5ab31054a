"""Trials: each law over many random markets, numbered, so that each can be drawn and played once more."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.audit.findings import Audit
from analysis.runs.simulate import simulate
from analysis.verify.lawbook.check import CHECKED, check
from analysis.verify.lawbook.choices import seeded
from analysis.verify.lawbook.difference import difference
from analysis.verify.lawbook.edit import UnfitError
from analysis.verify.lawbook.failures import as_yaml, broken
from analysis.verify.lawbook.markets import scenario
from analysis.verify.lawbook.metamorphic import MetamorphicLaw, all_laws
from analysis.verify.lawbook.play import play
from analysis.verify.lawbook.scope import Scope
from entities import registry
from scenarios.loader import load
from sim import laws, reference

SEED = 20261120
CRASHES = (ArithmeticError, AssertionError, LookupError, TypeError, ValueError)
"""What a run must not end in, whatever the market."""
READABLE = Scope(most_viewers=6, most_days=2, most_items=4, minutes=(60, 60, 30))
"""Markets that are small enough for the readable reference."""
_TOGETHER = 10
"""Fewer markets than that are not worth a process of their own."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How often one law was checked and broken."""

    name: str
    checked: int = 0
    """How many things were looked at: slots, rows, windows, markets."""
    broken: int = 0
    first: int | None = None
    """The number of the first market that breaks it."""

    def __add__(self, other: Trial) -> Trial:
        first = other.first if self.first is None else self.first
        return Trial(self.name, self.checked + other.checked, self.broken + other.broken, first)

    def plus(self, number: int, broken: int, checked: int = 1) -> Trial:
        """Return the trial with one market more, the one of that *number*."""
        return self + Trial(self.name, checked, broken, number if broken else None)


def every_law(seed: int, numbers: range) -> list[Trial]:
    """Return the trial of each law that a single market can break, over the markets of these *numbers*."""
    found = {number: Trial(f"law {number}, {laws.LAWS[number].name}") for number in CHECKED}
    ended = Trial("runs to their end")
    for number in numbers:
        try:
            verdicts = check(play(scenario(seeded(seed, number))))
        except CRASHES:
            ended = ended.plus(number, 1)
            continue
        ended = ended.plus(number, 0)
        for law, verdict in verdicts.items():
            found[law] = found[law].plus(number, verdict.broken, verdict.checked)
    return [ended, *found.values()]


def stored(seed: int, numbers: range) -> list[Trial]:
    """Return the trial of each law by the audit, of markets played as `paceline simulate` plays them.

    They go from a file of YAML to a database of their own, with their events on disk.
    """
    found = {number: Trial(f"law {number}, {law.name}, in the database") for number, law in laws.LAWS.items()}
    for number in numbers:
        for report in audited(as_yaml(scenario(seeded(seed, number)))).laws:
            found[report.number] = found[report.number].plus(number, report.broken, report.checked)
    return [trial for trial in found.values() if trial.checked]


def audited(text: str) -> Audit:
    """Return the audit of the scenario in *text*, stored and read back."""
    with TemporaryDirectory() as folder:
        file, events = Path(folder, "market.yml"), Path(folder, "events")
        file.write_text(text, encoding="utf-8")
        engine = registry.make_engine(Path(folder, "ads.db"))
        try:
            registry.init_db(engine)
            return simulate(engine, load(str(file)), events=events).audit()
        finally:
            engine.dispose()


def on_the_reference(seed: int, numbers: range) -> list[Trial]:
    """Return the trials of markets on the compiled kernels and on the reference: they come to the same bytes.

    The laws hold on the reference too.
    """
    same, lawful = Trial("runs that differ from the reference"), Trial("laws broken on the reference")
    for number in numbers:
        market = scenario(seeded(seed, number), READABLE)
        readable = play(market, reference)
        same = same.plus(number, bool(difference(play(market), readable)))
        for verdict in check(readable).values():
            lawful = lawful.plus(number, verdict.broken, verdict.checked)
    return [same, lawful]


def metamorphic(seed: int, numbers: range) -> list[Trial]:
    """Return the trial of each metamorphic law; markets that do not meet its conditions do not count."""
    found = []
    for law in all_laws():
        trial = Trial(law.name)
        for number in numbers:
            try:
                trial = trial.plus(number, bool(_compared(law, seed, number)[0]))
            except UnfitError:
                continue
        found.append(trial)
    return found


def _compared(law: MetamorphicLaw, seed: int, number: int) -> tuple[str, dict[str, Any]]:
    choices = seeded(seed, number)
    market = scenario(choices, law.scope)
    return law.compare(market, choices), market


def over(
    trial: Callable[[int, range], list[Trial]], markets: int, workers: int, seed: int = SEED
) -> list[Trial]:
    """Return the results of *trial* over so many *markets*, in several processes where that is worth it."""
    parts = min(workers, markets // _TOGETHER)
    if parts < 2:
        return trial(seed, range(markets))
    edges = [markets * part // parts for part in range(parts + 1)]
    ranges = [range(edges[part], edges[part + 1]) for part in range(parts)]
    with ProcessPoolExecutor(parts, multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(partial(trial, seed), ranges))
    return [reduce(Trial.__add__, each) for each in zip(*found, strict=True)]


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
