"""What agents see, decide and are rewarded for: the generated part of this folder's README.md."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from analysis.environment.actions import ACTIONS
from analysis.environment.observations import OBSERVATIONS
from analysis.environment.rewards import REWARDS
from scenarios.generated import completed

PAGE = Path(__file__).with_name("README.md")
GENERATED = "<!-- What follows is made from the code, by make generated -->\n"


def page(path: Path = PAGE) -> str:
    """Return the text of the page, its generated part made anew."""
    return completed(path, GENERATED, "".join(_sections()))


def write(path: Path = PAGE) -> None:
    """Write the generated part of the page anew."""
    path.write_text(page(path), encoding="utf-8")


def _sections() -> Iterator[str]:
    yield "\n### Observations\n\nA Box of float32, in this order. Those from `matched` to `spent` are of what"
    yield " has become known\nsince the last step began, and 0 where that is nothing; ratios without a bound"
    yield " are cut at 10.\n\n"
    yield "| name | what it is | in | from | to |\n|---|---|---|---|---|\n"
    for one in OBSERVATIONS:
        yield f"| `{one.name}` | {one.text} | {one.unit} | {one.low:g} | {one.high:g} |\n"
    yield "\n### Actions\n\nA Box of float32 from 0 to 1, of those that `actions` names, in this order.\n\n"
    yield "| name | what it is |\n|---|---|\n"
    yield from (f"| `{name}` | {text} |\n" for name, text in ACTIONS.items())
    yield "\n### Rewards\n\nOf one step, by what happened in it, whether spend is known yet or not.\n\n"
    yield "| name | what it is |\n|---|---|\n"
    for name, function in REWARDS.items():
        told = " ".join((inspect.getdoc(function) or "").removeprefix("Return ").split())
        yield f"| `{name}` | {told} |\n"
