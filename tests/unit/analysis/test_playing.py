"""A market that is played: what interrupts it within compiled code is Ctrl-C, also before its first hour and after its last."""

from __future__ import annotations

from typing import Any, NoReturn

import pytest

from analysis.booking.books import book_scenario
from analysis.runs.playing import play
from scenarios.loader import load

MOMENTS = ("Setup", "Expectation", "Totals.plus")
"""What `play` does beside the market itself, which has a conversion of its own."""


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("cause", [KeyboardInterrupt, ZeroDivisionError])
def test_ctrl_c_in_compiled_code_is_an_interruption_and_nothing_else_is(
    monkeypatch: pytest.MonkeyPatch, moment: str, cause: type[BaseException]
) -> None:
    def broken(*_: Any, **__: Any) -> NoReturn:
        # As numba has it where Python raises something while a result is put together.
        raise SystemError("CPUDispatcher returned a result with an exception set") from cause()

    loaded = load("smoke", ["market.days=1", "market.population.viewers=50"])
    book = book_scenario(loaded)
    monkeypatch.setattr(f"analysis.runs.playing.{moment}", broken)
    with pytest.raises(KeyboardInterrupt if cause is KeyboardInterrupt else SystemError) as raised:
        play(loaded.scenario, book, progress=lambda _: None)
    assert (raised.value.__cause__ is None) == (cause is KeyboardInterrupt)
