"""The page of parameters: as it is made, with every parameter described and every link leading somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from scenarios import reference
from scenarios.models import Scenario
from scenarios.shape import Shape

PAGE = reference.PAGE.read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)


def test_the_page_is_as_it_is_made(tmp_path: Path) -> None:
    assert reference.page() == PAGE, "make it anew with: make generated"
    copy = tmp_path / "README.md"
    copy.write_text(PAGE.partition(reference.GENERATED)[0], encoding="utf-8")
    reference.write(copy)
    assert copy.read_text(encoding="utf-8") == PAGE


def test_every_parameter_of_a_market_is_on_it() -> None:
    market = Shape.of(Scenario).at(("market",))
    assert market is not None
    ends = {path.rpartition(".")[2] for path in market.paths()}
    words = {name for name in ends if f"`{name}`" in PAGE}  # as an entry of a table, or a kind
    assert ends - words <= {"kind"}
    assert {"viewers", "slot_seconds", "phi_min", "max_cpm", "asset_url"} <= {row[0] for row in ROWS}


def test_every_parameter_is_described() -> None:
    assert [row for row in ROWS if not row[2].strip() or not row[3].strip()] == []


def test_every_link_leads_to_a_heading() -> None:
    made = PAGE.partition(reference.GENERATED)[2]
    headings = re.findall(r"^### (.*)$", made, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9_ -]", "", heading).replace(" ", "-") for heading in headings}
    assert len(anchors) == len(headings)
    assert set(re.findall(r"\]\(#([^)]*)\)", made)) <= anchors
