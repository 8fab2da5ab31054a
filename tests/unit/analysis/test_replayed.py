"""What notebooks play again waits for a button where it takes long, and is a sentence where it is refused."""

from __future__ import annotations

from types import SimpleNamespace

import marimo as mo
import pytest
from marimo._runtime.control_flow import MarimoStopError

from analysis import replayed
from entities.errors import InputError


@pytest.mark.parametrize(
    ("took", "auctions", "seconds"),
    [(3.0, 10**9, 3.0), (60.0, 400_000, 1.2)],  # the latter compiled while it played
)
def test_how_long_it_takes_is_told_from_the_run(took: float, auctions: int, seconds: float) -> None:
    run = SimpleNamespace(seconds=took, auctions=auctions)
    assert replayed.seconds(run) == pytest.approx(seconds)
    assert replayed.seconds(run, 8) == pytest.approx(8 * seconds)


def test_what_is_soon_done_needs_no_button_and_the_rest_waits_for_it() -> None:
    button = replayed.button(30.0)
    assert replayed.offered(button, replayed.SOON) == []
    assert replayed.wanted(button, replayed.SOON)
    assert replayed.offered(button, 30.0) == [button]
    with pytest.raises(MarimoStopError):
        replayed.wanted(button, 30.0)
    assert "about 30 s" in button.text
    assert "about 9 minutes" in replayed.button(540.0).text


def test_what_is_refused_is_a_sentence() -> None:
    def refuse() -> None:
        raise InputError("no such thing")

    with pytest.raises(MarimoStopError) as stopped:
        replayed.played(refuse)
    assert "This cannot be shown: no such thing." in mo.as_html(stopped.value.output).text
    assert replayed.played(lambda: 3) == 3
    assert replayed.workers() >= 1
