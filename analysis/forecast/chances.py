"""The chances that an ad break is one for a booking, by what kind of viewer meets it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entities.enums import DeviceType, Genre, TargetingKey
from sim.audience.population import ACTIVITY_MOST, ACTIVITY_ONE
from sim.audience.viewing import weeks_of
from sim.book.arrays import arrays_of
from sim.book.matching import breaks_in_session
from sim.book.records import Book
from sim.layout import FIRST, LAST, ONE_VALUED, VIEWER_TRAITS
from sim.market.market import Market

Floats = NDArray[np.float64]
PARTS = 24
"""Into how many viewers are divided by their activity; twice as many change 0.1 %."""


@dataclass(frozen=True)
class Chances:
    """Kinds of viewers, and what a break is to a booking; its arrays have a value for each kind."""

    weight: Floats
    """Share of all viewers; where caps count devices apart, a viewer is of a kind for each of them."""
    place: NDArray[np.int64]
    """Column of `Arrivals`: which region, and which of its weeks."""
    activity: Floats
    """Against a mean viewer."""
    device: Floats
    """Of a session, to be on a device that is wanted, and recognised where caps count it."""
    title: Floats
    """Of a title, to be wanted."""
    shown: Floats
    """Of the break at each place in a title that is wanted, to show an ad that is billed; places × kinds."""
    slots: Floats
    """Slots of it that match, in the mean."""
    stays: float
    """Of a session, to last until its next break."""
    recognised: float
    """Of a session, to be recognised by caps that count by the clock."""


def chances(market: Market, book: Book) -> Chances:
    """Return the chances of the only line item of *book*.

    Viewers differ in their activity, of which there are some parts, in their favourites, region and week.
    Live events that change what is watched are left out.
    """
    arrays = arrays_of(book, market)
    masks, item = arrays.masks, arrays.line_items[0]
    admitted = dict(zip(ONE_VALUED, (_bits(rows) for rows in masks.pod), strict=True))
    match = market.identity.match_rate
    activity, often = _activities(market)
    kinds = _places(market, _bits(masks.kind))
    devices = _devices(market, admitted[TargetingKey.device][: len(DeviceType)])
    titles = _titles(market, _bits(masks.genre), _bits(masks.not_genre), admitted)
    weight, place, rate, device, title = (
        np.array(column)
        for column in zip(
            *(
                (share * w * one * other, where, a, d, q)
                for where, share in enumerate(kinds)
                if share > 0
                for a, w in zip(activity, often, strict=True)
                for d, one in devices
                for q, other in titles
            ),
            strict=True,
        )
    )
    shown, slots = _pods(market, admitted[TargetingKey.placement][:2], item)
    return Chances(
        weight=weight,
        place=place.astype(np.int64),
        activity=rate,
        device=device * (match or 1.0),
        title=title,
        shown=np.repeat(shown[:, np.newaxis], len(title), axis=1),
        slots=slots,
        stays=1 - 1 / breaks_in_session(market),
        recognised=match,
    )


def _activities(market: Market) -> tuple[Floats, Floats]:
    people = market.population
    if people.activity == "equal":
        return np.ones(1), np.ones(1)
    # Of parts that hold as many viewers, and as much viewing, as each other: on a grid in logs, the mass and
    # the first moment up to each point.
    k = people.activity_shape
    logs = np.linspace(-40 / min(k, 1), math.log(k + 12 * math.sqrt(k) + 40), 40_000)
    density = k * logs - np.exp(logs)
    mass = np.exp(density - density.max())
    moments = np.stack([mass, mass * np.exp(logs)])
    share = np.cumsum(moments, axis=1) / moments.sum(axis=1, keepdims=True)
    part = np.minimum((share.mean(axis=0) * PARTS).astype(np.int64), PARTS - 1)
    often, viewing = (
        np.bincount(part, np.diff(each, prepend=0.0), PARTS).astype(np.float64) for each in share
    )
    some = often > 0
    rates = np.minimum(viewing[some] / often[some], ACTIVITY_MOST / ACTIVITY_ONE)
    return np.asarray(rates, np.float64), often[some]


def _places(market: Market, wanted: NDArray[np.bool_]) -> Floats:
    # Regions × weeks, in one row: the share of viewers who live and watch so, and are wanted.
    people, (weeks, week_of) = market.population, weeks_of(market.viewing, market.population)
    regions = _shares([region.share for region in market.regions.values()])
    by_trait = {"region": regions, "age_band": _shares(people.age_bands), "gender": _shares(people.genders)}
    share: Floats = np.ones(1)
    for trait in VIEWER_TRAITS:
        share = np.outer(share, by_trait[trait]).ravel()
    by_region = (share * wanted[: len(share)]).reshape(len(regions), -1)
    return np.asarray((by_region @ np.eye(len(weeks))[week_of]).ravel())


def _devices(market: Market, wanted: NDArray[np.bool_]) -> list[tuple[float, float]]:
    # The chance of a session, and the share of viewers, by whether their favourite is wanted.
    loyal, share = market.population.device_loyalty, _shares(market.viewing.device_weights())
    each = np.flatnonzero(wanted & (share > 0))
    sets = [[d] for d in each] if market.identity.counted_by == "device" else [list(each)]
    found = []
    for some in sets:
        part = float(share[some].sum())
        found += [(loyal + (1 - loyal) * part, part), ((1 - loyal) * part, 1 - part)]
    return [pair for pair in found if pair[1] > 0]


def _titles(
    market: Market,
    wants: NDArray[np.bool_],
    refuses: NDArray[np.bool_],
    admitted: dict[str, NDArray[np.bool_]],
) -> list[tuple[float, float]]:
    # The chance of a title, and the share of viewers, by whether their favourite genre alone is wanted.
    loyal, two = market.population.genre_loyalty, market.content.second_genre
    share = _shares(market.content.weights())
    fits = np.zeros(len(share))
    for one in Genre:
        g, left = one.code, 1 - share[one.code]
        fine = (wants | wants[g])[: len(share)] & ~refuses[: len(share)] & ~refuses[g]
        other = share * (np.arange(len(share)) != g)
        second = float(other @ fine / left) if left > 0 else 0.0
        fits[g] = (1 - two) * (wants[g] & ~refuses[g]) + two * second
    rest = _other_traits(market, admitted)
    mean = float(share @ fits)
    found = []
    for group in (wants[: len(share)], ~wants[: len(share)]):
        part = float(share[group].sum())
        if part > 0:
            own = float(share[group] @ fits[group]) / part
            found.append((rest * (loyal * own + (1 - loyal) * mean), part))
    return found


def _other_traits(market: Market, admitted: dict[str, NDArray[np.bool_]]) -> float:
    fits, content = 1.0, market.content
    for trait in ONE_VALUED:
        key = TargetingKey[trait]
        if key in (TargetingKey.device, TargetingKey.placement):
            continue
        top = [content.top_10, 1 - content.top_10]
        share = np.array(top) if key == TargetingKey.title_tier else _shares(content.weights_of(key))
        fits *= float(share @ admitted[trait][: len(share)])
    return fits


def _pods(market: Market, wanted: NDArray[np.bool_], item: np.void) -> tuple[Floats, Floats]:
    # By place in a title: the chance that an ad is shown and billed, and the slots that match.
    pods, alone = market.pods, market.viewing.exposure == "poisson"
    billed = (1 - market.outcomes.error) * (1 - market.outcomes.invalid)
    both = item["ends"] == (FIRST | LAST)
    found = np.zeros((2, 2))
    for at, place in enumerate(pods.places):
        sizes = pods.sizes(place)
        often = (1.0 if alone else place.share) * float(wanted[at])
        for size, weight in sizes.items():
            share = often * weight / sum(sizes.values())
            room = size.seconds if pods.dynamic else pods.ad_seconds
            fits = item["creatives"] > 0 and item["shortest"] <= room
            most = size.ads if item["ends"] == 0 else min(size.ads, 2 if both else 1)
            found[:, at] += share * billed * fits, share * (1 if pods.dynamic else most)
    count = 1 if alone else len(range(0, market.content.title_minutes, pods.mid_roll_every_minutes))
    by_place = found[:, [0] + [1] * (count - 1)]
    return by_place[0], by_place[1]


def _bits(words: NDArray[np.uint64]) -> NDArray[np.bool_]:
    # Whether each row admits the only line item.
    return np.asarray(words[..., 0] & np.uint64(1), bool)


def _shares(weights: object) -> Floats:
    found = np.asarray(weights, np.float64)
    return np.asarray(found / found.sum())
