"""Trials: each law over many random markets, numbered, so that any of them can be drawn and played again."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial, reduce
from pathlib import Path
from tempfile import TemporaryDirectory

from analysis.audit.findings import Audit
from analysis.runs.simulate import simulate
from analysis.verify.lawbook.check import CHECKED, check
from analysis.verify.lawbook.choices import seeded
from analysis.verify.lawbook.difference import difference
from analysis.verify.lawbook.failures import as_yaml, broken
from analysis.verify.lawbook.markets import scenario
from analysis.verify.lawbook.metamorphic import Between, UnfitError, all_laws
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
    """What came of one law."""

    name: str
    checked: int = 0
    """How many things were looked at: slots, rows, windows, markets."""
    broken: int = 0
    first: int | None = None
    """The number of the first market that breaks it."""

    def __add__(self, other: Trial) -> Trial:
        first = other.first if self.first is None else self.first
        return Trial(self.name, self.checked + other.checked, self.broken + other.broken, first)


def every_law(seed: int, numbers: range) -> list[Trial]:
    """Return what came of each law that a single market can break, over the markets of these *numbers*."""
    found = [Trial(f"law {number}, {laws.LAWS[number].name}") for number in CHECKED]
    ended = Trial("runs to their end")
    for number in numbers:
        try:
            verdicts = check(play(scenario(seeded(seed, number))))
        except CRASHES:
            ended += Trial("", 1, 1, number)
            continue
        ended += Trial("", 1)
        for place, verdict in enumerate(verdicts.values()):
            first = None if verdict.holds else number
            found[place] += Trial("", verdict.checked, verdict.broken, first)
    return [ended, *found]


def stored(seed: int, numbers: range) -> list[Trial]:
    """Return what the audit says of each law, of markets that are played as `paceline simulate` plays them.

    They go from a file of YAML to a database of their own, with their events on disk.
    """
    found = {number: Trial(f"law {number}, {law.name}, in the database") for number, law in laws.LAWS.items()}
    for number in numbers:
        for report in audited(as_yaml(scenario(seeded(seed, number)))).laws:
            first = number if report.broken else None
            found[report.number] += Trial("", report.checked, report.broken, first)
    return [trial for trial in found.values() if trial.checked]


def audited(text: str) -> Audit:
    """Return the audit of the scenario that is written in *text*, stored and read again."""
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
    """Return what came of playing markets on the compiled kernels and on the reference: they are the same.

    The laws hold on the reference too.
    """
    same, lawful = Trial("runs that differ from the reference"), Trial("laws broken on the reference")
    for number in numbers:
        market = scenario(seeded(seed, number), READABLE)
        readable = play(market, reference)
        told = difference(play(market), readable)
        same += Trial("", 1, int(bool(told)), number if told else None)
        for verdict in check(readable).values():
            first = None if verdict.holds else number
            lawful += Trial("", verdict.checked, verdict.broken, first)
    return [same, lawful]


def between_two(seed: int, numbers: range) -> list[Trial]:
    """Return what came of each law between two markets; markets that it says nothing of do not count."""
    return [_between(law, seed, numbers) for law in all_laws()]


def _between(law: Between, seed: int, numbers: range) -> Trial:
    found = Trial(law.name)
    for number in numbers:
        choices = seeded(seed, number)
        market = scenario(choices, law.scope)
        try:
            told = law.compare(market, choices)
        except UnfitError:
            continue
        found += Trial("", 1, int(bool(told)), number if told else None)
    return found


def over(
    trial: Callable[[int, range], list[Trial]], markets: int, workers: int, seed: int = SEED
) -> list[Trial]:
    """Return what came of *trial* over so many *markets*, in several processes where that is worth it."""
    parts = min(workers, markets // _TOGETHER)
    if parts < 2:
        return trial(seed, range(markets))
    edges = [markets * part // parts for part in range(parts + 1)]
    ranges = [range(edges[part], edges[part + 1]) for part in range(parts)]
    with ProcessPoolExecutor(parts, multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(partial(trial, seed), ranges))
    return [reduce(Trial.__add__, each) for each in zip(*found, strict=True)]


def told(seed: int, number: int, law: Between | None = None) -> Iterator[str]:
    """Yield what is broken in one market, and the market as YAML: of every law, or of one between two."""
    choices = seeded(seed, number)
    if law is None:
        market = scenario(choices)
        yield broken(check(play(market)), market)
        return
    market = scenario(choices, law.scope)
    try:
        found = law.compare(market, choices)
    except UnfitError:
        return
    if found:
        yield f"{law.name}: {found}\n{law.text}\n{as_yaml(market)}"
