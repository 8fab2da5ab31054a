"""Settings that change nothing, because the value was that already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from pydantic import TypeAdapter

from entities.errors import InputError
from scenarios.loader import Loaded, Registered, load
from scenarios.models import Listing
from scenarios.scalars import plain
from sim.bidding import BiddingRule
from sim.deal import Deal
from sim.pacing import PacingPolicy
from sim.valuation import Valuation

_PARTS = {"deal": Deal, "pacing": PacingPolicy, "bidding": BiddingRule, "valuation": Valuation}
_SOLD = {"overrides", "campaigns", "bidders", "drawn"}
"""What a scenario says of its campaigns, whose terms are compared as they come to be."""


def unchanged(name: str, settings: Sequence[str], registry: Registered = ()) -> list[str]:
    """Return those of the *settings* of a scenario, a name or a path, that leave it as the ones before do.

    They reach the campaigns of the *registry*, too. Defaults are values as well: `pacing=even` changes
    nothing where it says every parameter of `even` in full.
    """
    found, before = [], _said(name, (), registry) if settings else None
    for place, setting in enumerate(settings, 1):
        after = _said(name, settings[:place], registry)
        if after is not None and after == before:
            found.append(setting)
        before = after
    return found


def market_of(loaded: Loaded, apart: Collection[str] = ()) -> Any:
    """Return what plays in a scenario, equal where two are one market, however each of them is written.

    Fields of the scenario that are set *apart*, such as its name, are no part of it.
    """
    said = {key: value for key, value in plain(loaded.scenario).items() if key not in {*_SOLD, *apart}}
    return said, {listing: _terms(each) for listing, each in loaded.listings.items()}


def _said(name: str, settings: Sequence[str], registry: Registered) -> Any:
    try:
        loaded = load(name, settings, registry=registry)
    except InputError:  # a later one may make it whole
        return None
    there = (TypeAdapter(Listing).validate_python(each) for each in registry if loaded.joined)
    usual = {f"{each.advertiser.name} / {each.campaign.name}": _terms(each) for each in there}
    beside = usual | {path: _terms(each) for path, each in loaded.joined.items()}
    beside = {path: terms for path, terms in beside.items() if terms != usual.get(path)}
    return market_of(loaded), beside


def _terms(listing: Listing) -> dict[str, Any]:
    data: dict[str, Any] = plain(listing)
    for owner in (data["campaign"], *data["campaign"].get("line_items", ())):
        for field, family in _PARTS.items():
            if owner.get(field) is not None:
                owner[field] = family.adapter().validate_python(owner[field])
    return data
