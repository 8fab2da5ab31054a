"""Viewers: how often they see an ad, how caps cut that off and leak, and what they do afterwards."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import Subject
from analysis.verify.theory.exposures import (
    capped,
    capped_household,
    negative_binomial,
    poisson,
    reach,
    total,
)
from entities.enums import DeviceType, FactKind
from sim.units import PPM

# Viewers meet ad breaks without memory, so that exposures are Poisson or negative binomial; caps cut
# them off.
exposures = Subject("exposures", "Reach and frequency")
identities = Subject("identities", "Caps that leak")
conversions = Subject("conversions", "Conversions")

ROUNDED_RATES = 1e-5
"""A viewer's activity is rounded to 1/4096, and so are the rates of the hours, to far less."""
MEAN = 3
"""Exposures of a viewer, where a setting does not say."""
FIRST_HOUR = {"viewing.hours": [1, *[0] * 23]}


def _alike(
    size: int,
    mean: float,
    settings: Mapping[str, Any] | None = None,
    *,
    shape: float | None = None,
    days: int = 1,
    cap: tuple[int, str] | None = None,
) -> PlayedRun:
    """Return a market of a lone bidder, who may be seen so often per unit if there is a *cap*.

    Viewers meet *mean* breaks in all, with activity of that gamma *shape* if one is given.
    """
    market = {"days": days, "viewing.breaks_a_day": mean / days, "population.activity": "equal"}
    if shape is not None:
        market |= {"population.activity": "gamma", "population.activity_shape": shape}
    caps = [{"max_impressions": cap[0], "unit": cap[1]}] if cap else []
    return play(size, [{"name": "Lone", "frequency_caps": caps}], market | dict(settings or {}))


def _seen(market: PlayedRun) -> NDArray[np.float64]:
    # How often each viewer saw an ad.
    seen = np.bincount(market.won["viewer_id"], minlength=market.market.population.viewers)
    return seen.astype(np.float64)


def _chances(mean: float, shape: float | None) -> list[float]:
    return poisson(mean) if shape is None else negative_binomial(mean, shape)


@exposures.check("Poisson exposures, {} a viewer", (2, None), (3, None))
@exposures.check(
    "negative binomial exposures, {} a viewer, shape {:g}", (1, 0.5), (2, 0.5), (3, 1), (5, 1), (5, 0.5)
)
def _counts(size: int, mean: float, shape: float | None) -> rows.Comparisons:
    market, chances = _alike(size, mean, shape=shape), _chances(mean, shape)
    seen, exact = _seen(market), reach(chances)
    n = len(seen)
    yield rows.share("reach", exact, market.total("new_viewers"), n, bound=ROUNDED_RATES)
    yield rows.share("seen exactly once", chances[1], int((seen == 1).sum()), n, bound=ROUNDED_RATES)
    yield rows.mean("frequency of those reached", mean / exact, seen[seen > 0], bound=ROUNDED_RATES)


@exposures.check("a lifetime cap of 3, {} exposures a viewer, Poisson", (3, None))
@exposures.check("a lifetime cap of 3, {} exposures a viewer, shape {:g}", (3, 0.5), (5, 1))
def _lifetime(size: int, mean: float, shape: float | None) -> rows.Comparisons:
    market, chances = _alike(size, mean, shape=shape, cap=(3, "lifetime")), _chances(mean, shape)
    seen, found = _seen(market), market.total("new_viewers")
    yield rows.mean("impressions per viewer", capped(chances, 3), seen, bound=ROUNDED_RATES)
    yield rows.share("reach, as without the cap", reach(chances), found, len(seen), bound=ROUNDED_RATES)


@exposures.check("a cap of 1 a day, 0.9 Poisson exposures a day, 7 days")
def _daily(size: int) -> rows.Comparisons:
    market = _alike(size, 6.3, days=7, cap=(1, "day"))
    seen, found = _seen(market), market.total("new_viewers")
    yield rows.mean("impressions per viewer", 7 * reach(poisson(0.9)), seen, bound=ROUNDED_RATES)
    yield rows.share("reach", reach(poisson(6.3)), found, len(seen), bound=ROUNDED_RATES)


def _once(size: int, **settings: Any) -> PlayedRun:
    return _alike(size, MEAN, settings, cap=(1, "lifetime"))


@identities.check("{:.0%} of sessions matched, a lifetime cap of 1", 0.8, 0.5)
def _matched(size: int, rate: float) -> rows.Comparisons:
    market = _once(size, **{"identity.match_rate": rate})
    seen = _seen(market)
    # One of the exposures that are matched, if there is any, and every other one.
    exact = 1 - math.exp(-MEAN * rate) + MEAN * (1 - rate)
    yield rows.mean("impressions per viewer", exact, seen, bound=ROUNDED_RATES)
    beyond = np.maximum(seen - 1, 0)
    yield rows.mean("beyond the cap, per viewer", exact - reach(poisson(MEAN)), beyond, bound=ROUNDED_RATES)
    (fact,) = (fact for fact in market.outcome.facts if fact.kind == FactKind.caps_leaked)
    unreported = beyond.sum() / len(seen) - (fact.count or 0) / len(seen)
    yield rows.certain("beyond it, untold by the run", 0.0, unreported, market.auctions)


@identities.check("a lifetime cap of 1 for each household, of 2.5 persons on average")
def _household(size: int) -> rows.Comparisons:
    run = _once(size, **{"identity.counted_by": "household", "population.household_size": 2.5})
    homes = run.market.people(run.seed)["household"]
    last = int(homes[-1])  # which the end of the population may have cut
    seen = np.bincount(run.won["identity"], minlength=last + 1)[:last].astype(np.float64)
    yield rows.mean("impressions per household", capped_household(MEAN, 2.5), seen, bound=ROUNDED_RATES)


@identities.check("a lifetime cap of 1 for each of four devices")
def _device(size: int) -> rows.Comparisons:
    market = _once(size, **{"identity.counted_by": "device"})
    weights = market.market.viewing.device_weights()
    exact = math.fsum(1 - math.exp(-MEAN * weight / sum(weights)) for weight in weights)
    yield rows.mean("impressions per viewer", exact, _seen(market), bound=ROUNDED_RATES)


def _sums(market: PlayedRun, *columns: str) -> list[int]:
    return [int(market.converted[column].sum()) for column in columns]


@conversions.check("one conversion in five exposures, 6 hours late on average, a lookback of a day")
def _delays(size: int) -> rows.Comparisons:
    # All exposures of a day are in its first hour, so that a conversion's hour is its delay.
    mean, lookback, late = 6, 24, 9
    terms = {"view_rate": 0.2, "mean_hours": mean, "lookback_hours": lookback}
    market = _alike(size, 10, {"conversions": terms, **FIRST_HOUR}, days=2)
    n, converted, parts = _sums(market, "touches", "view_through", "multi_touch_view_ppm")
    yield rows.share("conversions per exposure", 0.2, converted, n)
    stay = mean / (1 + mean)
    exact = (stay**late - stay**lookback) / (1 - stay**lookback)
    after = int(market.converted["view_through"][0].reshape(-1, 24)[:, late:].sum())
    yield rows.share(f"share that is {late} hours late or more", exact, after, converted)
    yield rows.certain("parts of all touches, per conversion", 1.0, parts / PPM / converted, converted)


@conversions.check("exposures of flat traffic over 4 days, a lookback of 2")
def _flat(size: int) -> rows.Comparisons:
    mean, lookback, hours = 10, 48, 96
    terms = {"view_rate": 0.3, "mean_hours": mean, "lookback_hours": lookback}
    market = _alike(size, 20, {"conversions": terms}, days=hours // 24)
    touches, (n, converted) = market.converted["touches"][0], _sums(market, "touches", "view_through")
    # What is seen in the last hours converts after the end.
    stay = mean / (1 + mean)
    in_time = [(1 - stay ** min(hours - hour, lookback)) / (1 - stay**lookback) for hour in range(hours)]
    exact = 0.3 * math.fsum(share * int(seen) for share, seen in zip(in_time, touches, strict=True)) / n
    yield rows.share("conversions per exposure", exact, converted, n)


@conversions.check("a response that saturates", {"saturation": 0.5})
@conversions.check(
    "a response that saturates and wears out", {"saturation": 0.5, "wear_out": 0.4, "wear_out_after": 2}
)
def _response(size: int, given: Mapping[str, float]) -> rows.Comparisons:
    terms = {"view_rate": 0.4, "lookback_hours": 1, **given}
    market = _alike(size, MEAN, {"conversions": terms, **FIRST_HOUR})
    n, after = market.market.population.viewers, market.market.conversions.wear_out_after

    def response(exposure: int) -> float:
        fresh = (1 - given.get("wear_out", 0.0)) ** max(0, exposure - after)
        return float(0.4 * fresh / (1 + given["saturation"] * (exposure - 1)))

    chances = poisson(MEAN)
    exact = total(chances, response)
    # A viewer's conversions given the exposures are a sum of independent trials.
    rates = np.array([0.0, *(response(j) for j in range(1, len(chances)))])
    squares = np.cumsum(rates) ** 2 + np.cumsum(rates * (1 - rates))
    variance = math.fsum(share * square for share, square in zip(chances, squares, strict=True)) - exact**2
    bound = rows.SIGMAS * math.sqrt(variance / n) + ROUNDED_RATES
    yield rows.certain("conversions per viewer", exact, _sums(market, "view_through")[0] / n, n, bound=bound)


@conversions.check("one click in ten exposures, both followed by conversions")
def _clicks(size: int) -> rows.Comparisons:
    click, view_rate, click_rate = 0.1, 0.2, 0.5
    terms = {"view_rate": view_rate, "click_rate": click_rate, "lookback_hours": 1}
    devices = dict.fromkeys((device.value for device in DeviceType), click)
    market = _alike(size, MEAN, {"conversions": terms, **FIRST_HOUR, "outcomes.click": devices})
    n, views, clicks = _sums(market, "touches", "view_through", "click_through")
    # No other of a viewer's exposures was clicked either: E[X (1 - c)^X] = m (1 - c) exp(-m c).
    without = (1 - click) * math.exp(-MEAN * click)
    through = view_rate * (1 - without) + click_rate * click
    for name, exact, count in (("view", view_rate * without, views), ("click", through, clicks)):
        # Exposures of one viewer share their clicks: no more than all of them may go together, and a Poisson
        # number of mean m is squared m + 1 times its own mean.
        bound = rows.SIGMAS * math.sqrt(exact * (1 + MEAN) / n)
        yield rows.certain(f"{name}-through per exposure", exact, count / n, n, bound=bound)
