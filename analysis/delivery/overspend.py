"""What was spent beyond budgets, because it became known too late: read from a run's facts."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from entities import registry


class Overspend(NamedTuple):
    """What one budget was passed by in one run."""

    owner: str
    """The line item's name, or the campaign's whose budget it is."""
    budget: str
    """`lifetime`, or `daily` for the days together."""
    micros: int


def overspends(session: Session, run_id: str) -> list[Overspend]:
    """Return the budgets that were passed in a run, in the order in which they first were.

    There are none but where spend is synced less often than planned: `market.sync_minutes`.
    """
    told, item, campaign = registry.DeliveryEvent, registry.LineItem, registry.Campaign
    query = (
        select(item.name, campaign.name, told.detail)
        .outerjoin(item, item.id == told.line_item_id)
        .outerjoin(campaign, campaign.id == told.campaign_id)
        .where(told.run_id == run_id, told.kind == "budget_overspent")
        .order_by(told.ts, told.id)
    )
    found: defaultdict[tuple[str, str], int] = defaultdict(int)
    for own, whole, detail in session.execute(query):
        micros, _, _, _, budget, *_ = detail.split()
        found[own or whole, budget] += int(micros)
    return [Overspend(*which, micros) for which, micros in found.items()]
