"""Metamorphic laws: two markets that differ in one thing, what it may change and what it must not."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Collection
from copy import deepcopy
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from analysis.verify.lawbook.choices import Choices, Scope
from analysis.verify.lawbook.difference import difference
from analysis.verify.lawbook.edit import Draft
from analysis.verify.lawbook.markets import play

Compare = Callable[[Draft, Choices], str]
Edit = Callable[[Draft, Draft, Choices], Collection[str] | None]


@dataclass(frozen=True, slots=True)
class MetamorphicLaw:
    """A law between two markets."""

    name: str
    text: str
    """What it says, and when it is true."""
    scope: Scope
    """Which markets it is true for; some do not meet its other conditions, and are UnfitError."""
    compare: Compare
    """Returns where the law is broken, in words; nothing where it holds."""


_ALL = Scope()


def law(scope: Scope = _ALL) -> Callable[[Compare], MetamorphicLaw]:
    """Return what makes a law of a function, whose docstring says under which conditions it is true."""
    return lambda compare: MetamorphicLaw(
        getattr(compare, "__name__", "").replace("_", " "), inspect.getdoc(compare) or "", scope, compare
    )


def unchanged(scope: Scope = _ALL, **differing: Any) -> Callable[[Edit], MetamorphicLaw]:
    """Return what makes a law of a function that edits two copies of a market: both come to the same.

    It may return the line items (paths) that are compared. What else may differ is as in `difference`.
    """

    def law_of(edit: Edit) -> MetamorphicLaw:
        @wraps(edit)
        def compare(market: Draft, choices: Choices) -> str:
            one, other = deepcopy(market), deepcopy(market)
            only = edit(one, other, choices)
            return difference(play(one), play(other), only=only, **differing)

        return law(scope)(compare)

    return law_of


@cache
def all_laws() -> tuple[MetamorphicLaw, ...]:
    """Return the laws of every file in this folder, in the order of files and lines."""
    found: list[MetamorphicLaw] = []
    for module in sorted(file.name for file in pkgutil.iter_modules(__path__)):
        members = vars(importlib.import_module(f"{__name__}.{module}")).values()
        found += [member for member in members if isinstance(member, MetamorphicLaw)]
    return tuple(found)
