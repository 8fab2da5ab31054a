"""A finished run once more, from what the database keeps of it alone: does it come out the same?"""

from __future__ import annotations

import json
import platform
import time
from dataclasses import dataclass
from importlib import metadata

from pydantic import ValidationError
from sqlalchemy import Engine

from analysis.audit_book import read_book
from analysis.code import code
from analysis.recording import Recording
from analysis.runs import Totals, Watch, columns_of, find_run
from entities import registry
from scenarios.models import Scenario
from sim.engine.executors import executor
from sim.engine.run import simulate as run_market
from sim.events import Hour

NONE = "none"
"""The version of a package that is not installed."""
DIGITS = 12
"""How many digits stand for the code."""


@dataclass(frozen=True, slots=True)
class Version:
    """Something that can change a run's bytes, and has changed since."""

    name: str
    then: str
    now: str


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A run beside its repetition."""

    run_id: str
    scenario: str
    seed: int
    digest: str
    digest_now: str
    auctions: int
    auctions_now: int
    impressions: int
    impressions_now: int
    spend_micros: int
    spend_micros_now: int
    versions: tuple[Version, ...]
    """What has another version now than then."""
    seconds: float
    """How long the repetition took."""

    @property
    def same(self) -> bool:
        """Return whether everything came out as it was."""
        then = self.digest, self.auctions, self.impressions, self.spend_micros
        return then == (self.digest_now, self.auctions_now, self.impressions_now, self.spend_micros_now)


def reproduce(
    engine: Engine, run_id: str | None = None, *, workers: int = 1, watch: Watch = lambda _: None
) -> Reproduction:
    """Return how a run, the latest where none is named, comes out today; nothing is stored.

    The registry is not looked at: the scenario and the book are those that are stored with the run.
    InputError where there is no such run, or where this version cannot read what is stored.
    """
    with registry.session(engine, writes=False) as reader:
        run = find_run(reader, run_id)
    versions = _versions(run)
    try:
        scenario = Scenario.model_validate_json(run.scenario_text)
        book = read_book(run.book_text)
    except (ValidationError, ValueError, TypeError) as error:
        changed = ", ".join(f"{one.name} {one.then} then, {one.now} now" for one in versions)
        why = str(error).partition("\n")[0]
        told = changed or "the versions are the same"
        raise registry.InputError(
            f"run {run.run_id}: its scenario or book cannot be read: {why}; {told}"
        ) from None
    clock = time.perf_counter()
    totals = Totals(scenario, watch)
    with Recording(columns_of(book, scenario), run.run_id) as recording:

        def sink(hour: Hour) -> None:
            recording(hour)
            totals(hour)

        with executor(workers) as threads:
            outcome = run_market(scenario.market, book, scenario.seed, sink, threads)
        digest = recording.digest(outcome.events_digest)
    return Reproduction(
        run_id=run.run_id,
        scenario=run.scenario,
        seed=run.seed,
        digest=run.digest,
        digest_now=digest,
        auctions=run.auctions,
        auctions_now=totals.auctions,
        impressions=run.impressions,
        impressions_now=totals.impressions,
        spend_micros=run.spend_micros,
        spend_micros_now=totals.spend_micros,
        versions=versions,
        seconds=time.perf_counter() - clock,
    )


def _versions(run: registry.SimulationRun) -> tuple[Version, ...]:
    then = {
        "paceline": run.paceline_version,
        "code": run.code[:DIGITS],
        "python": run.python_version,
        **json.loads(run.packages),
        "platform": run.platform,
    }
    pairs = [Version(name, str(version), _now(name)) for name, version in then.items()]
    return tuple(pair for pair in pairs if pair.then != pair.now)


def _now(name: str) -> str:
    if name == "code":
        return code()[:DIGITS]
    if name == "python":
        return platform.python_version()
    if name == "platform":
        return f"{platform.system()} {platform.machine()}"
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return NONE
