"""The script: a scenario's changes, resolved to ticks and to places in the book."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo

from entities import registry
from sim.engine.book import Book
from sim.engine.changes import Change
from sim.engine.market import Market

_MOST = 12


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
    tick = tick_of(change, market)
    if tick is None:
        raise registry.InputError(f"{where}.at: {change.at} is not allowed; {within(market)}")
    if change.line_item is not None:
        paths = [item.path for item in book.line_items]
        return Cue(tick, change, _find(f"{where}.line_item", change.target, paths), None)
    paths = [f"{campaign.advertiser} / {campaign.name}" for campaign in book.campaigns]
    return Cue(tick, change, None, _find(f"{where}.campaign", change.target, paths))


def tick_of(change: Change, market: Market) -> int | None:
    """Return the first tick that does not begin before *change*; None where the market has none."""
    tick = -(-market.horizon.second_of(change.at, market.timezone) // (60 * market.tick_minutes))
    return tick if 0 <= tick < market.horizon.hours * market.ticks_per_hour else None


def within(market: Market) -> str:
    """Return in words when changes may be."""
    last = (market.horizon.end - timedelta(minutes=market.tick_minutes)).astimezone(ZoneInfo(market.timezone))
    return (
        f"must be from {market.start} 00:00, when the market starts, to its last tick, {last:%Y-%m-%d %H:%M}"
    )


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
    names = list(dict.fromkeys(path[-1] for path in parts))
    near = get_close_matches(wanted[-1], names, n=1)
    told = f"the market has {', '.join(names[:_MOST])}{', …' if len(names) > _MOST else ''}"
    hint = f"did you mean {near[0]!r}?" if near and near[0] != name else told
    what = where.rpartition(".")[2].replace("_", " ")
    raise registry.InputError(f"{where}: {name!r} is no active {what} of the market; {hint}")
