"""A finished run once more, from what the database keeps of it alone: does it come out the same?"""

from __future__ import annotations

import json
import platform
import time
from dataclasses import dataclass
from importlib import metadata

from sqlalchemy import Engine

from analysis.audit.book import read_run, unchanged
from analysis.runs.code import code
from analysis.runs.recording import Recording
from analysis.runs.simulate import Totals, Watch, columns_of, find_run, fingerprint
from entities import registry
from sim.engine.executors import executor
from sim.engine.run import simulate as run_market
from sim.events import Hour

NONE = "none"
"""The version of a package that is not installed."""
DIGITS = 12
"""How many digits of a hash stand for it."""


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
    changed = ", ".join(f"{one.name} {one.then} then, {one.now} now" for one in versions)
    scenario, book = read_run(run, f"; {changed or 'the versions are the same'}")
    named = Version("fingerprint", run.fingerprint[:DIGITS], fingerprint(scenario, book)[:DIGITS])
    if named.then != named.now:  # of what was stored, or a version reads more into it
        versions = (named, *versions)
    clock = time.perf_counter()
    totals = Totals(scenario, watch)
    with (
        unchanged(run, scenario, book),
        Recording(columns_of(book, scenario), run.run_id) as recording,
    ):

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
        **_packages(run),
        "platform": run.platform,
    }
    pairs = [Version(name, version, _now(name)) for name, version in then.items()]
    return tuple(pair for pair in pairs if pair.then != pair.now)


def _packages(run: registry.SimulationRun) -> dict[str, str]:
    try:
        return {str(name): str(version) for name, version in json.loads(run.packages).items()}
    except (ValueError, AttributeError):
        return {"packages": run.packages}


def _now(name: str) -> str:
    if name == "code":
        return code()[:DIGITS]
    if name == "python":
        return platform.python_version()
    if name == "platform":
        return f"{platform.system()} {platform.machine()}"
    try:
        return metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):
        return NONE
