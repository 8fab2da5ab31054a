"""The script: a scenario's changes, resolved to ticks and to places in the book."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from entities import registry
from entities.enums import EntityStatus
from entities.messages import listed, nearest
from sim.book.records import Book
from sim.market.changes import Change, goes_by
from sim.market.market import Market


@dataclass(frozen=True, slots=True)
class Cue:
    """A change, the tick at which it takes effect, and the place of the line item or campaign concerned."""

    tick: int
    change: Change
    line_item: int | None
    campaign: int | None


def script_of(market: Market, book: Book) -> dict[int, list[Cue]]:
    """Return the cues of changed terms by tick, each list in order of time.

    Raises InputError for a change outside the market's ticks, or a name that fits none or several.
    """
    script: dict[int, list[Cue]] = {0: paused} if (paused := list(_starting_paused(market, book))) else {}
    terms = ((place, change) for place, change in enumerate(market.changes) if not change.of_supply)
    for place, change in sorted(terms, key=lambda numbered: numbered[1].at):
        cue = _cue(f"market.changes.{place}", change, market, book)
        script.setdefault(cue.tick, []).append(cue)
    return script


def _starting_paused(market: Market, book: Book) -> Iterator[Cue]:
    # Those that begin paused get a cue, as if a change had paused them at the start.
    at, paused = dt.datetime.combine(market.start, dt.time()), EntityStatus.paused
    for place, campaign in enumerate(book.campaigns):
        if campaign.paused:
            name = f"{campaign.advertiser} / {campaign.name}"
            yield Cue(0, Change(at=at, campaign=name, status=paused), None, place)
    for place, item in enumerate(book.line_items):
        if item.paused:
            yield Cue(0, Change(at=at, line_item=item.path, status=paused), place, None)


def _cue(where: str, change: Change, market: Market, book: Book) -> Cue:
    tick = tick_of(change, market)
    if tick is None:
        raise _refused(f"{where}.at", f"{change.at} is not allowed; {within(market)}")
    if change.line_item is not None:
        paths = [item.path for item in book.line_items]
        place = _find(f"{where}.line_item", change.target, paths)
        item = book.line_items[place]
        if change.max_cpm is not None and item.deal.terms(item.max_bid_micros).fixed_price:
            raise registry.InputError(
                f"{where}.max_cpm: {change.max_cpm} is not allowed; {item.path} has a deal at a fixed price,"
                f" {item.max_bid_micros / 1000:g}, for all of its flights"
            )
        return Cue(tick, change, place, None)
    paths = [f"{campaign.advertiser} / {campaign.name}" for campaign in book.campaigns]
    return Cue(tick, change, None, _find(f"{where}.campaign", change.target, paths))


def tick_of(change: Change, market: Market) -> int | None:
    """Return the first tick that begins no earlier than *change*, or None outside the market's days."""
    tick = market.tick_at(change.at)
    return tick if 0 <= tick < market.horizon.hours * market.ticks_per_hour else None


def within(market: Market) -> str:
    """Return in words which moments a change may have."""
    last = market.horizon.end - dt.timedelta(minutes=market.tick_minutes)
    start, end = f"{market.start} 00:00", f"{last.astimezone(ZoneInfo(market.timezone)):%Y-%m-%d %H:%M}"
    return f"must be from {start}, when the market starts, to its last tick, {end}"


def _find(where: str, name: str, paths: Iterable[str]) -> int:
    paths = list(paths)
    found = [place for place, path in enumerate(paths) if goes_by(name, path)]
    if len(found) == 1:
        return found[0]
    if found:
        raise _refused(where, f"{name!r} means {len(found)} of the market's; write a longer path")
    names = list(dict.fromkeys(path.rpartition("/")[2].strip() for path in paths))
    near = nearest(name.rpartition("/")[2].strip(), names)
    hint = f"did you mean {near!r}?" if near and near != name else f"the market has {listed(names)}"
    what = where.rpartition(".")[2].replace("_", " ")
    raise _refused(where, f"{name!r} is no active {what} of the market; {hint}")


def _refused(where: str, reason: str) -> registry.InputError:
    key = tuple(int(part) if part.isdecimal() else part for part in where.split("."))
    return registry.InputError(f"{where}: {reason}", key)
