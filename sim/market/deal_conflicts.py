"""Conflicts between a line item's deal and its other terms."""

from __future__ import annotations

from sim.bidding import BiddingRule
from sim.deal import Deal, DealTerms
from sim.family import name_of
from sim.units import MICROS
from sim.valuation import Valuation

MOST_BUDGET_MICROS = 1_000_000_000 * MICROS
"""The highest budget that can be booked."""


def conflict(
    deal: Deal, terms: DealTerms, has_lifetime: bool, bidding: BiddingRule, valuation: Valuation
) -> tuple[str, str] | None:
    """Return which field of a line item contradicts its *deal*, with the reason, or None.

    *terms* are the deal's at the line item's maximum CPM; *has_lifetime* is whether the line item has a
    lifetime budget of its own as well.
    """
    name = f"{name_of(deal)} deal"
    if terms.goal_micros is not None and has_lifetime:
        return "lifetime_budget", (
            f"is given beside the delivery goal of a {name}, which is a lifetime budget already:"
            " goal × max_cpm; leave one of them out"
        )
    if terms.goal_micros is not None and terms.goal_micros > MOST_BUDGET_MICROS:
        return "deal", (
            f"the delivery goal of the {name} comes to {terms.goal_micros // MICROS:,} at its max_cpm;"
            f" a budget is at most {MOST_BUDGET_MICROS // MICROS:,}"
        )
    bids = map(bidding.bidding_for(valuation.quantile), (0.001, 0.5, 0.999)) if terms.fixed_price else ()
    if any(bid != 1.0 for bid in bids):
        return "bidding", (
            f"{name_of(bidding)} over a valuation that is {name_of(valuation)} makes bids that"
            f" differ, and a {name} has a fixed price, its max_cpm; leave both out"
        )
    return None
