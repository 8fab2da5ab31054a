"""`--only` tells which words were perhaps meant."""

from __future__ import annotations

import pytest

from analysis.verify import run
from entities.errors import InputError


@pytest.mark.parametrize(
    ("words", "meant"), [("secnd", "second"), ("secnd unifrom", "second uniform"), ("Poison", "poisson")]
)
def test_mistyped_words(words: str, meant: str) -> None:
    with pytest.raises(InputError, match=rf"in its words; subjects are .*; did you mean {meant}\?$"):
        run.chosen(words.split())


def test_words_that_are_like_no_other() -> None:
    with pytest.raises(InputError, match=r"has that in its words; subjects are [^;]*$"):
        run.chosen(["qqqqqq"])
