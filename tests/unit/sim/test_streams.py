"""Draws have frozen addresses, and the hash behind them is SplitMix64 in all three places."""

from __future__ import annotations

import numpy as np
import pytest

from entities.errors import InputError
from sim import kernels, reference, streams
from sim.streams import GOLDEN, MASK, Purpose, generator, mix, mix_all, name_key, purpose_of, salts


def test_mix_is_splitmix64() -> None:
    # The first five outputs of the generator with seed 1234567, as its users publish them.
    published = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert [mix(1234567 + n * GOLDEN) for n in range(1, 6)] == published


@pytest.mark.parametrize("word", [0, 1, MASK, GOLDEN, 1 << 63, *(mix(n) for n in range(200))])
def test_mix_is_the_same_compiled_and_readable(word: int) -> None:
    assert streams.mix(word) == reference.mix(word) == int(kernels.mix(np.uint64(word)))


def test_mix_of_many_is_mix_of_each() -> None:
    words = [0, 1, MASK, GOLDEN, *(mix(n) for n in range(200))]
    assert mix_all(np.array(words, np.uint64)).tolist() == [mix(word) for word in words]


def test_mix_takes_words_of_any_size_and_sign() -> None:
    assert mix(-1) == mix(MASK)
    assert mix(1 << 64 | 5) == mix(5)
    assert 0 <= mix(-GOLDEN) <= MASK


def test_the_numbers_of_purposes_are_frozen() -> None:
    assert {purpose.name: int(purpose) for purpose in Purpose} == {
        "population": 1,
        "viewing": 2,
        "title": 3,
        "slot": 4,
        "ambient": 5,
        "value": 6,
        "throttle": 7,
        "tie": 8,
        "rotation": 9,
        "delivery": 10,
        "lease": 11,
        "household": 12,
        "identity": 13,
        "conversion": 14,
        "language": 15,
        "weather": 16,
        "release": 17,
        "affinity": 18,
        "common": 19,
        "shade": 20,
        "holdout": 21,
        "organic": 22,
        "resample": 23,
        "booking": 24,
        "sample": 25,
    }


def test_salts_are_one_for_each_purpose_and_frozen() -> None:
    ours = salts(1)
    assert ours.dtype == np.uint64
    assert len(ours) == max(Purpose) + 1
    assert len(set(ours.tolist())) == len(ours)
    assert int(ours[Purpose.population]) == 4042681867674859579
    assert not np.intersect1d(ours, salts(2)).size


def test_a_generator_is_named_by_its_address_and_frozen() -> None:
    assert int(generator(1, Purpose.population, 0, 5).integers(1 << 30)) == 112520491
    first = generator(1, Purpose.population, 0, 5).random(4).tolist()
    assert generator(1, Purpose.population, 0, 5).random(4).tolist() == first
    for other in [(2, Purpose.population, 0, 5), (1, Purpose.lease, 0, 5), (1, Purpose.population, 1, 5)]:
        assert generator(*other).random(4).tolist() != first


def test_a_name_is_an_identity_for_ever() -> None:
    assert name_key("Luxury Auto Co", "EV Awareness Launch", "luxury_auto_awareness") == 15719860932878818863
    assert 0 <= name_key("a") <= MASK
    assert len({name_key("ab", "c"), name_key("a", "bc"), name_key("abc"), name_key("c", "ab")}) == 4


def test_a_trait_without_a_purpose_names_the_file_to_edit() -> None:
    with pytest.raises(InputError, match=r"^sim/streams\.py: Purpose has no no_trait, which titles draw"):
        purpose_of("no_trait")
