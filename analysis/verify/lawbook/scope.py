"""Scope: which markets are drawn; the conditions under which a law is true are written as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.auction import AuctionFormat

Kinds = tuple[str, ...] | None
"""Members of a family by kind; None is all that are registered."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What random markets may have; by default everything."""

    formats: Kinds = None
    pods: Kinds = None
    ambient: Kinds = None
    deals: Kinds = None
    pacing: Kinds = None
    bidding: Kinds = None
    valuations: Kinds = None
    tuned: bool = True
    """Whether parameters of parts are drawn, or left as they are."""
    plenty: bool = False
    """Whether every line item has more to spend than there is to buy, and no daily or campaign budget."""
    caps: bool = True
    changes: bool = True
    late: bool = True
    """Whether spend may become known late, so that budgets are passed by what was not."""
    flights: bool = True
    """Whether line items have flights and dayparts of their own, or fly as long as their campaign."""
    positions: bool = True
    """Whether some buy their place in the pod."""
    targeting: bool = True
    other_settings: bool = True
    """Whether settings of the market that no law has to know of are drawn too, such as identity."""
    minutes: tuple[int, ...] = (60, 60, 60, 60, 60, 60, 30, 30, 15, 5)
    """Minutes of a tick."""
    most_viewers: int = 40
    most_days: int = 4
    most_items: int = 8
    zones: tuple[str, ...] = (
        *("UTC", "America/New_York", "America/Los_Angeles", "Europe/London", "Europe/Berlin"),
        *("Australia/Sydney", "Pacific/Auckland", "America/Sao_Paulo", "Asia/Tokyo"),
    )
    start: str | None = None
    """First day; one of those around which clocks change, months end or nothing happens, if None."""


EVERYTHING = Scope()


def formats(has: Callable[[type[AuctionFormat]], bool]) -> tuple[str, ...]:
    """Return the auction formats that declare something, by kind."""
    return tuple(kind for kind, member in AuctionFormat.members().items() if has(member))
