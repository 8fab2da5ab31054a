"""The best set of ads for a pod: exact by every way of choosing, and never more than the pod holds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim import kernels, reference
from sim.layout import FIRST, LAST
from tests.pods import options_of, random_options
from tests.property.markets import laws, seeds

EITHER = FIRST | LAST
lengths = st.sampled_from([(15, 30), (6, 15, 30), (10, 15, 20, 30, 60), (1, 7, 13)])


def fits(options: NDArray[np.void], chosen: tuple[int, ...], seconds: int, ads: int) -> bool:
    """Return whether a set may share the pod, as the standard's words have it."""
    members = options[list(chosen)]
    ends = members["ends"].tolist()
    return bool(
        len(chosen) <= ads
        and members["seconds"].sum() <= seconds
        and len(set(members["group"].tolist())) == len(chosen)
        and ends.count(FIRST) <= 1
        and ends.count(LAST) <= 1
        and len(chosen) - ends.count(0) <= 2
    )


def every_set(options: NDArray[np.void], seconds: int, ads: int) -> Iterator[tuple[int, ...]]:
    for n in range(min(len(options), ads) + 1):
        for chosen in combinations(range(len(options)), n):
            if fits(options, chosen, seconds, ads):
                yield chosen


def key(options: NDArray[np.void], chosen: list[int] | tuple[int, ...]) -> tuple[int, int]:
    members = options[list(chosen)]
    return int(members["value"].sum()), int(members["tie"].sum())


C2 = {"value": [24, 22, 14, 13, 15, 40], "seconds": [30, 30, 15, 15, 20, 60]}


@pytest.mark.parametrize("engine", [kernels, reference])
@pytest.mark.parametrize(
    ("groups", "best", "worth"), [([0, 1, 0, 2, 3, 4], [0, 1, 3], 59), (range(6), [0, 1, 2], 60)]
)
def test_75_seconds_hold_59_with_separation_and_60_without(engine, groups, best, worth) -> None:  # type: ignore[no-untyped-def]
    # A 30 s at 24, B 30 s at 22, A 15 s at 14, C 15 s at 13, D 20 s at 15, E 60 s at 40.
    options = options_of(**C2, group=list(groups), advertiser=[0, 1, 0, 2, 3, 4])
    assert engine.knapsack(options, 75, 15).tolist() == best
    assert key(options, best)[0] == worth


@laws
@given(seeds, st.integers(0, 12), lengths, st.sampled_from([2, 5, 10**7]), st.booleans(), st.integers(1, 6))
def test_no_set_is_better(
    seed: int, n: int, lengths: tuple[int, ...], values: int, ends: bool, ads: int
) -> None:
    rng = np.random.default_rng(seed)
    options = random_options(rng, n, lengths, values, groups=int(rng.integers(1, 9)), ends=ends)
    seconds = int(rng.choice([0, 15, 30, 60, 75, 90]))
    chosen = kernels.knapsack(options, seconds, ads).tolist()
    everything = list(every_set(options, seconds, ads))
    assert tuple(sorted(chosen)) in everything
    assert key(options, chosen) == max(key(options, other) for other in everything)
    for without in set(options["advertiser"].tolist()):
        left = [o for o in everything if without not in options["advertiser"][list(o)]]
        assert kernels.worth(options, seconds, ads, without) == max(key(options, o)[0] for o in left)


@settings(max_examples=12)
@given(seeds, st.integers(2, 15), st.booleans())
def test_pods_of_real_size_hold_the_best_set(seed: int, ads: int, ends: bool) -> None:
    # Thirty groups, three options each, five minutes: against a table of its own, by seconds and ads alone.
    rng = np.random.default_rng(seed)
    options = random_options(rng, 90, (6, 15, 20, 30, 45, 60), 30_000, groups=30, ends=ends)
    chosen = kernels.knapsack(options, 300, ads).tolist()
    assert fits(options, tuple(chosen), 300, ads)
    assert key(options, chosen)[0] == (most_with_ends if ends else most)(options, 300, ads)
    assert key(options, chosen)[0] >= greedy(options, 300, ads)


def most(options: NDArray[np.void], seconds: int, ads: int) -> int:
    """Return the most that a pod can be worth, ends of the pod apart."""
    table = np.zeros((ads + 1, seconds + 1), np.int64)
    for group in np.unique(options["group"]):
        before = table.copy()
        for option in options[options["group"] == group]:
            length, value = int(option["seconds"]), int(option["value"])
            if length <= seconds:
                moved = before[:-1, : seconds + 1 - length] + value
                np.maximum(table[1:, length:], moved, out=table[1:, length:])
    return int(table.max())


def most_with_ends(options: NDArray[np.void], seconds: int, ads: int) -> int:
    """Return the same where ends are bought: who opens and who closes is tried out, the rest buys nothing."""
    best = 0
    bought = [None, *np.flatnonzero(options["ends"])]
    plain = options[options["ends"] == 0]
    # Of a group and a length only the dearest taker of an end can matter.
    bought = [
        o
        for o in bought
        if o is None
        or all(
            options[o]["value"] >= other["value"]
            for other in options
            if (other["group"], other["seconds"], other["ends"])
            == (options[o]["group"], options[o]["seconds"], options[o]["ends"])
        )
    ]
    for first, last in product(bought, bought):
        takers = [o for o in (first, last) if o is not None]
        if first is not None and not options[first]["ends"] & FIRST:
            continue
        if last is not None and not options[last]["ends"] & LAST:
            continue
        members = options[takers]
        used = int(members["seconds"].sum())
        groups = members["group"].tolist()
        if len(set(groups)) < len(takers) or used > seconds or len(takers) > ads:
            continue
        rest = plain[~np.isin(plain["group"], groups)]
        bound = int(members["value"].sum()) + int(np.sort(rest["value"])[-ads:].sum())
        if bound > best:
            room = ads - len(takers)
            best = max(best, int(members["value"].sum()) + (most(rest, seconds - used, room) if room else 0))
    return best


def greedy(options: NDArray[np.void], seconds: int, ads: int) -> int:
    """Return what comes of taking the dearest that still fits, again and again."""
    chosen: tuple[int, ...] = ()
    for o in np.argsort(-options["value"], kind="stable").tolist():
        if fits(options, (*chosen, o), seconds, ads):
            chosen = (*chosen, o)
    return key(options, chosen)[0]


@laws
@given(seeds, st.integers(1, 14), lengths)
def test_the_order_of_the_options_decides_nothing(seed: int, n: int, lengths: tuple[int, ...]) -> None:
    rng = np.random.default_rng(seed)
    options = random_options(rng, n, lengths, 3, groups=6, ends=True)
    order = rng.permutation(n)
    chosen = kernels.knapsack(options, 75, 5)
    assert order[kernels.knapsack(options[order], 75, 5)].tolist() == chosen.tolist()


@laws
@given(seeds, st.integers(1, 14))
def test_whoever_buys_an_end_of_the_pod_has_it(seed: int, n: int) -> None:
    options = random_options(np.random.default_rng(seed), n, (15, 30), 50, groups=8, ends=True)
    chosen = options[kernels.knapsack(options, 90, 5)]
    ends = chosen["ends"].tolist()
    for place, bought in enumerate(ends):
        assert bought == 0 or (bought & FIRST and place == 0) or (bought & LAST and place == len(ends) - 1)
    between = chosen[chosen["ends"] == 0]["value"].tolist()
    assert between == sorted(between, reverse=True)


@laws
@given(seeds, st.integers(1, 12), st.integers(1, 5))
def test_a_winner_keeps_the_rest_from_no_more_than_it_bids(seed: int, n: int, ads: int) -> None:
    options = random_options(np.random.default_rng(seed), n, (15, 30, 45), 40, groups=5, ends=True)
    chosen = kernels.knapsack(options, 90, ads)
    whole = int(options["value"][chosen].sum())
    for o in chosen:
        bid = int(options["value"][o])
        displaced = kernels.worth(options, 90, ads, options["advertiser"][o]) - (whole - bid)
        assert 0 <= displaced <= bid
        # With a bid above that it is in the pod, alone of its advertiser, and below it is not.
        others = options[(options["advertiser"] != options["advertiser"][o]) | (options["item"] == o)]
        mine = np.flatnonzero(others["item"] == o)[0]
        for bid_, inside in ((displaced + 1, True), (displaced - 1, False)):
            if bid_ > 0:
                others["value"][mine] = bid_
                assert (mine in kernels.knapsack(others, 90, ads)) == inside
