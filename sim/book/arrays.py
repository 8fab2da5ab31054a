"""The book as arrays: line items, caps, creatives, value tables, outcome rates and targeting masks."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from entities import registry
from sim import layout as at
from sim.audience import outcomes
from sim.bidding import BiddingRule, Learner, Quantile
from sim.bidding.truthful import Truthful
from sim.book.records import Book, BookedLineItem
from sim.family import blamed, source_of
from sim.market.market import Market
from sim.streams import name_key
from sim.tables import (
    Values,
    atoms,
    bounded,
    normal_distances,
    normal_shares,
    quantiles,
    rising,
    straight,
    tailed,
    threshold,
)
from sim.units import PPM
from sim.valuation import HOUR, Valuation

CLOCKS = {
    registry.CapUnit.minute: at.CLOCK_MINUTE,
    registry.CapUnit.pod: at.CLOCK_POD,
    registry.CapUnit.stream: at.CLOCK_STREAM,
}
"""Clocks of the units whose window changes within a tick; those of other units do not."""

ALONE = 1 << at.WEIGHT_BITS
HOURS = tuple(map(str, range(24)))
_TRUTH = Truthful()

Admits = Callable[[BookedLineItem], bool]


def arrays_of(book: Book, market: Market) -> at.BookArrays:
    """Return *book* as the arrays that the kernels read."""
    tables, values = _values(book)
    line_items = np.zeros(len(book.line_items), at.LINE_ITEM)
    links: list[int] = []
    tilts: list[tuple[int, list[int]]] = []
    shades = 0
    categories = sorted({item.category for item in book.line_items})
    advertisers = sorted({item.advertiser_name for item in book.line_items})
    for place, item in enumerate(book.line_items):
        fitting = [c for c, creative in enumerate(book.creatives) if creative.line_item == place]
        record = line_items[place]
        record["key"] = item.key
        record["advertiser"] = advertisers.index(item.advertiser_name)
        separated = market.separation.separates(item.category)
        record["category"] = categories.index(item.category) if separated else -1
        record["first_cap"], record["caps"] = len(links), len(item.caps)
        links.extend(item.caps)
        record["first_creative"] = fitting[0] if fitting else 0
        record["creatives"] = len(fitting)
        record["shortest"] = min((book.creatives[c].seconds for c in fitting), default=0)
        record["values"], record["form"] = values[place].bid
        record["worths"], record["worth_form"] = values[place].worth
        parts, tilted = _parts(item.valuation), (len(tilts), tilts_of(item.valuation, market))
        record["noise"], record["affinity"], record["common"] = parts
        record["first_tilt"], record["tilts"] = tilted[0], len(tilted[1])
        tilts += tilted[1]
        record["shade"] = -1
        if isinstance(item.bidding, Learner):
            record["shade"], shades = shades, shades + 1
            record["explore"] = threshold(_exploring(item.bidding))
        simple = parts == (ALONE, 0, 0) and not tilted[1] and record["shade"] < 0
        record["plain"] = simple or not item.bidding.heeds_worth
        terms = item.deal.terms(item.max_bid_micros)
        record["priority"], record["ends"] = terms.priority, item.slot_in_pod.ends
        record["floor"] = -1 if terms.floor_micros is None else terms.floor_micros
        record["held_out"] = (item.holdout_ppm << 32) // PPM
    caps, cap_links = _caps(book), np.array(links, dtype=np.int32)
    return at.BookArrays(
        line_items=line_items,
        caps=caps,
        cap_links=cap_links,
        capped=capped_by(caps, line_items, cap_links),
        creatives=_creatives(book),
        values=tables,
        rates=_rates(book, market),
        masks=masks_of(book, market),
        tilts=_padded([row for _, row in tilts]),
        tilted_by=np.array([trait for trait, _ in tilts], np.int32),
        normal=normal_distances(),
        below=normal_shares(),
    )


def _parts(valuation: Valuation) -> tuple[int, int, int]:
    # The weights of independent deviates whose squares add up to one.
    affinity, common = (math.sqrt(share) for share in (valuation.affinity, valuation.common))
    noise = math.sqrt(max(1 - valuation.affinity - valuation.common, 0))
    return round(noise * ALONE), round(affinity * ALONE), round(common * ALONE)


def tilts_of(valuation: Valuation, market: Market) -> list[tuple[int, list[int]]]:
    """Return the traits that tilt a worth, by position in TILTED, and the factor of each of their values."""
    found, regions = [], tuple(market.regions)
    for place, name in enumerate(at.TILTED):
        if tilts := valuation.response.get(name):
            words = HOURS if name == HOUR else registry.TargetingKey[name].words(regions)
            found.append((place, [round(tilts.get(word, 1.0) * (1 << at.FACTOR_BITS)) for word in words]))
    return found


def _padded(rows: list[list[int]]) -> NDArray[np.int64]:
    table = np.zeros((len(rows), max(map(len, rows), default=0)), np.int64)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return table


class Worths(NamedTuple):
    """Where the tables of a line item are: rows of the value tables, -1 for a constant, and their forms."""

    bid: tuple[int, int]
    worth: tuple[int, int]


def _values(book: Book) -> tuple[NDArray[np.int64], list[Worths]]:
    # A valuation and a bidding rule make a table of factors; that of the truth is what slots are worth. Equal
    # tables are one, as fewer stay in the cache, and a constant needs none.
    found: dict[bytes, NDArray[np.int64]] = {}

    @functools.cache
    def place(valuation: Valuation, bidding: BiddingRule) -> tuple[int, int]:
        values = factors(valuation, bidding)
        if (values.found == 1 << at.FACTOR_BITS).all():
            return -1, at.STRAIGHT
        row = values.row.tobytes()
        found.setdefault(row, values.row)
        return list(found).index(row), values.form

    each = [
        Worths(bid=place(item.valuation, item.bidding), worth=place(item.valuation, _TRUTH))
        for item in book.line_items
    ]
    return np.stack([*found.values()]) if found else np.zeros((0, 2 << at.TABLE_BITS), np.int64), each


@functools.lru_cache(maxsize=64)
def factors(valuation: Valuation, bidding: BiddingRule) -> Values:
    """Return what the maximum bid is multiplied with, in 1/2**FACTOR_BITS, for what a slot may be worth."""
    worth, where = _worth(valuation), f"{source_of(bidding)}: bids"
    with blamed(where):
        bids = bidding.bids(worth)
    return _worths(valuation) if bids is worth else _tabled(valuation, rising(where, bids))


@functools.lru_cache(maxsize=64)
def _worths(valuation: Valuation) -> Values:
    # What is bid by several rules.
    return _tabled(valuation, _worth(valuation))


def _worth(valuation: Valuation) -> Quantile:
    return rising(f"{source_of(valuation)}: quantile", valuation.quantile)


def _tabled(valuation: Valuation, bids: Quantile) -> Values:
    one = 1 << at.FACTOR_BITS
    if count := valuation.atoms:
        # The second is in the middle of an atom, and the others on either side: a rule may bid along a range
        # for one worth, as equilibria do, whose bids are no atoms.
        three = ([(atom + part) / count for part in (0.25, 0.5, 0.75)] for atom in range(count))
        each = [[bids(share) for share in shares] for shares in three]
        if all(low == bid == high for low, bid, high in each):
            return atoms([one * bid for _, bid, _ in each])
    if valuation.bounded:
        return straight(quantiles(lambda share: one * bids(share), bounded=True))
    return tailed(lambda share: one * bids(share))


def _exploring(rule: BiddingRule) -> float:
    assert isinstance(rule, Learner)
    return bounded(f"{source_of(rule)}: exploring", lambda: rule.exploring, most=1)


def _caps(book: Book) -> NDArray[np.void]:
    rows = [(CLOCKS.get(cap.unit, at.CLOCK_TICK), cap.unit_count, cap.limit, 0, 0) for cap in book.caps]
    return np.array(rows, at.CAP)


def capped_by(
    caps: NDArray[np.void], line_items: NDArray[np.void], links: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the places of the line items that each cap holds, int32, and set in *caps* where they are."""
    found: list[list[int]] = [[] for _ in caps]
    for place, item in enumerate(line_items):
        for cap in links[item["first_cap"] : item["first_cap"] + item["caps"]].tolist():
            found[cap].append(place)
    caps["items"] = [len(places) for places in found]
    caps["first_item"] = np.cumsum(caps["items"]) - caps["items"]
    return np.array([place for places in found for place in places], np.int32)


def _creatives(book: Book) -> NDArray[np.void]:
    creatives = np.zeros(len(book.creatives), at.CREATIVE)
    for place, creative in enumerate(book.creatives):
        item = book.line_items[creative.line_item]
        key = name_key(item.advertiser_name, item.campaign_name, item.name, creative.name)
        creatives[place] = (key, creative.seconds, creative.weight)
    return creatives


def _rates(book: Book, market: Market) -> NDArray[np.uint64]:
    rates = functools.cache(
        lambda seconds, interactive: outcomes.rates(market.outcomes, seconds, interactive)
    )
    tables = [rates(creative.seconds, creative.interactive) for creative in book.creatives]
    return np.stack(tables) if tables else np.zeros((0, *rates(30, False).shape), np.uint64)


def masks_of(book: Book, market: Market) -> at.Masks:
    """Return which line items each kind of viewer, each genre and each other value of a pod admits."""
    genre, regions = registry.TargetingKey.genre, tuple(market.regions)

    def admitting(wanted: Sequence[tuple[registry.TargetingKey, str]]) -> Admits:
        return lambda item: all(_admits(item, *trait) for trait in wanted)

    def values(trait: str) -> list[tuple[registry.TargetingKey, str]]:
        key = registry.TargetingKey[trait]
        return [(key, word) for word in key.words(regions)]

    kinds = [admitting(kind) for kind in itertools.product(*map(values, at.VIEWER_TRAITS))]
    one_valued = [_bits(book, [admitting([value]) for value in values(trait)]) for trait in at.ONE_VALUED]
    pod = np.zeros((len(one_valued), max(map(len, one_valued)), one_valued[0].shape[1]), np.uint64)
    for place, bits in enumerate(one_valued):
        pod[place, : len(bits)] = bits
    # A title with two genres satisfies a line item that wants either, unless it refuses one of them.
    wants = [lambda item, g=one: _wants(item, genre, g) for one in registry.Genre]
    refuses = [lambda item, g=one: g in item.exclude.get(genre, ()) for one in registry.Genre]
    return at.Masks(
        kind=_bits(book, kinds), pod=pod, genre=_bits(book, wants), not_genre=_bits(book, refuses)
    )


def _admits(item: BookedLineItem, key: registry.TargetingKey, value: str) -> bool:
    return _wants(item, key, value) and value not in item.exclude.get(key, ())


def _wants(item: BookedLineItem, key: registry.TargetingKey, value: str) -> bool:
    return key not in item.include or value in item.include[key]


def _bits(book: Book, traits: Sequence[Admits]) -> NDArray[np.uint64]:
    return np.stack([mask([admits(item) for item in book.line_items]) for admits in traits])


def mask(flags: Sequence[bool] | NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return *flags* packed, bit i of word i // 64 for flag i, at least one word."""
    bits = np.zeros(64 * max(1, -(-len(flags) // 64)), bool)
    bits[: len(flags)] = flags
    return np.packbits(bits, bitorder="little").view(np.uint64)
