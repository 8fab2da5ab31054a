"""Random scripted changes: budgets cut and raised, prices and pauses, at any moment of a market."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from analysis.verify.lawbook.choices import Choices
from analysis.verify.lawbook.edit import campaign_path
from analysis.verify.lawbook.listings import CPMS, DAILIES, LIFETIMES
from sim.units import Horizon


def changes(
    choices: Choices, market: Mapping[str, Any], campaigns: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return up to four changes of line items or campaigns at moments of the market."""
    found = []
    for _ in range(choices.one(0, 0, 1, 2, 4)):
        listing = choices.one(*campaigns)
        path = campaign_path(listing)
        change: dict[str, Any] = {"at": moment(choices, market)}
        if choices.once_in(3):
            change["campaign"] = path
            term = choices.one("lifetime_budget", "daily_budget", "status")
        else:
            item = choices.one(*listing["campaign"]["line_items"])
            change["line_item"] = f"{path} / {item['name']}"
            # A deal has a price of its own.
            priced = () if "deal" in item else ("max_cpm",)
            term = choices.one("lifetime_budget", "daily_budget", "status", *priced)
        change[term] = {
            "lifetime_budget": choices.one(*LIFETIMES, "0"),
            "daily_budget": choices.one(*DAILIES, "0"),
            "status": choices.one("paused", "active"),
            "max_cpm": choices.one(*CPMS),
        }[term]
        found.append(change)
    return found


def moment(choices: Choices, market: Mapping[str, Any]) -> str:
    """Return a minute of the market on its own wall clock, one that exists and begins a tick in time."""
    day = dt.date.fromisoformat(str(market["start"]))
    horizon = Horizon.from_local(day, market["timezone"], 24 * market["days"])
    minute = choices.integer(0, 24 * 60 * market["days"] - market["tick_minutes"])
    local = (horizon.start + dt.timedelta(minutes=minute)).astimezone(ZoneInfo(market["timezone"]))
    return f"{local:%Y-%m-%d %H:%M}"
