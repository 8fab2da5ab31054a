"""What every valuation, bidding rule and model of ambient demand promises."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.contracts.bidding import BIDDING, SHARES, rises
from analysis.contracts.checks import Check, examined
from analysis.contracts.parts import ANY
from entities.enums import DeviceType, Genre
from entities.errors import PacelineError
from sim.ambient import AmbientDemand, Crowd, bids_of, cells_of, crowd_of, numbers_of, presence_of, scales_of
from sim.ambient.none import NoDemand
from sim.auction import AuctionFormat
from sim.bidding import BiddingRule, Quantile
from sim.bidding.truthful import Truthful
from sim.book.arrays import factors
from sim.layout import RIVAL_STEPS, TABLE_BITS
from sim.valuation import Valuation
from sim.valuation.exponential import Exponential
from tests.bookings import campaign, line_item, market, play


def members(family: type) -> pytest.MarkDecorator:
    parts = [member() for member in family.members().values()]
    return pytest.mark.parametrize("part", parts, ids=lambda part: part.kind)


@members(Valuation)
def test_worth_rises_with_its_quantile(part: Valuation) -> None:
    worth = [part.quantile(share) for share in SHARES]
    assert rises(worth)
    assert worth == [part.quantile(share) for share in SHARES]


@members(BiddingRule)
@pytest.mark.parametrize("check", [*ANY, *BIDDING], ids=lambda check: check.name)
def test_a_bidding_rule_keeps_its_contract(part: BiddingRule, check: Check[BiddingRule]) -> None:
    (verdict,) = examined(part, [check])
    assert not verdict.broken
    assert verdict.examples == check.examples


@members(Valuation)
def test_a_bounded_worth_has_two_ends(part: Valuation) -> None:
    if part.bounded:
        assert rises([part.quantile(share) for share in (0, *SHARES, 1)])
    else:
        assert part.quantile(1 - 2**-50) > part.quantile(SHARES[-1])


@members(AmbientDemand)
def test_ambient_bids_are_a_quantile_table(part: AmbientDemand) -> None:
    np.testing.assert_array_equal(bids_of(part), part.table())
    assert 0 <= presence_of(part) <= 1 << 32


@members(AmbientDemand)
def test_rivals_bid_less_the_more_values_are_above_their_own(part: AmbientDemand) -> None:
    for auction in (each() for each in AuctionFormat.members().values()):
        found = crowd_of(part, np.array([[0, 8_000], [8_000, 30_000]]), auction.answer, numbers_of(part))
        numbers = len(found["rival_rates"])
        assert bool(numbers) == isinstance(part, Crowd)
        assert found["rivals"].shape == (numbers, 3, 2, RIVAL_STEPS + 1)
        assert (np.diff(found["rivals"], axis=-1) <= 0).all()
        assert (np.diff(found["rivals_heard"]) <= 0).all()
        assert found["rival_floors"].tolist() == [[0, 1], [1, 2]]
        cells = cells_of(part, numbers_of(part))
        assert cells.shape == (168, len(DeviceType), len(Genre))
        assert cells.max() < numbers or not isinstance(part, Crowd)


@members(AmbientDemand)
def test_ambient_bids_are_scaled_everywhere(part: AmbientDemand) -> None:
    assert scales_of(part).shape == (24, len(DeviceType), len(Genre))


class Broken(NoDemand):
    """Demand that keeps to no bound."""

    found: tuple[float, ...] = (0,)
    wide: bool = False
    often: float = 0.0
    times: float = 1.0

    def table(self) -> NDArray[np.int64]:
        table = np.array(self.found, np.float64 if self.wide else np.int64)
        return table if len(table) < 3 else np.repeat(table, 2048)[: (1 << TABLE_BITS) + 1]

    @property
    def share(self) -> float:
        return self.often

    def scale(self, hour_of_day: int, device: DeviceType, genre: Genre) -> float:
        return self.times


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"found": (1 << 31,)}, "table() goes from 2147483648 to 2147483648 micros; it must lie from 0 to 1073741824"),
        ({"found": (-1,)}, "table() goes from -1 to -1 micros; it must lie from 0 to 1073741824"),
        ({"found": (5, 4, 9,)}, "table() falls from 5 to 4 at step 2048; quantiles must not fall"),
        ({"found": (1, 2,)}, "table() has 2 values of int64; it must have 1 or 4097 of int64"),
        ({"wide": True}, "table() has 1 values of float64; it must have 1 or 4097 of int64"),
        ({"found": "ab"}, "table() raised ValueError: invalid literal"),
        ({"found": None}, "table() raised TypeError: "),
        ({"often": "0.5"}, "share is '0.5'; it must be from 0 to 1"),
        ({"times": "1"}, "scale(0, tv, drama) is '1'; it must be from 0 to 1,024"),
        ({"often": 1.2}, "share is 1.2; it must be from 0 to 1"),
        ({"times": 1025.0}, "scale(0, tv, drama) is 1025.0; it must be from 0 to 1,024"),
        ({"times": math.nan}, "scale(0, tv, drama) is nan; it must be from 0 to 1,024"),
        ({"times": -1.0}, "scale(0, tv, drama) is -1.0; it must be from 0 to 1,024"),
    ],
)  # fmt: skip
def test_a_run_refuses_ambient_demand_beyond_its_bounds(settings: dict[str, Any], told: str) -> None:
    where = market().model_copy(update={"ambient": Broken.model_construct(**settings)})
    with pytest.raises(PacelineError, match=re.escape(f"tests/contract/test_demand.py (none): {told}")):
        play([campaign([line_item(lifetime_budget=1)])], where)


def test_a_run_refuses_a_list_in_place_of_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Broken, "table", lambda _: [1, "2"])
    told = r"tests/contract/test_demand\.py \(none\): table\(\) has 2 values of <U21; it must have 1 or 4097 of int64$"
    with pytest.raises(PacelineError, match=told):
        bids_of(Broken.model_construct())


class Odd(Exponential):
    """A worth that is what it is told to be."""

    at: Callable[[float], Any] = float

    def quantile(self, share: float) -> float:
        return self.at(share)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (lambda _: math.nan, "(6.10352e-05) is nan; it must be from 0 to 1e+300"),
        (lambda share: share - 0.5, "(6.10352e-05) is -0.49993896484375; it must be from 0 to 1e+300"),
        (str, "(6.10352e-05) is '6.103515625e-05'; it must be from 0 to 1e+300"),
        (lambda _: 1 / 0, "(6.10352e-05) raised ZeroDivisionError: division by zero, at test_demand.py:"),
        (lambda share: 1 - share, " falls from 0.999939 at 6.10352e-05 to 0.999756 at 0.000244141; it must not fall"),
    ],
    ids=["nan", "negative", "text", "fails", "falls"],
)  # fmt: skip
def test_a_run_refuses_a_worth_that_is_no_quantile_function(at: Callable[[float], Any], told: str) -> None:
    worth = Odd.model_construct(kind="exponential", at=at)
    with pytest.raises(
        PacelineError, match=re.escape(f"tests/contract/test_demand.py (exponential): quantile{told}")
    ):
        factors(worth, Truthful())


class Falling(Truthful):
    """A rule by which more is bid for what is worth less."""

    def bids(self, worth: Quantile) -> Quantile:
        return lambda share: 100 - worth(share)


def test_a_run_refuses_bids_that_fall_with_worth() -> None:
    told = r"tests/contract/test_demand\.py \(truthful\): bids falls from .*; it must not fall$"
    with pytest.raises(PacelineError, match=told):
        factors(Exponential(), Falling())
