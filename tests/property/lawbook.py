"""Random whole markets as Hypothesis draws them: what breaks a law is made smaller, and printed as YAML."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from analysis.verify.lawbook.choices import EVERYTHING, Choices, Scope
from analysis.verify.lawbook.markets import scenario


def laws(examples: int) -> settings:
    """Return settings for so many *examples*, the same in every run."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=examples, suppress_health_check=slow)


def choices(draw: st.DrawFn) -> Choices:
    """Return choices that Hypothesis makes."""
    return Choices(lambda n: draw(st.integers(0, n - 1)))


def markets(scope: Scope = EVERYTHING) -> st.SearchStrategy[dict[str, Any]]:
    """Return the strategy of whole scenarios within *scope*."""
    return st.composite(lambda draw: scenario(choices(draw), scope))()
