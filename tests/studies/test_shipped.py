"""Every study of ours asks something, says what came out, and is held to theory by a test of its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scenarios import study

NAMES = pytest.mark.parametrize("name", study.names())


def test_there_are_eight_or_more() -> None:
    assert len(study.names()) >= 8


@NAMES
def test_a_study_asks_and_answers(name: str) -> None:
    asked = study.load_study(name).study
    assert asked.name == name
    assert asked.description.endswith("?")
    sentences = re.findall(r"[.!](?= |$)", asked.finding)
    assert 1 <= len(sentences) <= 3
    assert asked.finding.endswith(".")
    assert re.search(r"\d", asked.finding), "a finding says how much"
    assert f"{asked.replications} seeds" in asked.finding
    assert asked.metrics


@NAMES
def test_a_study_has_a_test_of_its_own(name: str) -> None:
    file = Path(__file__).with_name(f"test_{name.replace('-', '_')}.py")
    assert f'played("{name}"' in file.read_text(encoding="utf-8")
