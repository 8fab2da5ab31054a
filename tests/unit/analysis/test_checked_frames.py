"""The scorecard, the verified numbers and the audit as frames, and what they say."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.audit import drawn as audited
from analysis.audit.report import Audit, LawReport, Status
from analysis.realism import drawn as realistic
from analysis.realism.card import Row, Scorecard, Verdict
from analysis.realism.ranges import Range
from analysis.verify import measured
from analysis.verify.rows import Comparison
from analysis.verify.run import GENERATED, Verified, page
from analysis.verify.subjects import Check, Subject

SHARE = Range("fill_rate", "%", 0.5, 0.75, "a source", "slots sold")
RATIO = Range("peak_hour", "×", 1, 3, "a source", "peak over mean")


def card(*rows: Row) -> pl.DataFrame:
    return realistic.card_frame(Scorecard("r", "s", rows, False, 0.0))


def test_a_figure_lies_where_its_range_is_from_0_to_1() -> None:
    found = card(
        Row(SHARE, 0.625, Verdict.inside),
        Row(RATIO, 0.0, Verdict.out),
        Row(RATIO, 90.0, Verdict.out),
        Row(RATIO, None, Verdict.not_measured, "why"),
    )
    assert found["at"].to_list() == [0.5, -0.5, 2.0, None]
    assert found["cut"].to_list() == [False, False, True, False]
    assert found["figure"].to_list() == ["62.5 %", "0 ×", "90 ×", "none"]
    assert found.select("least", "most").row(0) == ("50 %", "75 %")


def test_what_is_said_of_a_card() -> None:
    inside, out = Row(SHARE, 0.6, Verdict.inside), Row(RATIO, 5.0, Verdict.out)
    other = Row(RATIO, None, Verdict.not_measured)
    assert realistic.card_found(card(inside, other)) == "The one figure lies in its range"
    one = realistic.card_found(card(inside, out))
    assert one == "1 of 2 figures lie in their range; out is peak hour"
    assert realistic.card_found(card(out, out)).endswith("out are peak hour, peak hour")
    nothing = "No figure of this run can be held against a range"
    assert realistic.card_found(card(other)) == realistic.card_found(card()) == nothing


def rows(*found: tuple[float, float]) -> list[Verified]:
    def measure(_: int) -> None: ...

    check = Check(Subject("words", "A title"), "a setting", measure, ())
    return [Verified(check, Comparison("mean", 1.0, 1.0 + off, tolerance, 1_000)) for off, tolerance in found]


def test_differences_are_parts_of_their_tolerance() -> None:
    made = rows((0.5, 1.0), (-0.25, 1.0), (9.0, 1.0), (0.0, 0.0), (0.1, 0.0))
    found = measured.of_rows(made)
    assert found["part"].to_list() == [0.5, -0.25, 1.5, 0.0, 1.5]
    assert found["passes"].to_list() == [True, True, False, True, False]
    assert measured.verified(found) == "2 of 5 rows differ from theory by more than their tolerance"
    assert (
        measured.verified(found.head(2))
        == "All 2 rows agree with theory; the farthest uses 50% of its tolerance"
    )
    assert measured.verified(found[3:4]) == "All 1 rows are what theory says, to the last digit"
    assert measured.verified(found.clear()) == "Nothing is verified here"


def test_a_page_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = rows((0.5, 1.0), (9.0, 1.0))
    (file := tmp_path / "page.md").write_text(page(made), encoding="utf-8")
    assert measured.of_page(file).equals(measured.of_rows(made))
    file.write_text(GENERATED, encoding="utf-8")
    assert measured.of_page(file).is_empty()


def test_our_page_has_all_that_it_says() -> None:
    found = measured.of_page()
    text = measured.PAGE.read_text(encoding="utf-8")
    assert f"{found.filter('passes').height} of {found.height} rows pass" in text
    assert found["subject"].n_unique() == text.count("\n## ")
    assert found["setting"].str.len_chars().min()
    assert found["part"].abs().max() <= 1


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        ((), "No law could be checked"),
        ((Status.not_checked,), "No law could be checked"),
        (
            (Status.holds, Status.not_checked, Status.holds),
            "All 2 laws that could be checked hold, in 6 places",
        ),
        ((Status.holds, Status.broken), "1 of 2 laws that could be checked hold; broken: law 2"),
    ],
)
def test_what_is_said_of_an_audit(statuses: tuple[Status, ...], told: str) -> None:
    laws = tuple(
        LawReport(number, f"law {number}", "text", status, 3, 1, (), "note")
        for number, status in enumerate(statuses, 1)
    )
    assert audited.audit_found(audited.audit_frame(Audit("r", "s", False, laws))) == told
