"""Small random audiences for tests: habits of viewing, from a generator."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import kernels
from sim.audience.viewing import GAP_ONE
from sim.layout import DRAWN, Viewing
from sim.streams import salts
from sim.tables import cumulative, exponential, memoryless, threshold
from tests.worlds import DEVICES, GENRES, KINDS, PLACEMENTS


def met(
    hour: int,
    habits: Viewing,
    viewers: NDArray[np.void],
    sessions: NDArray[np.void],
    meet: Any = kernels.session_breaks,
) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Return the ad breaks of *hour* of viewers in one shard, and where each second's begin."""
    pods, first = meet(hour, habits, viewers, sessions, np.array([0, len(viewers)], np.int64))
    return pods, first[0]


def random_viewing(rng: np.random.Generator) -> Viewing:
    """Return habits of viewing with short and long titles, sessions and pods."""

    def share() -> int:
        return threshold(float(rng.choice([0.0, 0.1, 0.5, 1.0])))

    title_seconds = int(rng.choice([60, 300, 1800, 7200]))
    every = int(rng.choice([60, 600, 1500]))
    mean, least, most = [(30.0, 1.0, 60.0), (1500.0, 60.0, 36_000.0), (20_000.0, 60.0, 40_000.0)][
        rng.integers(3)
    ]
    largest = int(rng.integers(1, 6))
    return Viewing(
        starts=rng.choice([0, 8000, 1 << 17, 1 << 18], KINDS).astype(np.int64),
        carried=rng.choice([0, 500, 8000, 1 << 18], KINDS).astype(np.int64),
        lengths=exponential(mean, least, most),
        due=rng.choice([0, 1 << 20, 1 << 24, 1 << 30], KINDS).astype(np.int64),
        gaps=memoryless(GAP_ONE),
        devices=cumulative(rng.dirichlet(np.ones(DEVICES)).tolist()),
        genres=np.stack([cumulative(rng.dirichlet(np.ones(GENRES)).tolist()) for _ in range(DEVICES)]),
        drawn=np.stack([cumulative(own.dirichlet(np.ones(3)).tolist()) for own in rng.spawn(len(DRAWN))]),
        breaks=np.array([0, *range(every, title_seconds, every)], np.int64),
        shares=np.stack(
            [cumulative(rng.dirichlet(np.ones(largest + 1)).tolist()) for _ in range(PLACEMENTS)]
        ),
        sizes=rng.integers(1, 16, (PLACEMENTS, largest + 1, 2)) * [1, 15],
        device_loyalty=share(),
        genre_loyalty=share(),
        second_genre=share(),
        top_10=share(),
        title_seconds=title_seconds,
        ad_seconds=int(rng.choice([15, 30])),
        salts=salts(int(rng.integers(1 << 30))),
    )
