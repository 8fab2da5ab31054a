"""Small random markets for tests: every corner of a tick, from a shape and a seed."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import layout as at
from sim.book.arrays import capped_by
from sim.events import BID, EVENT, FUNNEL, INVENTORY, NO_GENRE
from sim.memory import MemoryArrays
from sim.reference.counters import Counted, remembered
from sim.streams import name_key, salts
from sim.tables import WHOLE, log_normal, memoryless, normal_distances, normal_shares, threshold
from tests.memories import random_memory
from tests.shapes import Shape
from tests.worths import worths

DEVICES, PLACEMENTS, GENRES, TIERS, REGIONS, AGE_BANDS, GENDERS = 4, 2, 5, 2, 3, 2, 2
CODES = {"device": DEVICES, "placement": PLACEMENTS, "title_tier": TIERS, **dict.fromkeys(at.DRAWN, 3)}
PADDED = {trait: np.arange(max(CODES.values())) % count for trait, count in CODES.items()}
"""Rows of masks of the same height, those beyond the codes of a trait being rubbish."""
KINDS = REGIONS * AGE_BANDS * GENDERS
WHOLE_FACTOR = 1 << at.FACTOR_BITS
SLOT_SECONDS, LONGEST_POD, TICK_SECONDS = 30, 600, 3600


class Step(NamedTuple):
    """One tick of a world: what comes up in it, and the plans for it."""

    pods: NDArray[np.void]
    tick: at.TickArrays


@dataclass
class World:
    """A market, its ticks, and the memory that goes from one to the next."""

    book: at.BookArrays
    market: at.MarketArrays
    steps: list[Step]
    memory: MemoryArrays

    def copy(self) -> World:
        """Return a world that shares no array with this one."""
        return copy.deepcopy(self)


@dataclass
class Outcome:
    """What a tick left behind: its events, its counters, and the leases and memory after it."""

    events: NDArray[np.void]
    ends: NDArray[np.int64]
    bids: NDArray[np.void]
    funnel: NDArray[np.int64]
    inventory: NDArray[np.int64]
    landscape: NDArray[np.int64]
    quotes: NDArray[np.void]
    counts: Counted
    seen: NDArray[np.uint8]
    frequency: NDArray[np.int64]
    lost_to: NDArray[np.int32]
    untouched: NDArray[np.void] = field(repr=False)
    """The rest of the event buffer."""


def empty_result(world: World, step: Step) -> at.TickResult:
    """Return a place for what happens in *step*, its event buffer full of rubbish."""
    room = int(step.pods["slots"].sum()) + len(step.pods) * len(world.book.line_items) + 2
    rubbish = np.frombuffer(b"\xa5" * (room * EVENT.itemsize), EVENT).copy()
    funnel = np.zeros((len(world.book.line_items), len(FUNNEL)), np.int64)
    inventory = np.zeros((DEVICES, PLACEMENTS, len(INVENTORY)), np.int64)
    ends = np.full(len(step.tick.spans), -1, np.int64)
    bids = np.zeros(int(step.pods["slots"].sum()) * len(world.book.line_items), BID)
    count = np.zeros(1, np.int64)
    return at.TickResult(
        rubbish, ends, bids, count, funnel, inventory, np.zeros(step.tick.shades.shape, np.int64)
    )


def play(world: World, serve: Any, price: Any) -> list[Outcome]:
    """Return what *serve* makes of each tick of *world*, which it changes."""
    outcomes = []
    for step in world.steps:
        result = empty_result(world, step)
        n = serve(step.pods, world.book, world.market, step.tick, world.memory, price, result)
        outcomes.append(
            Outcome(
                result.events[:n].copy(),
                result.ends,
                result.bids[: result.bids_written[0]].copy(),
                result.funnel,
                result.inventory,
                result.landscape,
                step.tick.quotes.copy(),
                still_counted(world, step),
                world.memory.seen.copy(),
                world.memory.frequency.copy(),
                world.memory.lost_to.copy(),
                result.events[n:].copy(),
            )
        )
    return outcomes


def still_counted(world: World, step: Step) -> Counted:
    """Return what caps have counted in windows that are not over after *step*: the rest may be forgotten."""
    last = int(step.pods["second"].max(initial=0))

    def lasts(cap: int, window: int) -> bool:
        clock, length = (int(world.book.caps[name][cap]) for name in ("clock", "length"))
        now = int(step.tick.windows[cap])
        if clock == at.CLOCK_MINUTE:
            now = (last // 60 + now) // length
        return clock == at.CLOCK_STREAM or window >= now

    known = remembered(world.memory, counters_of(world))
    return {(who, cap): (window, n) for (who, cap), (window, n) in known.items() if lasts(cap, window)}


def counters_of(world: World) -> int:
    """Return how many counters caps have: one for each viewer, or for each of its devices."""
    by_device = world.market.counted_by == at.COUNTED_DEVICE
    return len(world.memory.viewers) * (DEVICES if by_device else 1)


def random_world(shape: Shape, seed: int) -> World:
    """Return the market that *shape* and *seed* name."""
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    book = _book(shape, rng)
    viewers = random_viewers(shape.viewers, rng)
    shading = int(book.line_items["shade"].max(initial=-1)) + 1
    windows = np.ones(len(book.caps), np.uint32)
    steps: list[Step] = []
    start = 0
    for k in range(shape.ticks):
        pods = _pods(shape, rng, start, viewers, k)
        windows = windows + rng.integers(0, 2, len(windows), dtype=np.uint32)
        spans = _in_shards(shape, rng, pods)
        steps.append(Step(pods, _tick(shape, rng, windows, start, shading, spans)))
        end = int((pods["second"] + pods["slots"].astype(np.int64) * SLOT_SECONDS).max(initial=start))
        start = -(-(end + 1) // TICK_SECONDS) * TICK_SECONDS
    return World(book, _market(shape, rng), steps, random_memory(shape, rng, viewers, book, DEVICES))


def random_viewers(n: int, rng: np.random.Generator) -> NDArray[np.void]:
    """Return *n* persons, ids apart."""
    viewers = np.zeros(n, at.VIEWER)
    viewers["id"] = np.sort(rng.choice(10 * n + 10, n, replace=False))
    viewers["household"] = viewers["id"]
    viewers["activity"] = rng.choice([0, 1, 1000, 4096, 9000, 1 << 17], n)
    most = {"region": REGIONS, "age_band": AGE_BANDS, "gender": GENDERS, "device": DEVICES, "genre": GENRES}
    for name, count in most.items():
        viewers[name] = rng.integers(count, size=n)
    kind = viewers["region"].astype(np.int32) * AGE_BANDS + viewers["age_band"]
    viewers["kind"] = kind * GENDERS + viewers["gender"]
    return viewers


def apart(rng: np.random.Generator) -> np.random.Generator:
    """Return a generator that takes nothing from *rng*, and always the same."""
    return np.random.default_rng([rng.bit_generator.seed_seq.entropy, 1])  # type: ignore[attr-defined]


_log_normal = cache(log_normal)


def words(flags: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return the last axis of *flags* as words of a mask, the first line item in the lowest bit."""
    count = -(-flags.shape[-1] // 64)
    masks = np.zeros((*flags.shape[:-1], count), np.uint64)
    for i in range(flags.shape[-1]):
        masks[..., i // 64] |= flags[..., i].astype(np.uint64) << np.uint64(i % 64)
    return masks


def _book(shape: Shape, rng: np.random.Generator) -> at.BookArrays:
    items = np.zeros(shape.items, at.LINE_ITEM)
    caps = np.zeros(shape.caps, at.CAP)
    caps["clock"] = rng.choice(shape.clocks, shape.caps)
    caps["length"] = np.where(caps["clock"] == at.CLOCK_MINUTE, rng.choice(shape.minutes, shape.caps), 0)
    caps["limit"] = rng.choice(shape.limits, shape.caps)
    links: list[int] = []
    creatives: list[tuple[int, int, int]] = []
    for i, item in enumerate(items):
        item["key"] = name_key("line item", str(i), str(rng.integers(1 << 30)))
        item["advertiser"] = rng.integers(shape.advertisers)
        item["category"] = rng.integers(-1, shape.categories)
        item["values"] = rng.integers(-1, shape.values)
        linked = shape.caps if shape.linked else rng.integers(min(shape.caps, 3) + 1)
        mine = rng.choice(shape.caps, linked, replace=False)
        item["first_cap"], item["caps"] = len(links), len(mine)
        links += mine.tolist()
        count = int(rng.integers(shape.creatives + 1)) if rng.random() < shape.bare else shape.creatives
        lengths = rng.choice(shape.seconds, count).tolist()
        item["first_creative"], item["creatives"] = len(creatives), count
        item["shortest"] = min(lengths, default=0)
        creatives += [(int(rng.integers(1 << 62)), length, int(rng.integers(1, 5))) for length in lengths]
    # Drawn for all at once, and last: what is not agreed on leaves every other draw as it was.
    items["floor"] = rng.choice(shape.own_floors, shape.items)
    items["priority"] = rng.choice(shape.priorities, shape.items)
    items["ends"] = rng.choice(shape.ends, shape.items)
    items["plain"], items["noise"] = 1, 1 << at.WEIGHT_BITS
    items["worths"], items["shade"] = -1, -1
    tables = [worths(float(rng.choice([0.5, 1.0, 3.0])), row % 3) for row in range(shape.values)]
    items["held_out"] = rng.spawn(1)[0].choice(shape.held_out, shape.items)
    items["form"] = [tables[row].form if row >= 0 else at.STRAIGHT for row in items["values"]]
    cap_links = np.array(links, np.int32)
    return at.BookArrays(
        **_worth(shape, apart(rng), items),
        line_items=items,
        caps=caps,
        cap_links=cap_links,
        capped=capped_by(caps, items, cap_links),
        creatives=np.array(creatives, at.CREATIVE),
        values=np.array([table.row for table in tables], np.int64).reshape(shape.values, 2 << at.TABLE_BITS),
        rates=_rates(shape, rng, len(creatives)),
        masks=_masks(shape, rng),
    )


def _worth(shape: Shape, rng: np.random.Generator, items: NDArray[np.void]) -> dict[str, NDArray[Any]]:
    """Return the tables of worth, and give some of the *items* a worth that the draw alone does not say."""
    found = (np.zeros((0, 0), np.int64), np.zeros(0, np.int32))
    if shape.worth and len(items):
        items["worths"] = rng.integers(-1, max(shape.values, 0), len(items))
        items["worth_form"] = [row % 3 if row >= 0 else at.STRAIGHT for row in items["worths"]]
        one = 1 << at.WEIGHT_BITS
        for item in items:
            noise, affinity = rng.choice([0.0, 0.36, 1.0]), rng.random()
            parts = [noise, (1 - noise) * affinity, (1 - noise) * (1 - affinity)]
            item["noise"], item["affinity"], item["common"] = [round(one * part**0.5) for part in parts]
            item["tilts"] = rng.integers(0, 4)
        items["first_tilt"] = np.cumsum(items["tilts"]) - items["tilts"]
        count = int(items["tilts"].sum())
        longest = max(24, *CODES.values(), GENRES, REGIONS)
        found = (
            rng.choice([0, WHOLE_FACTOR // 2, WHOLE_FACTOR, 10 * WHOLE_FACTOR], (count, longest)),
            rng.integers(len(at.TILTED), size=count).astype(np.int32),
        )
        items["explore"] = rng.choice([0, WHOLE // 10, WHOLE], len(items))
        shading = rng.random(len(items)) < 0.5
        items["shade"] = np.where(shading, np.cumsum(shading) - 1, -1)
        items["plain"] = (items["noise"] == one) & (items["tilts"] == 0) & ~shading
    return {"tilts": found[0], "tilted_by": found[1], "normal": normal_distances(), "below": normal_shares()}


def _rates(shape: Shape, rng: np.random.Generator, creatives: int) -> NDArray[np.uint64]:
    rates = rng.choice(shape.outcomes, (creatives, DEVICES, PLACEMENTS, len(at.RATES)))
    bad = rates[..., : at.RATES.index("invalid") + 1]
    bad[bad > 0.0] = rng.choice([0.0, 0.1, 0.3, 1.0])  # or little would ever be billed
    funnel = slice(at.RATES.index("started"), at.RATES.index("completed") + 1)
    rates[..., funnel] = -np.sort(-rates[..., funnel], axis=-1)
    seen = slice(at.RATES.index("measurable"), at.RATES.index("viewable") + 1)
    rates[..., seen] = -np.sort(-rates[..., seen], axis=-1)
    return np.rint(rates * WHOLE).astype(np.uint64)


def _masks(shape: Shape, rng: np.random.Generator) -> at.Masks:
    def by(count: int, share: float, rng: np.random.Generator = rng) -> NDArray[np.uint64]:
        return words(rng.random((count, shape.items)) < share)

    # What titles draw has numbers of its own: a new trait leaves every other draw as it was.
    own = dict(zip(at.DRAWN, rng.spawn(len(at.DRAWN)), strict=True))
    kind = by(KINDS, shape.targeted)
    pod = [by(CODES[trait], shape.targeted, own.get(trait, rng))[PADDED[trait]] for trait in at.ONE_VALUED]
    return at.Masks(kind, np.stack(pod), by(GENRES, 0.8 * shape.targeted), by(GENRES, shape.refused))


def _market(shape: Shape, rng: np.random.Generator) -> at.MarketArrays:
    tables = {
        "none": np.zeros(1, np.int64),
        "ties": np.array([int(rng.choice(shape.bids))], np.int64),
        "log_normal": _log_normal(14_000, 0.35),
    }
    floors = rng.choice(shape.floors, (DEVICES, PLACEMENTS)).astype(np.int64)
    floors = np.stack([floors, (floors * shape.premium).astype(np.int64)])
    return at.MarketArrays(
        floors=floors[0],
        position_floors=floors[1],
        ad_floors=np.repeat(floors[:, None], LONGEST_POD + 1, axis=1),  # as of a slot: whatever the ad
        needs_rival=1,
        ambient=memoryless(1 << at.RIVAL_BITS) if shape.rivals else tables[shape.ambient],
        ambient_presence=threshold(shape.presence),
        **_rivals(shape, rng.spawn(1)[0]),
        parameter=int(rng.choice(shape.parameters)),
        match=threshold(shape.match),
        counted_by=shape.counted_by,
        salts=salts(int(rng.integers(1 << 30))),
    )


def _rivals(shape: Shape, rng: np.random.Generator) -> dict[str, NDArray[np.int64]]:
    """Return tables of two numbers of rivals and three floors; none where ambient demand is a single bid."""
    numbers = 2 * shape.rivals
    bids = np.sort(rng.choice(shape.bids, (numbers, 3, 2 * at.RIVAL_STEPS + 2)).astype(np.int64))
    return {
        "rivals": bids.reshape(numbers, 3, 2, at.RIVAL_STEPS + 1)[..., ::-1].copy(),
        "rival_rates": (at.RIVAL_STEPS**3 / np.array([0.7, 20.0][:numbers])).astype(np.int64),
        "rival_floors": rng.integers(3, size=(DEVICES, PLACEMENTS)),
        "rivals_heard": np.array([at.RIVAL_STEPS**3, at.RIVAL_STEPS**2 // 2, 0], np.int64),
    }


def _pods(
    shape: Shape, rng: np.random.Generator, start: int, viewers: NDArray[np.void], tick: int
) -> NDArray[np.void]:
    pods = np.zeros(shape.pods, at.POD)
    pods["viewer"] = rng.integers(shape.viewers, size=shape.pods)
    pods["slots"] = rng.integers(1, shape.slots + 1, shape.pods)
    if shape.overlap:
        pods["second"] = np.sort(start + rng.integers(TICK_SECONDS, size=shape.pods))
    else:
        ends = np.cumsum(pods["slots"].astype(np.int64) * SLOT_SECONDS + rng.integers(0, 90, shape.pods))
        pods["second"] = start + np.concatenate([[0], ends[:-1]])[: shape.pods]
    pods["session"] = 1 + tick + pods["second"] // 1200
    pods["id"] = (viewers["id"][pods["viewer"]].astype(np.int64) << at.POD_BITS) + tick * shape.pods
    pods["id"] += np.arange(shape.pods)
    pods["slot_seconds"], pods["seconds"] = SLOT_SECONDS, pods["slots"] * np.int16(SLOT_SECONDS)
    pods["placement"] = rng.integers(PLACEMENTS, size=shape.pods)
    pods["device"] = rng.integers(DEVICES, size=shape.pods)
    pods["genre"] = rng.integers(GENRES, size=shape.pods)
    other = (pods["genre"] + rng.integers(1, GENRES, shape.pods)) % GENRES
    pods["second_genre"] = np.where(rng.random(shape.pods) < 0.5, other, NO_GENRE)
    pods["title_tier"] = rng.integers(TIERS, size=shape.pods)
    for trait, own in zip(at.DRAWN, rng.spawn(len(at.DRAWN)), strict=True):
        pods[trait] = own.integers(CODES[trait], size=shape.pods)
    return pods


def _tick(
    shape: Shape,
    rng: np.random.Generator,
    windows: NDArray[np.uint32],
    start: int,
    rows: int,
    spans: NDArray[np.int64],
) -> at.TickArrays:
    quotes = np.zeros(shape.items, at.QUOTE)
    quotes["max_bid"] = rng.choice(shape.bids, shape.items)
    quotes["bid"] = np.where(
        rng.random(shape.items) < shape.shaded, quotes["max_bid"] // 2, quotes["max_bid"]
    )
    quotes["participation"] = rng.choice(shape.participation, shape.items)
    for name in ("lifetime", "daily", "allowance"):
        quotes[name] = rng.choice(shape.leases, shape.items)
    quotes["open"] = rng.random(shape.items) < shape.open
    scale = rng.choice(
        [WHOLE_FACTOR, WHOLE_FACTOR, WHOLE_FACTOR // 2, 3 * WHOLE_FACTOR], (REGIONS, DEVICES, GENRES)
    )
    cells = rng.spawn(1)[0].integers(-1, 2, scale.shape) if shape.rivals else scale
    live = words(rng.random(shape.items) < shape.live)
    parts, releases = _parts(shape, rng.spawn(1)[0], start)
    own = apart(rng)
    quotes["scale"] = (at.SHADE_STEPS << 36) // np.maximum(quotes["max_bid"], 1)
    quotes["most"] = quotes["max_bid"]
    quotes["multiplier"] = own.integers(0, 1_000_001, shape.items)
    steps = np.arange(at.SHADE_STEPS + 2) * int(quotes["max_bid"].min(initial=1 << 24)) // at.SHADE_STEPS
    shades = np.sort(own.integers(0, steps + 1, (rows, len(steps))))
    shades[:, -1] = shades[:, -2]
    hours = own.integers(24, size=REGIONS)
    cells = cells.astype(np.int64)
    quotes = np.repeat(quotes[None], shape.shards, axis=0)
    for name in ("lifetime", "daily", "allowance") if shape.shards > 1 else ():
        quotes[name] = own.choice(shape.leases, quotes.shape)
    releases = np.stack([releases, *(own.permutation(releases, axis=1) for _ in range(shape.shards - 1))])
    bids_of = int(own.choice([0, 0, 1 << 31, 1 << 32]))
    return at.TickArrays(spans, quotes, live, windows, cells, parts, releases, hours, bids_of, shades)


def _in_shards(shape: Shape, rng: np.random.Generator, pods: NDArray[np.void]) -> NDArray[np.int64]:
    """Put *pods* into the order of their shards, and return the spans of these: of whole viewers."""
    if shape.shards == 1:
        return np.array([[0, len(pods)]], np.int64)
    shard = apart(rng).integers(shape.shards, size=shape.viewers)[pods["viewer"]]
    pods[:] = pods[np.argsort(shard, kind="stable")]
    ends = np.cumsum(np.bincount(shard, minlength=shape.shards))
    return np.stack([np.append(0, ends[:-1]), ends], axis=1).astype(np.int64)


def _parts(shape: Shape, rng: np.random.Generator, start: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    parts = start + np.sort(rng.integers(1, TICK_SECONDS, rng.choice(shape.parts)))
    return parts, rng.choice(shape.releases, (len(parts), shape.items))
