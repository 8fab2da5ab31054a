"""The draws behind every decision: uniform, and independent from slot to slot and purpose to purpose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from numba import njit
from numpy.typing import NDArray

from sim.audience.population import sharded
from sim.events import POD_SHIFT
from sim.kernels.numbers import mix as compiled_mix
from sim.layout import POD_BITS, SESSION, VIEWER
from sim.reference.exchange import TickExchange
from sim.reference.numbers import rows
from sim.reference.serve_slots import open_slot
from sim.reference.session_breaks import person_draw, session_draw
from sim.streams import GOLDEN, MASK, Purpose, mix, name_key, salts
from tests.audiences import random_viewing
from tests.shapes import Shape
from tests.statistical.chance import classes_of, expect_even, expect_independent, expect_standard
from tests.worlds import random_world

Words = NDArray[np.uint64]

SEED = 20261102
SALTS = salts(SEED)
KEYS = [np.uint64(name_key("Advertiser", "Campaign", f"item {i}")) for i in range(3)]
STEP = np.uint64(GOLDEN)
LOW, HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
BY_ITEM = (Purpose.value, Purpose.throttle, Purpose.tie, Purpose.rotation, Purpose.delivery)


@njit
def mixed(words):  # type: ignore[no-untyped-def]
    """Return the product's hash of each of *words*."""
    hashes = np.empty_like(words)
    for i in range(len(words)):
        hashes[i] = compiled_mix(words[i])
    return hashes


def slot_draws(numbers: Words, run: Words) -> Words:
    return mixed(numbers * STEP + run[Purpose.slot])


def draws_of(slots: Words, run: Words, purpose: Purpose, key: np.uint64) -> Words:
    return mixed(slots ^ key ^ run[purpose])


def person_draws(ids: Words, run: Words, purpose: Purpose) -> Words:
    return mixed(ids * STEP ^ run[purpose])


@dataclass(frozen=True)
class Sample:
    """Draws from 0 to 1, one row for each thing that they decide."""

    names: list[str]
    draws: NDArray[np.float64]
    lags: tuple[int, ...]
    """How far apart neighbours are."""

    @classmethod
    def of(cls, words: dict[str, Words], lags: tuple[int, ...]) -> Sample:
        """Return both halves of each row of *words*, as the tick reads them."""
        halves = {f"{name}, low": word & LOW for name, word in words.items()}
        halves |= {f"{name}, high": word >> HALF for name, word in words.items()}
        return cls(list(halves), np.array(list(halves.values()), np.float64) / 2**32, lags)


def _slots() -> Sample:
    # The slots of pods of three that many viewers meet one after the other.
    viewers, pods, positions = 2000, 40, 3
    v, p, k = np.meshgrid(np.arange(viewers), np.arange(pods), np.arange(positions), indexing="ij")
    slots = slot_draws(((((v << POD_BITS) + p) << POD_SHIFT) + k).ravel().astype(np.uint64), SALTS)
    words = {"slot": slots, "tie of ambient": draws_of(slots, SALTS, Purpose.tie, np.uint64(0))}
    words["ambient presence"] = draws_of(slots, SALTS, Purpose.ambient, np.uint64(0))
    words["ambient bid"] = mixed(words["ambient presence"])
    for i, key in enumerate(KEYS):
        for purpose in BY_ITEM:
            words[f"{purpose.name} of item {i}"] = draws_of(slots, SALTS, purpose, key)
    last = words["delivery of item 0"]
    for name in ("seen and left", "skipped and muted", "clicked and scanned"):
        words[name] = last = mixed(last)
    return Sample.of(words, (1, 2, positions, positions * pods))


def _sessions() -> Sample:
    viewers, sessions = 4000, 60
    ids = np.repeat(np.arange(viewers), sessions).astype(np.uint64)
    numbers = np.tile(np.arange(1, sessions + 1), viewers).astype(np.uint64)
    keys = mixed(person_draws(ids, SALTS, Purpose.title) + numbers)
    words = {"length": keys, "device": mixed(keys ^ np.uint64(1))}
    for n in range(3):
        title = mixed(keys + np.uint64((n + 1) * GOLDEN & MASK))
        second = mixed(title ^ np.uint64(2))
        words |= {f"title {n}": title, f"second genre {n}": second, f"tier {n}": mixed(second)}
        words |= {f"break {j} of title {n}": mixed(title ^ np.uint64(3 + j)) for j in range(3)}
    return Sample.of(words, (1, 2, sessions))


def _hours() -> Sample:
    viewers, hours = 1500, 168
    ids = np.repeat(np.arange(viewers), hours).astype(np.uint64)
    hour = np.tile(np.arange(hours), viewers).astype(np.uint64)
    start = mixed(person_draws(ids, SALTS, Purpose.viewing) + hour * STEP)
    return Sample.of({"start": start}, (1, 2, 24, hours))


SAMPLES = {"slots": _slots, "sessions": _sessions, "hours": _hours}


@cache
def sample_of(name: str) -> Sample:
    return SAMPLES[name]()


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> Sample:
    return sample_of(request.param)


def test_every_draw_is_uniform(sample: Sample) -> None:
    for name, draws in zip(sample.names, sample.draws, strict=True):
        expect_even(classes_of(draws, 256), 256, len(sample.names), name)


def test_no_two_draws_correlate(sample: Sample) -> None:
    n = sample.draws.shape[1]
    pairs = np.corrcoef(sample.draws)[np.triu_indices(len(sample.names), 1)]
    expect_standard(pairs * np.sqrt(n))


def test_no_two_draws_go_together_in_any_other_way(sample: Sample) -> None:
    quarters = classes_of(sample.draws, 4)
    pairs = list(combinations(range(len(sample.names)), 2))
    for a, b in pairs:
        both = quarters[a] * 4 + quarters[b]
        expect_even(both, 16, len(pairs), f"{sample.names[a]} with {sample.names[b]}")


def test_draws_of_neighbours_do_not_correlate(sample: Sample) -> None:
    centred = sample.draws - 0.5
    deviations = [
        12 * (row[:-lag] * row[lag:]).sum() / np.sqrt(len(row) - lag)
        for row in centred
        for lag in sample.lags
    ]  # a uniform draw has the variance 1/12
    expect_standard(deviations)


def test_no_two_slots_share_their_draw() -> None:
    slots = np.unique(np.array([0, 1, 2, 49_999_999]))[:, None] << (POD_BITS + POD_SHIFT)
    numbers = (slots + np.arange(50_000)).ravel().astype(np.uint64)
    assert len(np.unique(slot_draws(numbers, SALTS))) == len(numbers)


def test_one_seed_s_draws_have_nothing_to_do_with_another_s() -> None:
    numbers = np.arange(100_000, dtype=np.uint64) << np.uint64(POD_SHIFT)
    seeds = [salts(seed) for seed in (1, 2, 3, 4)]
    high = np.array([slot_draws(numbers, run) >> HALF for run in seeds], np.float64)
    expect_standard(np.corrcoef(high)[np.triu_indices(4, 1)] * np.sqrt(len(numbers)))


def test_the_draws_of_slots_are_those_of_the_readable_tick() -> None:
    world = random_world(replace(Shape(), items=3, viewers=5), 1)
    step, run = world.steps[0], world.market.salts
    exchange = TickExchange(world.book, world.market, step.tick, world.memory, lambda *_: 0)
    for pod in rows(step.pods):
        slot = open_slot(exchange, pod, 1, [], [])
        ours = slot_draws(np.array([(pod.id << POD_SHIFT) + 1], np.uint64), run)
        assert slot.draw == ours[0]
        for item in exchange.items:
            for purpose in BY_ITEM:
                drawn = draws_of(ours, run, purpose, np.uint64(item.key))
                assert exchange.draw(slot, purpose, item.key) == drawn[0]
        for purpose in (Purpose.ambient, Purpose.tie):
            assert exchange.draw(slot, purpose) == draws_of(ours, run, purpose, np.uint64(0))[0]


def test_the_draws_of_viewers_are_those_of_the_readable_hour() -> None:
    viewing = random_viewing(np.random.default_rng(1))._replace(salts=SALTS)
    sessions = rows(np.zeros(1, SESSION))
    for number in range(1, 5):
        sessions[0].number = number
        for person in rows(np.array([(7, 3, 4096, 0, 0, 0, 0, 0, 0)], VIEWER)):
            ids = np.array([person.id], np.uint64)
            for purpose in (Purpose.viewing, Purpose.title):
                drawn = person_draw(viewing, purpose, person)
                assert drawn == person_draws(ids, SALTS, purpose)[0]
            ours = mixed(person_draws(ids, SALTS, Purpose.title) + np.uint64(number))
            assert session_draw(viewing, person, sessions[0]) == ours[0]
    assert mixed(np.array([5], np.uint64))[0] == mix(5)


@pytest.mark.parametrize("shards", [4, 16, 100])
def test_households_are_spread_evenly_over_the_shards(shards: int) -> None:
    viewers = np.zeros(60_000, VIEWER)
    viewers["household"] = np.arange(len(viewers))
    home = np.zeros(len(viewers), np.int64)
    for shard, members in enumerate(sharded(viewers, shards, int(SALTS[Purpose.household]))):
        home[members["household"]] = shard
    expect_even(home, shards, 3)
    for lag in (1, 2):
        expect_independent(home[:-lag] % 16, home[lag:] % 16, 3, f"households {lag} apart")
