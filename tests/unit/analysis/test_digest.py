"""The digest knows the market, not the database."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from analysis.rows.columns import BookColumns
from analysis.rows.digest import Digest, combine
from analysis.rows.performance import Tally
from sim.events import Hour
from tests.unit.analysis.synthetic import Market, columns


def digest(book: BookColumns, hours: list[Hour]) -> str:
    tally, result = Tally(book), Digest(book)
    for hour in hours:
        result.update(tally.rows(hour))
    return result.hexdigest()


def hours(seed: int = 1) -> list[Hour]:
    market = Market(columns(), seed)
    return [market.hour() for _ in range(3)]


def test_same_hours_same_digest_whatever_the_ids() -> None:
    assert digest(columns(), hours()) == digest(columns(first_id=900), hours())


def test_hours_can_come_one_by_one_or_together() -> None:
    each, together = Tally(columns()), Tally(columns())
    one_by_one = [each.rows(hour) for hour in hours()]
    at_once = together.rows(*hours())
    for frames, frame in zip(zip(*one_by_one, strict=True), at_once, strict=True):
        assert pl.concat(frames).equals(frame)
    result = Digest(columns())
    result.update(at_once)
    assert result.hexdigest() == digest(columns(), hours())


def test_every_difference_is_seen() -> None:
    reference = digest(columns(), hours())
    assert digest(columns(), hours(seed=2)) != reference
    assert digest(columns(), hours()[:2]) != reference
    renamed = columns()
    renamed = replace(
        renamed, creatives=(replace(renamed.creatives[0], name="a new name"), *renamed.creatives[1:])
    )
    assert digest(renamed, hours()) != reference
    richer = hours()
    richer[1].events["charged_micros"][5] += 1
    assert digest(columns(), richer) != reference
    other = hours()
    other[2].pacing.allowance_micros[0] += 1
    assert digest(columns(), other) != reference


def test_events_and_rows_both_enter_the_digest_of_the_run() -> None:
    assert len({combine("a", "b"), combine("b", "a"), combine("ab", "")}) == 3
    assert len(combine("a", "b")) == 64
