"""Laws between two markets that differ in one thing: what it may change, and what it must not."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from analysis.verify.lawbook.choices import Choices
from analysis.verify.lawbook.scope import EVERYTHING, Scope

Scenario = dict[str, Any]
Compare = Callable[[Scenario, Choices], str]


class UnfitError(Exception):
    """A market does not meet a law's conditions, so that nothing can be said of it."""


@dataclass(frozen=True, slots=True)
class Between:
    """A law between two markets."""

    name: str
    text: str
    """What it says, and when it is true."""
    scope: Scope
    """Which markets it is true for; some do not meet its other conditions, and are UnfitError."""
    compare: Compare
    """Returns where the law is broken, in words; nothing where it holds."""


def law(scope: Scope = EVERYTHING) -> Callable[[Compare], Between]:
    """Return what makes a law of a function, whose docstring says under which conditions it is true."""
    return lambda compare: Between(
        getattr(compare, "__name__", "").replace("_", " "), inspect.getdoc(compare) or "", scope, compare
    )


@cache
def all_laws() -> tuple[Between, ...]:
    """Return the laws of every file in this folder, in the order of files and lines."""
    found: list[Between] = []
    for module in sorted(file.name for file in pkgutil.iter_modules(__path__)):
        members = vars(importlib.import_module(f"{__name__}.{module}")).values()
        found += [member for member in members if isinstance(member, Between)]
    return tuple(found)
