"""What people write instead of a number, a date or a time zone is understood, and nothing else is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entities import suggestions
from entities.messages import nearest


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("200", "200"), ("007", "7"), ("$10", "10"), ("10 USD", "10"), ("USD 10", "10"), ("25€", "25"),
        ("1,000", "1000"), ("1 000 000", "1000000"), ("1,000.50", "1000.5"), ("25,50", "25.5"), ("-1,000", "-1000"),
        ("220k", "220000"), ("1.5M", "1500000"), ("50%", "0.5"),
        ("two", None), ("0x1F", None), ("6pm", None), ("1-2", None), ("", None), ("9" * 40, None), ("NaN", None),
    ],
)  # fmt: skip
def test_a_number(text: str, number: str | None) -> None:
    assert suggestions.number(text, lambda _: True, percent=True) == number


def test_a_number_that_the_next_check_would_refuse_is_not_suggested() -> None:
    assert suggestions.number("220k", lambda amount: amount <= 3660) is None
    assert suggestions.number("50%", lambda _: True) is None


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-11-2", "2026-11-02"), ("2026/11/02", "2026-11-02"), ("2026-11-02", None), ("0026-11-2", None), ("20261102", "2026-11-02"),
        ("02.11.2026", "2026-11-02"), ("2 November 2026", "2026-11-02"), ("Nov 2, 2026", "2026-11-02"),
        ("11/02/2026", None), ("2026-13-01", None), ("2.11.26", None), ("May", None), ("Foo 2 2026", None),
        ("1793577600", None), ("2026 11", None), ("Mon Tue Wed", None),
    ],
)  # fmt: skip
def test_a_date(text: str, date: str | None) -> None:
    assert suggestions.date(text) == date


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("PST", "America/Los_Angeles"), ("edt", "America/New_York"), ("New York", "America/New_York"),
        ("berlin", "Europe/Berlin"), ("Europe/Berln", "Europe/Berlin"), ("UTC+2", None), ("+02:00", None),
        ("Mars/Olympus", None), ("IST", None), ("kolkata", None), ("Asia/Kolkatta", None), ("Factry", None),
    ],
)  # fmt: skip
def test_a_time_zone(text: str, zone: str | None) -> None:
    assert suggestions.zone(text) == zone


@given(text=st.text(max_size=40))
def test_whatever_is_written_is_no_fault(text: str) -> None:
    suggestions.number(text, lambda _: True), suggestions.date(text), suggestions.zone(text)


def test_a_name_of_which_a_word_is_a_part() -> None:
    keys = ["status", "start_date", "end_date", "max_impressions", "lifetime_budget", "budgets"]
    assert [nearest(word, keys) for word in ("start", "end", "max", "budget", "budgets", "statsu")] == [
        "start_date", "end_date", "max_impressions", "lifetime_budget", "budgets", "status",
    ]  # fmt: skip
