"""The law book's rows pass at a small size; a market that breaks a law fails them, and is printed as YAML."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from analysis.verify import run
from analysis.verify.lawbook import trials
from analysis.verify.lawbook.__main__ import main
from analysis.verify.lawbook.check import check
from analysis.verify.lawbook.choices import Choices, seeded
from analysis.verify.lawbook.edit import UnfitError
from analysis.verify.lawbook.markets import play, scenario
from analysis.verify.lawbook.metamorphic import all_laws, money
from analysis.verify.lawbook.trials import Counts, metamorphic, on_the_reference, over
from scenarios.loader import load
from sim.auction import AuctionFormat
from sim.auction.first_price import FirstPrice
from sim.auction.second_price import SecondPrice

SMALL = 2_000


def test_every_row_passes_at_a_small_size() -> None:
    found = list(run.verify(run.chosen(["lawbook", "everything", "on"]), SMALL))
    assert [one.row for one in found if not one.row.passes] == []
    found = list(run.verify(run.chosen(["lawbook", "stored"]), SMALL))
    assert len(found) >= 13
    assert [one.row for one in found if not one.row.passes] == []


def test_there_is_a_row_for_each_metamorphic_law(monkeypatch: pytest.MonkeyPatch) -> None:
    # What they say of a market is tested in tests/property.
    quick = [replace(law, compare=lambda market, choices: "") for law in all_laws()]
    monkeypatch.setattr(trials, "all_laws", lambda: quick)
    names = [row[0] for row in metamorphic(1, 0) if row[1:] == (1, 0)]
    assert len(set(names)) == len(names) == len(all_laws())


def _never_fits(market: dict[str, Any], choices: Choices) -> str:
    raise UnfitError


def test_only_markets_that_fit_count(monkeypatch: pytest.MonkeyPatch) -> None:
    law, other = all_laws()[:2]
    monkeypatch.setattr(trials, "all_laws", lambda: [replace(law, compare=_never_fits), other])
    assert list(metamorphic(1, 0)) == [(law.name, 0, 0), (other.name, 1, 0)]


def test_the_law_of_formats_plays_every_registered_format(monkeypatch: pytest.MonkeyPatch) -> None:
    (law,) = (law for law in all_laws() if law.name.startswith("no format takes more"))
    played: list[str] = []

    def play_it(market: dict[str, Any]) -> Any:
        played.append(market["market"]["auction"]["kind"])
        return play(market)

    monkeypatch.setattr(money, "play", play_it)
    choices = seeded(1, 1)
    assert not law.compare(scenario(choices, law.scope), choices)
    assert played == list(AuctionFormat.members())


def test_what_breaks_a_law_is_found_and_printed_as_a_file_that_plays_it_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(SecondPrice, "price", FirstPrice.price)
    found = {one.row.name: one.row for one in run.verify(run.chosen(["lawbook", "everything", "on"]), SMALL)}
    broken = [name for name, row in found.items() if not row.passes]
    assert len(broken) == 1
    number = re.fullmatch(r"law 6, prices: broken, first in market (\d+)", broken[0])
    assert number
    app = typer.Typer()
    app.command()(main)
    done = CliRunner().invoke(app, ["--first", number[1], "--markets", "1"])
    assert done.exit_code == 3
    file = tmp_path / "market.yml"
    file.write_text(
        done.stdout.partition("where FILE holds\n")[2].rpartition("1 markets, ")[0], encoding="utf-8"
    )
    again = check(play(load(str(file)).scenario))
    assert [law for law, verdict in again.items() if not verdict.holds] == [6]


@pytest.mark.parametrize(
    ("column", "broken"),
    [("bids", {7}), ("requests_matched", {7}), ("new_viewers", {9}), ("spend_micros", {1, 6}), ("wins", {7})],
)
def test_an_hour_s_count_that_is_off_breaks_its_law(column: str, broken: set[int]) -> None:
    played = play(scenario(seeded(1, 1)))
    place, hour = np.argwhere(played.counts["wins"] > 0)[0]
    played.counts[column][place, hour] += 1 << 24
    assert {law for law, verdict in check(played).items() if not verdict.holds} == broken


def counts(seed: int, number: int) -> Counts:
    yield "odd", 2, number % 2
    yield "never looked at", 0, 0


@pytest.mark.parametrize("workers", [1, 2])
def test_parts_of_a_trial_are_added_up_by_one_or_several(
    workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Threads, for each process would import all there is.
    monkeypatch.setattr(trials, "ProcessPoolExecutor", lambda most, _: ThreadPoolExecutor(most))
    assert over(counts, 20, workers).rows() == [("odd", 40, 10, 1)]


def test_the_reference_is_compared() -> None:
    assert [(name, broken) for name, checked, broken in on_the_reference(1, 1) if not checked or broken] == []
