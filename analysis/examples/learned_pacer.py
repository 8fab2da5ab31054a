"""A pacer that learns, in NumPy: the cross-entropy method against pid, adaptive and pace.

It is trained on some seeds of `laboratory` and compared on others: the worth that it wins for a dollar of
budget, as interquartile means (IQM) with 95 % intervals (Agarwal et al., NeurIPS 2021).
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

import paceline
from analysis.environment.observations import OBSERVATIONS
from analysis.study.statistics.interquartile import interquartile

MARKET, LINE_ITEM, BUDGET = "laboratory", "Launch", 150.0
LOOKS_AT = {"ahead": 5.0, "time_left": 1.0, "traffic": 0.5, "won": 1.0, "price": 1.0}
"""The observations that it goes by, each with what makes its range about one."""
RIVALS = ("pid", "adaptive", "pace")
_PLACES = [[one.name for one in OBSERVATIONS].index(name) for name in LOOKS_AT]
_SCALES = np.array([*LOOKS_AT.values()])


def multiplier(weights: NDArray[np.float64], seen: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the action of a pacer with these *weights*: a logistic function of what it looks at."""
    score = weights[0] + weights[1:] @ (_SCALES * seen[_PLACES])
    return np.array([1 / (1 + np.exp(-score))])


def value(market: paceline.env.SingleMarket, weights: NDArray[np.float64], seed: int) -> float:
    """Return the worth that a pacer wins in one flight, for a dollar of budget."""
    (seen, _), total, over = market.reset(seed=seed), 0.0, False
    while not over:
        seen, reward, over, _, _ = market.step(multiplier(weights, seen))
        total += reward
    return total / BUDGET


def learn(seeds: range, generations: int, candidates: int) -> NDArray[np.float64]:
    """Return weights found by the cross-entropy method (Rubinstein and Kroese 2004) on the *seeds*.

    In each generation, candidates are drawn around the mean of the best ones before; all meet the same seeds.
    """
    market = paceline.env.single(MARKET, LINE_ITEM)
    luck = np.random.Generator(np.random.Philox(1))
    mean, spread = np.zeros(1 + len(LOOKS_AT)), np.ones(1 + len(LOOKS_AT))
    for generation in range(generations):
        drawn = mean + spread * luck.standard_normal((candidates, len(mean)))
        scores = np.array([[value(market, weights, seed) for seed in seeds] for weights in drawn]).mean(
            axis=1
        )
        best = drawn[np.argsort(-scores, kind="stable")[: max(candidates // 4, 2)]]
        mean, spread = best.mean(axis=0), best.std(axis=0) + 0.3 * 0.7**generation
        print(f"generation {generation + 1:2}: best {scores.max():.3f}, mean {scores.mean():.3f}", flush=True)
    return mean


def published(policy: str, seed: int) -> float:
    """Return what a policy of ours wins in the same flight, with its own defaults."""
    run = paceline.simulate(MARKET, set={"seed": seed, f"line_item[{LINE_ITEM}].pacing": policy}, workers=1)
    return float(run.table("performance_extended")["worth_sum_micros"].sum()) / 1e6 / BUDGET


def main() -> None:
    """Train, compare on seeds that nobody trained on, and print what comes out."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=4, help="to train on")
    asked.add_argument("--held-out", type=int, default=20, help="to compare on")
    asked.add_argument("--generations", type=int, default=6)
    asked.add_argument(
        "--candidates", type=int, default=16, help="in each generation, of which a quarter is kept"
    )
    given = asked.parse_args()
    weights = learn(range(1, 1 + given.seeds), given.generations, given.candidates)
    market, held_out = paceline.env.single(MARKET, LINE_ITEM), range(1001, 1001 + given.held_out)
    arms = {"learned": [value(market, weights, seed) for seed in held_out]}
    arms |= {policy: [published(policy, seed) for seed in held_out] for policy in RIVALS}
    print(f"\nworth per dollar of budget, {given.held_out} seeds held out\npolicy      IQM  95 % interval")
    for name, found in zip(arms, interquartile(np.array([*arms.values()])), strict=True):
        print(f"{name:9} {found.mean:5.2f}  {found.low:.2f} … {found.high:.2f}")


if __name__ == "__main__":
    main()
