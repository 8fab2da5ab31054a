"""Dynamic pods for tests: random worlds whose pods are sold by their seconds, and random options for a pod."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import layout as at
from tests.shapes import Shape
from tests.worlds import DEVICES, LONGEST_POD, PLACEMENTS, World, random_world


def dynamic_world(
    shape: Shape,
    seed: int,
    *,
    lengths: tuple[int, ...] = (30, 45, 60, 75, 90),
    ads: tuple[int, ...] = (1, 2, 3, 5, 15),
    usual: int = 15,
    per_second: tuple[int, ...] = (0, 0, 300, 700),
) -> World:
    """Return a random world whose pods are dynamic.

    An advertiser has one category, and floors grow with the seconds.
    """
    world = random_world(shape, seed)
    rng = np.random.default_rng([seed, 1])
    items = world.book.line_items
    categories = rng.integers(-1, shape.categories, shape.advertisers)
    items["category"] = categories[items["advertiser"]]
    for step in world.steps:
        pods = step.pods
        pods["seconds"] = rng.choice(lengths, len(pods))
        pods["slots"] = rng.choice(ads, len(pods))
        pods["slot_seconds"] = usual
    rate = rng.choice(per_second, (DEVICES, PLACEMENTS))
    floors = world.market.ad_floors + rate * np.arange(LONGEST_POD + 1)[:, None, None]
    return replace(world, market=world.market._replace(ad_floors=floors))


def options_of(**columns: Any) -> NDArray[np.void]:
    """Return OPTION records, each of a group and an advertiser of its own unless *columns* say otherwise."""
    n = len(columns["value"])
    made = np.zeros(n, at.OPTION)
    made["item"] = made["group"] = made["advertiser"] = np.arange(n)
    for name, values in columns.items():
        made[name] = values
    return made


def random_options(
    rng: np.random.Generator, n: int, lengths: tuple[int, ...], values: int, *, groups: int, ends: bool
) -> NDArray[np.void]:
    """Return *n* random OPTION records of advertisers, each of whom is in one of the *groups*."""
    made = np.zeros(n, at.OPTION)
    made["value"] = rng.integers(1, values + 1, n)
    made["tie"] = rng.integers(-(1 << (at.TIE_BITS - 1)), 1 << (at.TIE_BITS - 1), n)
    made["item"] = np.arange(n)
    made["advertiser"] = rng.integers(0, 2 * groups, n)
    made["group"] = np.unique(made["advertiser"] % groups, return_inverse=True)[1]
    made["seconds"] = rng.choice(lengths, n)
    made["ends"] = rng.choice([0, 0, 0, at.FIRST, at.LAST, at.FIRST | at.LAST], n) if ends else 0
    return made
