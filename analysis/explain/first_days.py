"""The first days of a market: the same hours as those of the whole, to the last bit."""

from __future__ import annotations

import json

from analysis.explain.constraints import Asked
from entities.errors import InputError
from sim.book.script import tick_of
from sim.market.market import Market


def first_days(asked: Asked, days: int) -> Asked:
    """Return a market that ends after so many *days*; flights go on beyond it, and policies plan for them.

    No hour knows what comes after it, so that the hours that are left are those of the whole market.
    InputError for more days than it has.
    """
    scenario, book = asked
    whole = scenario.market
    if not 1 <= days <= whole.days:
        raise InputError(f"days {days}: must be from 1 to {whole.days}, which the run has")
    # Made anew, since what a market has worked out for all of its days stays with its copy.
    short = json.loads(whole.model_dump_json()) | {"days": days, "changes": []}
    market = Market.model_validate_json(json.dumps(short))
    # What is changed after the end would be refused.
    kept = tuple(
        change for change in whole.changes if change.of_supply or tick_of(change, market) is not None
    )
    market = market.model_copy(update={"changes": kept})
    return Asked(scenario.model_copy(update={"market": market}), book)
