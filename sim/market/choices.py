"""What is watched and on what, as releases and live events have it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from entities.enums import DeviceType, Genre
from sim.market.changes import Change
from sim.market.market import Market


class Choices(NamedTuple):
    """The mix of devices and genres, and how much more is watched because of it."""

    times: float
    """What the sessions that begin are multiplied with."""
    devices: tuple[float, ...]
    """Weights of the sessions that are not on the favourite device."""
    genres: tuple[tuple[float, ...], ...]
    """Devices × genres: weights of the titles that are not of the favourite genre."""


def choices_of(market: Market, weather: Sequence[float], events: Iterable[Change] = ()) -> Choices:
    """Return the mix where *weather* is the factor of each genre, and live *events* of a part are on.

    An event multiplies the viewing of its genre on its device: there is more of it, and no less of anything
    else. Who keeps to a favourite does so in an event as well, so that the others make up for it.
    """
    loyal_device, loyal_genre = market.population.device_loyalty, market.population.genre_loyalty
    usual = _shares(market.content.weights())
    drawn = tuple(weight * factor for weight, factor in zip(market.content.weights(), weather, strict=True))
    devices = market.viewing.device_weights()
    events = list(events)
    if not events:
        return Choices(1.0, devices, (drawn,) * len(devices))
    shares = [loyal_genre * u + (1 - loyal_genre) * d for u, d in zip(usual, _shares(drawn), strict=True)]
    cells = [
        [share * _factor(events, device, genre) for share, genre in zip(shares, Genre, strict=True)]
        for device in DeviceType
    ]
    on_device = [share * sum(row) for share, row in zip(_shares(devices), cells, strict=True)]
    total = sum(on_device)
    return Choices(
        total,
        _beside(loyal_device, _shares(devices), _shares(on_device)),
        tuple(_beside(loyal_genre, usual, _shares(row)) for row in cells),
    )


def _factor(events: Iterable[Change], device: DeviceType, genre: Genre) -> float:
    factor = 1.0
    for event in events:
        if event.viewing and event.device in {None, device} and event.genre in {None, genre}:
            factor *= event.viewing
    return factor


def _beside(loyalty: float, favourites: Sequence[float], wanted: Sequence[float]) -> tuple[float, ...]:
    # What the others must choose, so that all together choose what is wanted.
    found = tuple(max(w - loyalty * f, 0.0) for w, f in zip(wanted, favourites, strict=True))
    return found if any(found) else tuple(wanted)


def _shares(weights: Sequence[float]) -> tuple[float, ...]:
    total = sum(weights)
    return tuple(weight / total for weight in weights)
