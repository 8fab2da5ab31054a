"""The page of verified numbers and its short form: written by a run, and complete."""

import re
from pathlib import Path

from analysis.verify.run import PAGE
from analysis.verify.subjects import subjects

ANALYSIS = Path(__file__).resolve().parents[2] / "analysis" / "README.md"


def test_every_check_is_on_the_page_and_none_failed() -> None:
    text = PAGE.read_text(encoding="utf-8")
    settings = [check.setting for subject in subjects() for check in subject.checks]
    assert len(settings) == len(set(settings)) > 100
    assert [setting for setting in settings if setting not in text] == []
    assert "FAIL" not in text


def test_what_the_page_of_analysis_shows_of_it_stands_there() -> None:
    page, shown = PAGE.read_text(encoding="utf-8"), ANALYSIS.read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", shown, re.MULTILINE)
    assert len(rows) >= 10
    for exact, simulated, tolerance in rows:
        numbers = rf"\b{re.escape(exact)} *\| *{re.escape(simulated)} *\| *{re.escape(tolerance)}\b"
        assert re.search(numbers, page), (exact, simulated, tolerance)
    count = re.search(r"All (\d+) rows pass, from (\d+)\s+markets", shown)
    assert count
    assert f"{count[1]} of {count[1]} rows pass, from {count[2]} markets" in page
