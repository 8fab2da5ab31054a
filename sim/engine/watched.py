"""What viewers do in a market with a seed, whatever is sold in it: people, their rhythm, their ad breaks."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from sim.engine.traffic import KeptTraffic, Loops, Traffic
from sim.market.market import Market
from sim.market.rhythm import Rhythm

UNNOTICED = frozenset(
    {
        "tick_minutes",
        "sync_minutes",
        "floors",
        "auction",
        "ambient",
        "separation",
        "identity",
        "outcomes",
        "conversions",
        "forecast",
    }
)
"""The fields of a market that no viewer notices."""
KEPT_VIEWER_HOURS = 4_000_000
"""In markets with more, ad breaks are not kept: these are 50 to 100 MB."""
KEPT_PARTS = 16
"""Of what was made for books and markets that share what is watched, four for each that differs."""
Made = TypeVar("Made")


class Watched:
    """The people of a market, when they watch, and the ad breaks that they meet."""

    def __init__(self, market: Market, seed: int, *, keeps: bool = False) -> None:
        """Make it; where it *keeps* the ad breaks, several runs may meet them."""
        self.keeps = keeps
        self.everyone, self.homes = market.audience(seed)
        self.rhythm = Rhythm(market, seed)
        self._traffic: dict[tuple[range, str], Traffic] | None = {} if keeps else None
        self._made: dict[Hashable, object] = {}

    def traffic(self, shards: range, loops: Loops) -> Traffic:
        """Return the ad breaks of the viewers of some *shards*, from the beginning."""
        homes = [self.homes[shard] for shard in shards]
        if self._traffic is None:
            return Traffic(homes, self.rhythm, loops)
        name = shards, loops.__name__
        if name not in self._traffic:
            self._traffic[name] = KeptTraffic(homes, self.rhythm, loops)
        return self._traffic[name]

    def once(self, make: Callable[[], Made], *depends: Hashable) -> Made:
        """Return what *make* gives, the same for all that *depends* on equal things besides."""
        if depends not in self._made:
            self._made[depends] = make()
            for old in list(self._made)[:-KEPT_PARTS]:
                del self._made[old]
        return cast("Made", self._made[depends])


class Audiences:
    """The last few of what was watched, of any markets: runs that differ in what is sold share it."""

    def __init__(self, most: int = 2) -> None:
        self._most = most
        self._known: dict[tuple[Any, ...], Watched] = {}

    def of(self, market: Market, seed: int) -> Watched:
        """Return what is watched in *market* with that *seed*."""
        name = seed, market.model_dump_json(exclude=set(UNNOTICED))
        found = self._known.pop(name, None)
        if found is None:
            viewer_hours = market.population.viewers * market.horizon.hours
            found = Watched(market, seed, keeps=viewer_hours <= KEPT_VIEWER_HOURS)
        self._known[name] = found  # the latest is the last
        for old in list(self._known)[: -self._most]:
            del self._known[old]
        return found
