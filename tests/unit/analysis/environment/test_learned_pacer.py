"""The example that learns, on fewer seeds and candidates than it takes by itself."""

from __future__ import annotations

import runpy
import sys
from typing import Any

import numpy as np
import pytest

from tests.copies import ROOT

FILE = ROOT / "analysis" / "examples" / "learned_pacer.py"


def run(monkeypatch: pytest.MonkeyPatch, *words: str, name: str = "__main__") -> dict[str, Any]:
    monkeypatch.setattr(sys, "argv", [FILE.name, *words])
    return runpy.run_path(str(FILE), run_name=name)


def test_it_learns_and_is_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "--seeds=1", "--held-out=2", "--generations=2", "--candidates=4")
    *told, _, title, _, learned, pid, adaptive, pace = capsys.readouterr().out.splitlines()
    means = [float(line.rpartition(" ")[2]) for line in told]
    assert len(means) == 2
    assert means[-1] > means[0]
    assert title == "worth per dollar of budget, 2 seeds held out"
    for line, name in zip(
        (learned, pid, adaptive, pace), ("learned", "pid", "adaptive", "pace"), strict=True
    ):
        arm, mean, low, _, high = line.split()
        assert arm == name
        assert float(low) <= float(mean) <= float(high)
    assert float(pid.split()[1]) > float(pace.split()[1])


def test_its_pacer_is_a_logistic_function_of_what_it_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    pacer = run(monkeypatch, name="learned_pacer")
    seen = np.zeros(len(pacer["OBSERVATIONS"]), np.float32)
    weights = np.zeros(1 + len(pacer["LOOKS_AT"]))
    assert pacer["multiplier"](weights, seen).tolist() == [0.5]
    weights[0] = 3
    assert pacer["multiplier"](weights, seen) == pytest.approx(1 / (1 + np.exp(-3)))
    weights[1], seen[pacer["_PLACES"][0]] = -2, 0.1
    assert pacer["multiplier"](weights, seen) == pytest.approx(1 / (1 + np.exp(-2)))
