"""The page of the environments is made from the code."""

from analysis.environment.page import PAGE, page


def test_the_page_has_what_agents_see_decide_and_are_rewarded_for() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "analysis/environment/README.md is out of date: make generated"
    )
