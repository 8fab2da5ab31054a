"""Kinds of pods: what sizes come up how often, and what fits them."""

from __future__ import annotations

import numpy as np
import pytest

from sim.audience.pods import Size, size_tables
from sim.audience.pods.dynamic import DynamicPods
from sim.audience.pods.structured import StructuredPods
from sim.market.market import Market
from sim.tables import WHOLE

MIXED = DynamicPods.model_validate(
    {"pre_roll": {"seconds": {15: 1}}, "mid_roll": {"share": 0.5, "seconds": {90: 1, 60: 3}, "max_ads": 4}}
)


def test_sizes_come_up_as_often_as_their_weights_say() -> None:
    shares, sizes = size_tables(MIXED)
    # No pod, then the shorter one, then the longer one; a place with fewer sizes repeats its largest.
    assert sizes.tolist() == [[[0, 0], [2, 15], [2, 15]], [[0, 0], [4, 60], [4, 90]]]
    assert (shares / WHOLE).tolist() == [pytest.approx([0.2, 1, 1]), pytest.approx([0.5, 0.875, 1])]
    assert size_tables(MIXED, pre_roll=1.0)[0][0, 0] == 0


def test_structured_pods_have_the_seconds_of_their_slots() -> None:
    pods = StructuredPods(slot_seconds=20)
    assert pods.sizes(pods.mid_roll) == {Size(2, 40): 2.0, Size(3, 60): 1.0}
    assert (pods.ad_seconds, pods.longest_ad, pods.fitting_ad, pods.dynamic) == (20, 20, 20, False)


def test_dynamic_pods_have_seconds_of_their_own() -> None:
    assert (MIXED.ad_seconds, MIXED.longest_ad, MIXED.fitting_ad, MIXED.dynamic) == (30, 90, 15, True)


def test_both_kinds_offer_the_same_seconds_by_default() -> None:
    structured, dynamic = StructuredPods(), DynamicPods()
    for one, other in zip(structured.places, dynamic.places, strict=True):
        assert one.share == other.share
        assert {size.seconds: w for size, w in structured.sizes(one).items()} == {
            size.seconds: w for size, w in dynamic.sizes(other).items()
        }
    shares, other = (size_tables(pods)[0] for pods in (structured, dynamic))
    np.testing.assert_array_equal(shares, other)


def test_a_kind_without_a_name_is_the_structured_one() -> None:
    assert isinstance(Market.model_validate({"pods": {"slot_seconds": 15}}).pods, StructuredPods)
    assert isinstance(Market.model_validate({"pods": "dynamic"}).pods, DynamicPods)
    market = Market.model_validate({"pods": {"kind": "dynamic", "mid_roll": {"max_ads": 9}}})
    assert market.pods.places[1] == DynamicPods().mid_roll.model_copy(update={"max_ads": 9})
    assert Market.model_validate_json(market.model_dump_json()) == market


def test_floors_are_those_of_slots_or_of_the_seconds_of_ads() -> None:
    floors = {
        "cpm": 12,
        "per_second_cpm": 0.5,
        "position_premium": 1.5,
        "by_duration": [{"longest": 20, "cpm": 8}],
    }
    slots = Market.model_validate({"pods": {"slot_seconds": 15}, "floors": floors}).ad_floors()
    assert slots.shape == (2, 16, 4, 2)
    assert (slots[0] == 8_000).all()
    assert (slots[1] == 12_000).all()
    pods = Market.model_validate({"pods": MIXED.model_dump(), "floors": floors}).ad_floors()
    assert pods.shape == (2, 91, 4, 2)
    assert (pods[0] == 500 * np.arange(91)[:, None, None]).all()
    assert (pods[1] == 750 * np.arange(91)[:, None, None]).all()
    del floors["per_second_cpm"]
    pods = Market.model_validate({"pods": MIXED.model_dump(), "floors": floors}).ad_floors()
    assert pods[0, [20, 21], 0, 0].tolist() == [8_000, 12_000]
