"""What a valuation says besides its distribution: whose the variance is, and what tilts the worth."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from analysis.verify.play import play
from entities.errors import InputError
from scenarios.loader import load
from sim.book.arrays import tilts_of
from sim.layout import FACTOR_BITS, TILTED
from sim.market.market import Market
from sim.valuation import Valuation
from sim.valuation.uniform import Uniform

ONE = 1 << FACTOR_BITS


@pytest.mark.parametrize("member", Valuation.members().values())
def test_every_distribution_has_parts_and_says_nothing_of_them_where_it_has_none(
    member: type[Valuation],
) -> None:
    plain = member()
    assert not {"affinity", "common", "response"} & set(plain.model_dump())
    told = member.model_validate({"affinity": 0.5, "common": 0.25, "response": {"device": {"CTV": 2}}})
    assert told.response == {"device": {"tv": 2}}
    assert member.model_validate_json(told.model_dump_json()) == told
    assert hash(told) != hash(plain)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"affinity": 0.6, "common": 0.5}, "must be 1 together at most"),
        ({"response": {"devise": {"tv": 1}}}, "devise: must be one of .*device"),
        ({"response": {"device": {"radio": 1}}}, "'radio' is not one of tv, desktop"),
        ({"response": {"hour": {"24": 1}}}, "24: must be an hour of the day"),
        ({"response": {"device": {"tv": -1}}}, "greater than or equal to 0"),
        ({"response": {"device": {"tv": 11}}}, "less than or equal to 10"),
        ({"response": 3}, "valid dictionary"),
        ({"response": {"device": 3}}, "valid dictionary"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Uniform.model_validate(given)


def test_a_region_that_the_market_has_not_is_refused_by_name() -> None:
    terms = '{"kind": "uniform", "response": {"region": {"atlantis": 2}}}'
    with pytest.raises(InputError, match=r"response the region 'atlantis'; the market has everywhere"):
        play(
            100, [{"name": "Lone", "valuation": {"kind": "uniform", "response": {"region": {"atlantis": 2}}}}]
        )
    assert load("exact", [f"bidders.0.valuation={terms}"])


def test_tilts_are_of_each_value_in_the_order_of_its_code() -> None:
    valuation = Uniform(response={"hour": {"0": 0.5, "23": 2.0}, "device": {"phone": 0.25}})
    (device, by_device), (hour, by_hour) = tilts_of(valuation, Market())
    assert (TILTED[device], TILTED[hour]) == ("device", "hour")
    assert by_device == [ONE, ONE, ONE // 4, ONE]
    assert by_hour == [ONE // 2, *[ONE] * 22, 2 * ONE]


def test_a_viewer_of_full_affinity_is_worth_the_same_in_every_slot_of_every_run() -> None:
    def worths(**settings: object) -> dict[int, set[int]]:
        valuation = {"kind": "log_normal", "affinity": 1.0}
        columns = ("viewer_id", "worth_micros")
        won = play(
            4000,
            [{"name": "Lone", "valuation": valuation}],
            {"auction": "first_price", **settings},
            columns=columns,
        ).won
        found: dict[int, set[int]] = {}
        for viewer, worth in won.tolist():
            found.setdefault(viewer, set()).add(worth)
        return found

    one, other = worths(), worths(**{"viewing.breaks_a_day": 100})
    assert all(len(each) == 1 for each in one.values())
    assert len(set.union(*one.values())) > len(one) // 2
    met = set(one) & set(other)
    assert len(met) > 10
    assert all(one[viewer] == other[viewer] for viewer in met)


def test_a_fixed_bid_heeds_no_worth_and_the_event_tells_it_all_the_same() -> None:
    bidder = {"name": "Lone", "bidding": "fixed_cpm", "valuation": {"kind": "uniform", "affinity": 0.5}}
    columns = ("bid_micros", "worth_micros", "multiplier_ppm")
    won = play(4000, [bidder], {"auction": "first_price"}, columns=columns).won
    assert set(won["bid_micros"].tolist()) == {1_000_000}
    assert set(won["multiplier_ppm"].tolist()) == {1_000_000}
    worth = won["worth_micros"] / 1e6
    assert abs(worth.mean() - 0.5) < 4 * np.sqrt(1 / 12 / len(worth)) * 3
    assert 0 <= worth.min() < 0.05
    assert 0.95 < worth.max() <= 1
