"""Where the factories draw from: a Faker with a seed of its own, never the one that a process shares."""

from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, TypeVar

from entities.errors import InputError

if TYPE_CHECKING:
    from faker import Faker

Item = TypeVar("Item")
Luck = Random


def plain_faker(seed: int) -> "Faker":
    """Return an American Faker that gives the same values for the same *seed*."""
    from faker import Faker  # noqa: PLC0415 - a tenth of a second that only made-up names need

    fake = Faker("en_US")
    fake.seed_instance(seed)
    return fake


def own_faker(source: "Faker | int") -> "Faker":
    """Return *source*, or the Faker of that seed; InputError for one that shares the process's generator."""
    if isinstance(source, int):
        return plain_faker(source)
    from faker.generator import mod_random  # noqa: PLC0415 - loaded already, by whoever made the source

    if source.random is mod_random:
        raise InputError("this Faker has no seed of its own; call its seed_instance, or pass a number")
    return source


def luck_of(source: "Faker | int") -> Luck:
    """Return what the Faker of a seed draws from, or what *source* does; InputError as with `own_faker`."""
    if isinstance(source, int):  # without the lists of names that a Faker loads
        return Random(source)  # noqa: S311 - nothing secret is drawn
    luck: Luck = own_faker(source).random
    return luck


def addressed(fake: "Faker", *address: object) -> Luck:
    """Return what *fake* draws from, begun anew at an *address*, so that it depends on no other draw."""
    fake.seed_instance(" ".join(map(str, address)))
    luck: Luck = fake.random
    return luck


def weighted(luck: Random, weights: Mapping[Item, int]) -> Item:
    """Return one of the keys, drawn by weight."""
    return luck.choices(list(weights), list(weights.values()))[0]


def one_in(luck: Random, many: int) -> bool:
    """Return true once in *many* draws."""
    return luck.randrange(many) == 0
