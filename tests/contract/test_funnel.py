"""Every stage of the one table is known wherever opportunities are counted, checked, stored and explained."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest

from analysis.delivery.report import ENDINGS
from analysis.rows import reasons
from analysis.rows.dictionary import entries
from entities import registry
from entities.enums.funnel import CHECKS, ENDS, LOSSES, REASONS, STAGES, TOO_FEW, Stage
from sim import laws
from sim.events import FUNNEL
from sim.kernels.numbers import STAGE
from sim.reference.serve_slots import CHECKS as REFERENCE
from tests.architecture.project import ROOT

each = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
KERNELS = ROOT / "sim" / "kernels"
TABLE = registry.Base.metadata.tables["performance_extended"]


@each
def test_it_is_stored_and_the_dictionary_says_what_it_is(stage: Stage) -> None:
    [entry] = [entry for entry in entries(TABLE) if entry.name == stage.column]
    assert (entry.text, entry.formula) == (stage.text, stage.formula)
    assert entry.unit == {"amount": "micros", "viewers": "viewers"}.get(stage.kind, "count")
    assert not TABLE.columns[stage.column].nullable


@each
@pytest.mark.parametrize("kernel", ["serve_slots", "serve_pods"])
def test_the_kernels_count_it_in_its_column(stage: Stage, kernel: str) -> None:
    assert getattr(STAGE, stage.name) == FUNNEL.index(stage.name)
    counts = re.search(rf"STAGE\.{stage.name}\b", _with_what_it_calls(kernel)) is not None
    # Who may share a dynamic pod is part of the choice.
    assert counts == ((stage.name, kernel) != ("blocked_separation", "serve_pods"))


def _with_what_it_calls(kernel: str) -> str:
    # The text of a kernel, and of the functions of other files that are called in it, or by those.
    own = (KERNELS / f"{kernel}.py").read_text()
    others = {}
    for file in ("candidates", "delivery", "holdout", "pod_ghosts"):
        text = (KERNELS / f"{file}.py").read_text()
        functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
        others |= {each.name: ast.get_source_segment(text, each) or "" for each in functions}
    while called := {name for name in others if re.search(rf"\b{name}\(", own)}:
        own += "".join(others.pop(name) for name in called)
    return own


def test_the_reference_makes_the_checks_in_their_order() -> None:
    assert tuple(REFERENCE) == CHECKS


def test_an_opportunity_has_as_many_ends_as_the_report_shows() -> None:
    assert set(ENDINGS) == {stage.name for stage in STAGES if stage.kind in {"check", "loss", "end"}}
    assert len(ENDINGS) == len(CHECKS) + len(LOSSES) + len(ENDS)


@each
def test_what_holds_a_line_item_back_is_a_reason(stage: Stage) -> None:
    held_back = {*CHECKS, *LOSSES, *ENDS} - {"impressions"}
    assert bool(stage.reason) == (stage.name in REASONS) == (stage.name in held_back)


def test_reasons_are_those_of_the_tables_and_their_codes_stay() -> None:
    assert [reason.value for reason in registry.UnderdeliveryReason] == list(REASONS) == list(reasons.REASONS)
    assert set(reasons.COUNTED) == set(REASONS) - {TOO_FEW}


@pytest.mark.parametrize("name", ENDINGS)
def test_an_end_without_an_opportunity_breaks_the_law_and_is_no_row(name: str) -> None:
    row = {stage: np.zeros(1, np.int64) for stage in FUNNEL}
    assert laws.funnel(row, str).holds
    row[name] += 1
    assert not laws.funnel(row, str).holds
    checks = {str(one.name): str(getattr(one, "sqltext", "")) for one in TABLE.constraints}
    assert any(
        f" {name} " in f" {rule} "
        for key, rule in checks.items()
        if key.startswith("ck_") and "funnel" in key
    )
