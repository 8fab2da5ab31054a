"""Every outcome of the one table is known wherever outcomes are made, kept, checked and explained."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.rows.dictionary import entries, event_entries
from analysis.rows.events import EVENT_COLUMNS
from analysis.rows.performance import BILLED, COUNTS
from entities import registry
from entities.enums.outcomes import COUNTED, FLAGS, OUTCOMES, SUMS, Outcome
from sim import laws
from sim.audience.outcomes import Outcomes, rates
from sim.events import EVENT
from sim.kernels.delivery import show
from sim.kernels.numbers import RATE
from sim.layout import RATES
from sim.reference.delivery import deliver
from sim.streams import GOLDEN

every = pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.name)
counted = pytest.mark.parametrize("outcome", COUNTED, ids=lambda outcome: outcome.name)


def shown() -> np.ndarray:
    """Return the event of an ad in which all happened that can happen to one ad."""
    event = np.zeros(1, EVENT)
    event["duration_s"] = 30
    for name in FLAGS:
        event[name] = name not in {"invalid", "skipped"}
    return event


@every
def test_events_keep_it_and_the_dictionary_says_what_it_is(outcome: Outcome) -> None:
    assert EVENT[outcome.name] == (np.int16 if outcome.name in SUMS else np.uint8)
    assert outcome.name in EVENT_COLUMNS
    [entry] = [entry for entry in event_entries() if entry.name == outcome.name]
    assert (entry.text, entry.unit) == (outcome.text, outcome.unit)
    assert outcome.text.endswith(".")


@every
def test_both_twins_can_make_it(outcome: Outcome) -> None:
    draws = [int(draw) for draw in np.arange(1, 400, dtype=np.uint64) * np.uint64(GOLDEN)]
    falling = {name: (1 << 31) - place * (1 << 26) for place, name in enumerate(RATES)}
    assert any(deliver(falling, 30, draw)[outcome.name] for draw in draws)
    assert outcome.name in show.py_func.__code__.co_names, "sim/kernels/delivery.py leaves it as it was"


def test_what_a_kernel_leaves_out_is_zero_and_not_what_was_there_before() -> None:
    event = np.full(1, 7, np.uint8).repeat(EVENT.itemsize).view(EVENT).view(np.recarray)
    never = np.full((1, 1, 1, len(RATES)), 1 << 32, np.uint64)
    show.py_func(event[0], never, 0, 0, 0, np.uint64(GOLDEN))
    assert not any(event[name][0] for name in (*FLAGS, *SUMS))


def test_every_flag_has_a_rate() -> None:
    assert set(RATES) == (set(FLAGS) - {"rendered"}) | {"error"}
    assert RATE._fields == RATES
    assert rates(Outcomes(), 30, interactive=True).shape[-1] == len(RATES)


@counted
def test_performance_counts_it(outcome: Outcome) -> None:
    table = registry.Base.metadata.tables["performance"]
    [entry] = [entry for entry in entries(table) if entry.name == outcome.column]
    assert (entry.text, entry.source) == (outcome.counted, f"events: {outcome.name}")
    assert entry.unit == (outcome.unit or "count")
    assert not table.columns[outcome.column].nullable
    assert BILLED[outcome.column] == outcome.name
    assert outcome.column in COUNTS
    assert outcome.counted.endswith(".")


def test_performance_has_no_count_besides() -> None:
    columns = registry.Base.metadata.tables["performance"].columns
    stored = {column.name for column in columns if column.info.get("least") == 0}
    assert stored == set(COUNTS)


@counted
def test_an_event_that_has_it_without_what_comes_before_breaks_the_law(outcome: Outcome) -> None:
    event = shown()
    assert laws.outcomes(event, str).holds
    event[outcome.within or "rendered"] = 0
    event[outcome.name] = 1
    assert not laws.outcomes(event, str).holds


@pytest.mark.parametrize("name", SUMS)
def test_no_sum_is_longer_than_the_ad(name: str) -> None:
    event = shown()
    event[name] = 30
    assert laws.outcomes(event, str).holds
    event[name] = 31
    assert not laws.outcomes(event, str).holds
