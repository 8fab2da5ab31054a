"""All laws hold in random whole markets: of every part that is registered, with everything on at once."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify.lawbook.check import CHECKED, check
from analysis.verify.lawbook.choices import seeded
from analysis.verify.lawbook.markets import play, scenario
from analysis.verify.lawbook.trials import READABLE, broken
from scenarios.models import Scenario
from sim import reference
from sim.events import CONVERSIONS, FUNNEL, Hour
from tests.property.lawbook import laws, markets


@laws(15)
@given(markets())
def test_every_law_holds_in_every_market(market: dict[str, Any]) -> None:
    told = broken(check(play(market)), market)
    assert not told, told


@laws(6)
@given(markets(READABLE))
def test_the_reference_plays_every_market_to_the_same_bytes(market: dict[str, Any]) -> None:
    fast, readable = play(market), play(market, reference)
    assert same(fast, readable)
    told = broken(check(readable), market)
    assert not told, told


@laws(5)
@given(markets())
def test_any_number_of_workers_plays_every_market_to_the_same_bytes(market: dict[str, Any]) -> None:
    assert same(play(market), play(market, workers=3))


def same(one: PlayedRun, other: PlayedRun) -> bool:
    """Return whether two runs are equal in every byte."""
    if one.outcome != other.outcome or len(one.hours) != len(other.hours):
        return False
    pairs = zip(one.hours, other.hours, strict=True)
    return all(
        a.tobytes() == b.tobytes()
        for hour, again in pairs
        for a, b in zip(_arrays(hour), _arrays(again), strict=True)
    ) and all((one.converted[name] == other.converted[name]).all() for name in CONVERSIONS)


def _arrays(hour: Hour) -> tuple[NDArray[Any], ...]:
    return hour.events, hour.funnel, hour.inventory, hour.frequency, *hour.pacing


def test_seeds_draw_markets_in_which_everything_happens() -> None:
    missing: set[object] = {*FUNNEL, *CHECKED}
    for number in range(24):
        market = scenario(seeded(43, number))
        assert scenario(seeded(43, number)) == market
        played = play(market)
        missing -= {name for name, counts in played.counts.items() if counts.any()}
        missing -= {law for law, verdict in check(played).items() if verdict.checked}
        if not missing:
            break
    assert missing == set()


def test_every_registered_part_is_drawn() -> None:
    missing = set(kinds())
    for number in range(100):
        drawn = scenario(seeded(7, number))
        # What is the default is not in the stored text.
        text = Scenario.model_validate(drawn).model_dump_json() + json.dumps(drawn, separators=(",", ":"))
        missing -= {kind for kind in missing if f'"kind":"{kind}"' in text}
        if not missing:
            break
    assert missing == set()


def kinds() -> list[str]:
    """Return every kind of every family that a scenario can name."""
    from tests.contract.test_parts import BASES

    return sorted({kind for family in BASES for kind in family.members()})
