"""Randomness with an address: every draw is named by what it decides, never by when it is made."""

from __future__ import annotations

import hashlib
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from entities.errors import InputError


class Purpose(IntEnum):
    """What a random number decides. The numbers are frozen: changing one changes every run."""

    population = 1
    viewing = 2
    title = 3
    slot = 4
    ambient = 5
    value = 6
    throttle = 7
    tie = 8
    rotation = 9
    delivery = 10
    lease = 11
    household = 12
    identity = 13
    conversion = 14
    language = 15
    weather = 16
    release = 17
    affinity = 18
    common = 19
    shade = 20
    holdout = 21
    organic = 22
    resample = 23
    booking = 24
    sample = 25


def purpose_of(trait: str) -> Purpose:
    """Return the purpose at which titles draw *trait*, that of its name."""
    if trait not in Purpose.__members__:
        raise InputError(
            f"sim/streams.py: Purpose has no {trait}, which titles draw; give it the next number"
        )
    return Purpose[trait]


MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def generator(seed: int, *address: int) -> np.random.Generator:
    """Return the generator at *address* (a purpose, then whatever it is divided by)."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=address)))


def salts(seed: int) -> NDArray[np.uint64]:
    """Return one 64-bit salt for each purpose, indexed by its number, uint64."""
    sequences = (np.random.SeedSequence(seed, spawn_key=(n,)) for n in range(max(Purpose) + 1))
    return np.array([sequence.generate_state(1, np.uint64)[0] for sequence in sequences], dtype=np.uint64)


def mix(word: int) -> int:
    """Return the 64-bit finaliser of *word*: the bijection behind every per-bid draw.

    The constants are those of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    """
    word &= MASK
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


def mix_all(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return `mix` of each of *words*, both uint64."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


@lru_cache(maxsize=1 << 14)
def name_key(*names: str) -> int:
    """Return a stable 64-bit identity for a path of names, independent of database ids."""
    digest = hashlib.sha256("\x1f".join(names).encode()).digest()
    return int.from_bytes(digest[:8], "little")


def sampled(people: NDArray[np.integer], salts: NDArray[np.uint64], threshold: int) -> NDArray[np.bool_]:
    """Return who of *people*, by id, is in the sample of a share, its *threshold* being on 32 bits."""
    draws = mix_all(people.astype(np.uint64) * np.uint64(GOLDEN) ^ salts[Purpose.sample])
    return np.asarray(draws >> np.uint64(32) < np.uint64(threshold))
