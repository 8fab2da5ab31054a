"""What every valuation, bidding rule and model of ambient demand promises."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from entities.enums import DeviceType, Genre
from sim.ambient import AmbientDemand
from sim.bidding import BiddingRule
from sim.layout import TABLE_BITS
from sim.valuation import Valuation

SHARES = [0.25 / 4096, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1 - 0.25 / 4096]


def members(family: type) -> pytest.MarkDecorator:
    parts = [member() for member in family.members().values()]
    return pytest.mark.parametrize("part", parts, ids=lambda part: part.kind)


def rises(values: list[float]) -> bool:
    return all(math.isfinite(v) and v >= 0 for v in values) and values == sorted(values)


@members(Valuation)
def test_worth_rises_with_its_quantile(part: Valuation) -> None:
    worth = [part.quantile(share) for share in SHARES]
    assert rises(worth)
    assert worth == [part.quantile(share) for share in SHARES]


@members(BiddingRule)
@pytest.mark.parametrize(
    "worth", [member() for member in Valuation.members().values()], ids=lambda part: part.kind
)
def test_a_bid_never_falls_with_worth(part: BiddingRule, worth: Valuation) -> None:
    bids = [part.bids(worth.quantile)(share) for share in SHARES]
    assert rises(bids)
    assert bids[-1] > 0
    assert bids == [part.bids(worth.quantile)(share) for share in SHARES]


@members(Valuation)
def test_a_bounded_worth_has_two_ends(part: Valuation) -> None:
    if part.bounded:
        assert rises([part.quantile(share) for share in (0, *SHARES, 1)])
    else:
        assert part.quantile(1 - 2**-50) > part.quantile(SHARES[-1])


@members(AmbientDemand)
def test_ambient_bids_are_a_quantile_table(part: AmbientDemand) -> None:
    table = part.table()
    assert table.dtype == np.int64
    assert len(table) in (1, (1 << TABLE_BITS) + 1)
    assert rises(table.tolist())
    np.testing.assert_array_equal(table, part.table())
    assert 0 <= part.share <= 1


@members(AmbientDemand)
def test_ambient_bids_are_scaled_everywhere(part: AmbientDemand) -> None:
    for hour, device, genre in itertools.product(range(24), DeviceType, Genre):
        scale = part.scale(hour, device, genre)
        assert math.isfinite(scale)
        assert scale >= 0
