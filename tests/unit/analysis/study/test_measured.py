"""The sums that metrics are made of are those of the events."""

from __future__ import annotations

import numpy as np

from analysis.booking.books import book_scenario
from analysis.runs.played import play_in_memory
from analysis.study.measured import Measured
from entities.enums.outcomes import COUNTED
from scenarios.loader import load


def test_outcomes_and_minutes_are_those_of_the_events() -> None:
    loaded = load("smoke", ["market.days=1", "market.population.viewers=1000"])
    book = book_scenario(loaded)
    measured = Measured(book, loaded.scenario.market.horizon.hours)
    run = play_in_memory(loaded.scenario, book, measured)
    won = run.won
    billed = won[(won["rendered"] == 1) & (won["invalid"] == 0)]
    for place in range(len(book.line_items)):
        own, all_won = billed[billed["line_item"] == place], won[won["line_item"] == place]
        assert len(own) > 100
        wanted = [int(own[outcome.name].sum(dtype=np.int64)) for outcome in COUNTED]
        assert measured.outcomes[place].tolist() == wanted
        assert (
            measured.minutes[place].tolist() == np.bincount(all_won["ts"] // 60 % 60, minlength=60).tolist()
        )
