"""`paceline.forecast`: the same answer, as an object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import paceline
from tests.unit.analysis.forecast.small import SMALL

SETS: dict[str, object] = dict(setting.split("=", 1) for setting in SMALL)
BOOKING = {"max_cpm": 28, "targeting": {"include": {"device": ["tv"]}}}


def test_a_program_gets_the_answer_as_an_object(tmp_path: Path) -> None:
    sets = SETS | {name: int(str(SETS[name])) for name in SETS if str(SETS[name]).isdigit()}
    found = paceline.forecast(
        "smoke", BOOKING, impressions=20, set=sets, seeds=2, workers=1, curves=["budget"]
    )
    assert isinstance(found, paceline.Forecast)
    assert (found.answer, found.full.successes) == ("uncertain", 2)
    assert json.loads(json.dumps(found.to_dict()))["curves"][0]["term"] == "budget"
    assert found.curve().height == len(found.curves[0].points)
    assert found.displacement().columns[0] == "line_item"
    with pytest.raises(paceline.InputError, match="seeds: 1 is not allowed; must be a whole number from 2"):
        paceline.forecast("smoke", BOOKING, impressions=20, seeds=1)
    with pytest.raises(paceline.InputError, match=r"none\.yml: no such file"):
        paceline.forecast("smoke", tmp_path / "none.yml")
