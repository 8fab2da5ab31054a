"""The terms of a proposal in one line, as its options are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.forecast.proposal import Proposal
    from entities import registry

_OF_ITEM = ("slot_in_pod", "ad_format", "deal", "pacing", "bidding", "valuation", "holdout")
_OF_CAMPAIGN = ("objective", "dsp_partner")
_SECONDS = [30]


def terms(asked: Proposal, zone: str) -> str:
    """Return all that was asked but goal and CPM: what is usual is left out, and the *zone* of the market."""
    campaign, item = asked.listing.campaign, asked.item
    aimed = [f"{key}={','.join(words)}" for key, words in item.targeting.include.items()]
    aimed += [f"not {key}={','.join(words)}" for key, words in item.targeting.exclude.items()]
    capped = [f"{one.max_impressions}/{window(one)}" for one in caps(asked)]
    parts = [_daypart(one) for one in item.dayparts or ()]
    if asked.impressions is not None and not asked.is_priced:
        parts.append(f"a budget of {item.lifetime_budget:,.2f}")
    if item.daily_budget is not None:
        parts.append(f"a budget of {item.daily_budget:,.2f} a day")
    parts += [*_unusual(item, _OF_ITEM), *_unusual(campaign, _OF_CAMPAIGN)]
    seconds = sorted({one.duration_s for one in item.creatives})
    if seconds not in ([], _SECONDS):
        parts.append(f"{' and '.join(map(str, seconds))} seconds")
    days = [*map(_flight, item.flights)] or [f"{campaign.start_date} to {campaign.end_date}"]
    if campaign.timezone != zone:
        days.append(f"in {campaign.timezone}")
    return ", ".join([*(aimed or ["everybody"]), *(capped or ["no cap"]), *parts, *days])


def caps(asked: Proposal) -> list[registry.FrequencyCapSchema]:
    """Return the caps that hold for a proposal: its own, its campaign's and its advertiser's."""
    listing = asked.listing
    levels = asked.item, listing.campaign, listing.advertiser
    return [one for level in levels for one in level.frequency_caps]


def window(cap: registry.FrequencyCapSchema) -> str:
    """Return the window of a cap as it is written, such as day or 4hour."""
    return f"{cap.unit_count if cap.unit_count > 1 else ''}{cap.unit}"


def _flight(one: registry.FlightSchema) -> str:
    first, end = one.starts_at, one.ends_at
    if first.hour or end.hour:
        return f"{first:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
    return f"{first:%Y-%m-%d} to {end - timedelta(days=1):%Y-%m-%d}"


def _daypart(one: registry.DaypartSchema) -> str:
    words = []
    if len(one.weekdays) < 7:
        names = [day.value for day in type(one.weekdays[0])]
        words.append(_ranges([day.code for day in one.weekdays], names))
    if len(one.hours) < 24 or not words:
        words.append(_ranges(one.hours, [str(hour) for hour in range(24)]))
    return " ".join(["daypart", *words])


def _ranges(numbers: Sequence[int], names: Sequence[str]) -> str:
    # Those in a row as the first and the last.
    rows = [
        [number for _, number in row]
        for _, row in groupby(enumerate(numbers), lambda each: each[1] - each[0])
    ]
    ends = [dict.fromkeys((names[row[0]], names[row[-1]])) for row in rows]
    return ",".join("-".join(each) for each in ends)


def _unusual(schema: Any, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        value, field = getattr(schema, name), type(schema).model_fields[name]
        if value != field.get_default(call_default_factory=True):
            yield f"{name.replace('_', ' ')} {_written(value)}"


def _written(value: object) -> str:
    if isinstance(value, Mapping):
        rest = (f"{key}={each}" for key, each in value.items() if key != "kind")
        return ",".join([str(value["kind"]), *rest])
    return str(value)
