"""The script: a scenario's changes, resolved to ticks and to places in the book."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from entities import registry
from sim.engine.book import Book
from sim.engine.changes import Change
from sim.engine.market import Market


@dataclass(frozen=True, slots=True)
class Cue:
    """A change, the tick at which it takes effect, and whom it concerns: one of the two."""

    tick: int
    change: Change
    line_item: int | None
    campaign: int | None


def script_of(market: Market, book: Book) -> dict[int, list[Cue]]:
    """Return the cues by tick, then by their moments; InputError for a name of nobody or of several."""
    script: dict[int, list[Cue]] = {}
    for place, change in sorted(enumerate(market.changes), key=lambda numbered: numbered[1].at):
        cue = _cue(f"market.changes.{place}", change, market, book)
        script.setdefault(cue.tick, []).append(cue)
    return script


def _cue(where: str, change: Change, market: Market, book: Book) -> Cue:
    horizon = market.horizon
    # The first tick that does not begin before it.
    tick = -(-horizon.second_of(change.at, market.timezone) // (60 * market.tick_minutes))
    if not 0 <= tick < horizon.hours * market.ticks_per_hour:
        raise registry.InputError(
            f"{where}.at: {change.at} is not followed by a tick of the horizon, which goes from"
            f" {market.start} to {horizon.end:%Y-%m-%d %H:%M} UTC"
        )
    if change.line_item is not None:
        paths = [item.path for item in book.line_items]
        return Cue(tick, change, _find(f"{where}.line_item", change.target, paths), None)
    paths = [f"{campaign.advertiser} / {campaign.name}" for campaign in book.campaigns]
    return Cue(tick, change, None, _find(f"{where}.campaign", change.target, paths))


def _find(where: str, name: str, paths: Iterable[str]) -> int:
    wanted = [part.strip() for part in name.split("/")]
    parts = [[part.strip() for part in path.split("/")] for path in paths]
    found = [place for place, path in enumerate(parts) if path[-len(wanted) :] == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise registry.InputError(
            f"{where}: {name!r} means {len(found)} of the market's; write a longer path"
        )
    names = [path[-1] for path in parts]
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"the market has {', '.join(dict.fromkeys(names))}"
    raise registry.InputError(f"{where}: {name!r} is not among the active line items of the market; {hint}")
