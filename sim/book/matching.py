"""How many slots match a line item in an hour of viewing, from the description of the market alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entities.enums import DeviceType, Genre, Placement, TargetingKey
from sim.audience.pods import Pods, breaks
from sim.audience.viewing import lengths
from sim.layout import FIRST, LAST, ONE_VALUED, BookArrays
from sim.market.choices import Choices
from sim.market.conditions import choices_in
from sim.market.market import Market

Shares = NDArray[np.float64]


def matched_an_hour(market: Market, arrays: BookArrays, choices: Choices, pods: Pods) -> Shares:
    """Return the expected `requests_matched` of each line item in an hour that viewers it wants watch.

    It is by chance of device, placement, genres and whatever titles draw; in dynamic pods one for each pod.
    Without sessions it is that of a break.
    """
    items = len(arrays.line_items)
    admitted = {trait: _bits(arrays.masks.pod[k], items) for k, trait in enumerate(ONE_VALUED)}
    tier = np.array([market.content.top_10, 1 - market.content.top_10])
    fits = np.ones(items)
    for trait in ONE_VALUED:
        key = TargetingKey[trait]
        if key not in (TargetingKey.device, TargetingKey.placement):
            shares = tier if key == TargetingKey.title_tier else _shares(market.content.weights_of(key))
            fits *= shares @ admitted[trait][: len(shares)]
    slots = _slots(market, pods, arrays.line_items["ends"])
    by_placement = (slots * admitted["placement"][: len(Placement)]).sum(axis=0)
    loyal, usual = market.population.device_loyalty, _shares(market.viewing.device_weights())
    devices = loyal * usual + (1 - loyal) * _shares(choices.devices)
    admits = admitted["device"]
    # Where no live event is on, all devices have one mix.
    genres = {mix: _genres(market, arrays, _shares(mix)) for mix in dict.fromkeys(choices.genres)}
    on_device = [
        share * genres[choices.genres[device.code]] * admits[device.code]
        for device, share in zip(DeviceType, devices.tolist(), strict=True)
    ]
    return np.asarray(fits * by_placement * np.sum(on_device, axis=0))


def forecast_rates(market: Market, arrays: BookArrays, salt: int, hours: int) -> Shares:
    """Return that number as the market's forecast has it, hours × line items.

    One that looks back has the mean of its weeks, in which nothing was scripted; one that knows what comes
    knows of releases, live events and other ad breaks. *salt* is that of the weather.
    """
    back = 168 * market.forecast.weeks_back
    first, last = (-back, 0) if back else (0, hours)
    choices = choices_in(market, salt, first, last, scripted=not back)
    pods = [market.pods] * back or _pods(market, hours)
    # Few hours differ in it; parts of a scenario have no hash, and go by their place.
    own = {id(each): each for each in pods}
    pairs = [(each, id(made)) for each, made in zip(choices, pods, strict=True)]
    known = {pair: matched_an_hour(market, arrays, pair[0], own[pair[1]]) for pair in dict.fromkeys(pairs)}
    found = np.stack([known[pair] for pair in pairs])
    return np.tile(found.mean(axis=0), (hours, 1)) if back else found


def _pods(market: Market, hours: int) -> list[Pods]:
    found = [market.pods] * hours
    for change in sorted(market.changes, key=lambda change: change.at):
        if change.pods is not None:
            since = market.horizon.hour_of(change.at, market.timezone)
            found[since:] = [change.pods] * len(found[since:])
    return found


def _slots(market: Market, pods: Pods, ends: NDArray[np.int32]) -> Shares:
    # Placements × line items: slots that a line item may have in an hour of viewing.
    both = ends == (FIRST | LAST)
    often = _breaks(market, pods)
    found = np.zeros((len(often), len(ends)))
    for place, (each, breaks_met) in enumerate(zip(pods.places, often, strict=True)):
        sizes = pods.sizes(each)
        for size, weight in sizes.items():
            most = np.where(ends == 0, size.ads, np.where(both, min(size.ads, 2), 1))
            counted = np.ones_like(most) if pods.dynamic else most
            found[place] += breaks_met * weight / sum(sizes.values()) * counted
    return found


def _breaks(market: Market, pods: Pods) -> tuple[float, ...]:
    # Pods in an hour of viewing, by placement.
    if market.viewing.exposure == "poisson":
        return 1.0, 0.0
    often, mean = _places_in_session(market, pods)
    by_place = often * 3600 / mean
    before, within = (place.share for place in pods.places)
    return before * float(by_place[0]), within * float(by_place[1:].sum())


def breaks_in_session(market: Market) -> float:
    """Return how many places for an ad break a session has in the mean; one without sessions."""
    if market.viewing.exposure == "poisson":
        return 1.0
    return float(_places_in_session(market, market.pods)[0].sum())


def _places_in_session(market: Market, pods: Pods) -> tuple[Shares, float]:
    # How often a session is still on at each place of its titles, and its mean seconds.
    table = lengths(market.viewing).astype(np.float64)
    mean = float((table[1:] + table[:-1]).mean()) / 2
    places, title = breaks(pods, market.content.title_minutes), 60 * market.content.title_minutes
    starts = np.arange(0, table[-1], title)[:, np.newaxis] + places
    still_on = 1 - np.interp(starts, table, np.linspace(0, 1, len(table)))
    return still_on.sum(axis=0), mean


def _genres(market: Market, arrays: BookArrays, drawn: Shares) -> Shares:
    # Line items: the chance that a title's genres are wanted.
    items = len(arrays.line_items)
    wants, refuses = (_bits(mask, items) > 0 for mask in (arrays.masks.genre, arrays.masks.not_genre))
    loyal = market.population.genre_loyalty
    first = loyal * _shares(market.content.weights()) + (1 - loyal) * drawn
    two, found, codes = market.content.second_genre, np.zeros(items), range(len(Genre))
    # Genres × genres × line items: whether a title of both is wanted.
    fine = ((wants[:, None] | wants) & ~refuses[:, None] & ~refuses).astype(np.float64)
    for one, share, left in zip(codes, first.tolist(), (1 - drawn).tolist(), strict=True):
        found += share * (1 - two) * fine[one, one]
        for other in codes:
            if other != one and left > 0:
                found += share * two * drawn[other] / left * fine[one, other]
    return found


def _bits(words: NDArray[np.uint64], items: int) -> NDArray[np.int64]:
    bits = np.unpackbits(words.view(np.uint8), axis=-1, count=items, bitorder="little")
    return bits.astype(np.int64)


def _shares(weights: object) -> Shares:
    found = np.asarray(weights, np.float64)
    return np.asarray(found / found.sum())
