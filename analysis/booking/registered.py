"""What the registry books, as a scenario would write it: so that a run may lay terms over it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from entities import registry
from scenarios.selectors import FIELD, split
from sim.units import MICROS, PPM

_POLICIES = ("deal", "pacing", "bidding", "valuation")
_CAMPAIGN = ("name", "start_date", "end_date", "objective", "dsp_partner", "currency", "timezone", "status")
_CREATIVE = ("name", "asset_url", "mime_type", "duration_s", "ad_format", "click_url", "weight", "status")


def registered(engine: Engine, settings: Iterable[str]) -> list[dict[str, Any]]:
    """Return each campaign that may compete, by names, as the mapping of which a Listing is made.

    None where no setting goes by name, and none is asked for.
    """
    paths = (found[0] for each in settings if (found := split(each)))
    if not any(path[0] == FIELD for path in paths):
        return []
    with registry.session(engine, writes=False) as reader:
        rows = registry.active_line_items(reader, or_paused=True)
        campaigns = {row.campaign.id: row.campaign for row in rows}
        return [listing_of(campaign) for campaign in campaigns.values()]


def listing_of(campaign: registry.Campaign) -> dict[str, Any]:
    """Return a campaign of the registry as a mapping of which its Listing is made."""
    owner = campaign.advertiser
    advertiser = {"name": owner.name, "category": owner.category, "status": str(owner.status)}
    pacing = {} if campaign.pacing is None else {"pacing": json.loads(campaign.pacing)}
    items = [_line_item(item, paced=not pacing) for item in campaign.line_items]
    terms = {**_columns(campaign, _CAMPAIGN), **_limits(campaign), **pacing, "line_items": items}
    return {"advertiser": {**advertiser, "frequency_caps": _caps(owner)}, "campaign": terms}


def _line_item(item: registry.LineItem, *, paced: bool) -> dict[str, Any]:
    policies = {name: json.loads(getattr(item, name)) for name in _POLICIES if paced or name != "pacing"}
    limits = _limits(item)
    if "impressions" in policies["deal"]:
        limits.pop("lifetime_budget", None)  # which is what the deal's goal comes to
    dayparts = registry.read_dayparts(item.dayparts)
    return {
        **_columns(item, ("name", "status", "ad_format", "slot_in_pod")),
        "max_cpm": Decimal(item.max_bid_micros) / 1000,
        "holdout": item.holdout_ppm / PPM,
        "targeting": json.loads(item.targeting),
        **({"dayparts": [each.model_dump(mode="json") for each in dayparts]} if dayparts else {}),
        **limits,
        **policies,
        "flights": [{"start": each.starts_at, "end": each.ends_at} for each in item.flights],
        "creatives": [
            {**_columns(one, _CREATIVE), "qa_status": str(one.qa_status)} for one in item.creatives
        ],
    }


def _limits(owner: registry.Campaign | registry.LineItem) -> dict[str, Any]:
    budgets = {f"{one.budget_type}_budget": Decimal(one.amount_micros) / MICROS for one in owner.budgets}
    return {**budgets, "frequency_caps": _caps(owner)}


def _caps(owner: registry.Advertiser | registry.Campaign | registry.LineItem) -> list[dict[str, Any]]:
    return [
        {"max_impressions": one.max_impressions, "unit": str(one.unit), "unit_count": one.unit_count}
        for one in owner.frequency_caps
    ]


def _columns(row: registry.Base, names: tuple[str, ...]) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in names}
    return {
        name: str(value) if isinstance(value, registry.Word) else value
        for name, value in found.items()
        if value is not None
    }
