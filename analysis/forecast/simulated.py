"""The full answer: a booking played in its world with many seeds, and held against the world without it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from analysis.forecast.answer import Avails, Displaced, Estimate, Forecast, estimate, verdict
from analysis.forecast.played import Counts, Played, Try, played
from analysis.forecast.proposal import FULL, Proposal
from analysis.forecast.world import ALONE, UNBOUND, WITH, WITHOUT, World, previewed
from analysis.study.run import Progress
from analysis.study.statistics.proportions import Proportion, proportion
from analysis.study.workers import Failed, Workers
from entities.errors import InputError, PacelineError

SEEDS = 24
"""The fewest that can say yes at 90 %: delivered in all of them, Jeffreys' interval begins at 90.2 %."""
THRESHOLD = 0.9
AT_ONCE = 8
"""Seeds between two looks, and those with which the other worlds are played."""

OnProgress = Callable[[Progress], None]


@dataclass
class Tries:
    """Plays worlds on a few processes, and says how far it is."""

    workers: Workers[Try, Played]
    tell: OnProgress = lambda _: None
    now: Progress = field(default_factory=lambda: Progress(0))

    def telling(self, tell: OnProgress) -> None:
        """Tell from now on, and count from none."""
        self.tell, self.now = tell, Progress(0)

    def play(self, tries: Iterable[Try]) -> list[Played]:
        """Return what comes of *tries*, in their order; PacelineError for the first that fails."""
        todo = list(tries)
        self.now.total += len(todo)
        self.tell(self.now)
        found: dict[tuple[str, int], Played] = {}
        for one in self.workers.play(todo):
            if isinstance(one, Failed):
                raise PacelineError(f"seed {one.task.seed} of the world {one.task.arm.name}: {one.error}")
            found[one.arm, one.seed] = one
            self.now.done += 1
            self.tell(self.now)
        return [found[each.arm.name, each.seed] for each in todo]


@contextmanager
def tries_on(workers: int) -> Iterator[Tries]:
    """Yield what plays worlds on so many processes, which are there for the block."""
    with Workers(played, workers) as pool:
        yield Tries(pool)


@dataclass(frozen=True)
class Asked:
    """What a forecast is asked for."""

    world: World
    proposal: Proposal
    seeds: int = SEEDS
    threshold: float = THRESHOLD
    enough: float = FULL
    curtailed: bool = True
    """Whether seeds that cannot change a no are left out."""

    def __post_init__(self) -> None:
        if self.seeds < 2:
            raise InputError(f"replications {self.seeds}: an interval needs at least 2 seeds")

    @property
    def first(self) -> int:
        """Return the first seed."""
        return self.world.loaded.scenario.seed

    def share(self, one: Played) -> float:
        """Return the share of its goal that the booking delivered."""
        _, impressions, spend = one.items[self.proposal.path]
        return self.proposal.delivered(impressions, spend)

    def is_full(self, one: Played) -> bool:
        """Return whether the booking was delivered in full."""
        return self.share(one) >= self.enough


def simulated(asked: Asked, tries: Tries) -> Forecast:
    """Return the answer of *asked*, played by *tries*, without curves."""
    world, proposal = asked.world, asked.proposal
    having, without = world.having(proposal), world.without(proposal)
    alone, unbound = world.alone(proposal), world.unbound(proposal)
    seeds = range(asked.first, asked.first + asked.seeds)
    todo = [Try(having, seed) for seed in seeds[:AT_ONCE]]
    todo += [Try(without, seed) for seed in seeds[:AT_ONCE]]
    todo += [Try(arm, seed) for seed in seeds[:AT_ONCE] for arm in (alone, unbound)]
    known = tries.play(todo)
    runs = _of(known, WITH)
    while len(runs) < asked.seeds and not (asked.curtailed and _is_settled(asked, runs)):
        more = seeds[len(runs) : len(runs) + AT_ONCE]
        runs += tries.play(Try(having, seed) for seed in more)

    own = [one.items[proposal.path] for one in runs]
    item = next(item for item in having.book.line_items if item.path == proposal.path)
    market = world.market
    begins, ends = (
        market.horizon.at(hour).astimezone(ZoneInfo(item.zone))
        for hour in (item.flights[0][0], item.flights[-1][1] - 1)
    )
    rivals, unsold, displaced = _displaced(proposal.path, _of(known, WITHOUT), runs)
    return Forecast(
        scenario=world.loaded.scenario.name,
        seed=asked.first,
        line_item=proposal.path,
        flight=(f"{begins:%Y-%m-%d}", f"{ends:%Y-%m-%d}"),
        bid_micros=proposal.bid_micros,
        impressions=proposal.impressions,
        budget_micros=proposal.budget_micros,
        enough=asked.enough,
        threshold=asked.threshold,
        preview=previewed(world, proposal),
        avails=_avails(proposal, _of(known, ALONE), _of(known, UNBOUND)),
        delivered=estimate([one.impressions for one in own]),
        spend_micros=estimate([one.spend_micros for one in own]),
        share=estimate([*map(asked.share, runs)]),
        full=_full(asked, runs),
        displaced=displaced,
        rivals=rivals,
        unsold=unsold,
    )


def _of(found: Iterable[Played], arm: str) -> list[Played]:
    return [one for one in found if one.arm == arm]


def _full(asked: Asked, runs: Sequence[Played]) -> Proportion:
    return proportion(sum(map(asked.is_full, runs)), len(runs))


def _is_settled(asked: Asked, runs: Sequence[Played]) -> bool:
    # Curtailed sampling: whatever the seeds that are left bring, all of them together would say no.
    successes = sum(map(asked.is_full, runs)) + asked.seeds - len(runs)
    return verdict(proportion(successes, asked.seeds), asked.threshold) == "no"


def _avails(proposal: Proposal, alone: Sequence[Played], unbound: Sequence[Played]) -> Avails:
    own = [one.items[proposal.path] for one in alone]
    return Avails(
        matched=estimate([one.matched for one in own]),
        possible=estimate([one.impressions for one in own]),
        available=estimate([one.items[proposal.path].impressions for one in unbound]),
    )


def _displaced(
    own: str, without: Sequence[Played], runs: Sequence[Played]
) -> tuple[Estimate, Estimate, tuple[Displaced, ...]]:
    pairs = list(zip(without, runs, strict=False))
    assert all(before.seed == after.seed for before, after in pairs)

    def less(path: str, field: int) -> Estimate:
        return estimate([before.items[path][field] - after.items[path][field] for before, after in pairs])

    impressions, spend = Counts._fields.index("impressions"), Counts._fields.index("spend_micros")
    others = (path for path in without[0].items if path != own)
    found = [Displaced(path, less(path, impressions), less(path, spend)) for path in others]
    found.sort(key=lambda one: (-one.impressions.mean, one.line_item))
    return (
        estimate([before.rivals - after.rivals for before, after in pairs]),
        estimate([before.unsold - after.unsold for before, after in pairs]),
        tuple(found),
    )
