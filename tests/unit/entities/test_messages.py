"""Text that a terminal can print, lists of a dozen, and the nearest name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entities import messages


@given(text=st.text())
def test_whatever_is_shown_can_be_printed(text: str) -> None:
    assert messages.printable(text).isprintable()
    assert messages.short(text, 20).isprintable()
    assert len(messages.short(text, 20)) <= 20


def test_what_can_be_printed_is_shown_as_it_is() -> None:
    assert messages.printable("née 5 €") == "née 5 €"
    assert messages.printable("a\x1b[2J\n") == "a\\x1b[2J\\n"


def test_a_dozen_words_are_listed() -> None:
    assert messages.listed(map(str, range(12))) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"
    assert messages.listed(map(str, range(13))).endswith("10, 11, …")
    assert messages.listed("abc", 2) == "a, b, …"


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("statsu", "status"),
        ("STATUS", "status"),
        ("start", "start_date"),
        ("Tv Drama", "TV drama"),
        ("qqq", None),
    ],
)
def test_the_nearest_is_alike_or_has_the_word_as_a_part(word: str, near: str | None) -> None:
    assert messages.nearest(word, ["status", "start_date", "TV drama"]) == near


def test_a_hint_is_the_nearest_or_what_there_is() -> None:
    assert messages.hint("tv", ["tvs", "radio"]) == "did you mean tvs?"
    assert messages.hint("xyz", ["tvs", "radio"]) == "known here: tvs, radio"
    assert messages.hint("xyz", []) == "nothing may stand here"
    assert messages.did_you_mean("a\nb") == "; did you mean a\\nb?"
    assert messages.did_you_mean(None) == ""
