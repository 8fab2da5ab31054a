"""What every deal promises about its terms."""

from __future__ import annotations

import pytest

from sim.deal import MOST_PRIORITY, Deal
from sim.layout import AMBIENT_MOST, PRIORITY_BITS

DEALS = [member() for member in Deal.members().values()]
each = pytest.mark.parametrize("deal", DEALS, ids=lambda deal: deal.kind)
MICROS = (1, 25_000, 10_000_000)


@each
@pytest.mark.parametrize("most", MICROS)
def test_the_terms_can_be_kept(deal: Deal, most: int) -> None:
    terms = deal.terms(most)
    assert terms == deal.terms(most)
    assert 0 <= terms.priority <= MOST_PRIORITY
    assert terms.floor_micros is None or terms.floor_micros >= 0
    assert terms.goal_micros is None or terms.goal_micros >= most


@each
@pytest.mark.parametrize("most", MICROS)
def test_a_fixed_price_is_its_own_floor(deal: Deal, most: int) -> None:
    # It is never below its floor, and a won slot tells its price by floor, bid and price alike.
    terms = deal.terms(most)
    assert not terms.fixed_price or terms.floor_micros == most


def test_a_priority_outranks_every_bid_and_stays_within_63_bits() -> None:
    assert max(AMBIENT_MOST, *MICROS) < 1 << PRIORITY_BITS
    assert (MOST_PRIORITY << PRIORITY_BITS) + AMBIENT_MOST < 1 << 63


def test_only_the_open_auction_is_no_deal() -> None:
    plain = [deal.kind for deal in DEALS if deal.terms(25_000) == (0, None, None)]
    assert plain == ["open", "private"]  # a private deal without a floor has the market's
