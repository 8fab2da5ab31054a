"""What is verified, a file for each subject: a new file is found, and so are its checks.

A subject's file says what it is about in the first line of its docstring, and gives its checks in a function
`checks`. A check is one market, run once, and yields a row for everything that is measured in it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from analysis.verify.rows import Row

Measure = Callable[[int], Iterable[Row]]
"""From a number of auctions to the rows that a market of at least as many gives."""


@dataclass(frozen=True, slots=True)
class Check:
    """A market with an exact solution."""

    setting: str
    """The market in words: who bids, how, under which rules."""
    measure: Measure


@dataclass(frozen=True, slots=True)
class Subject:
    """What is verified in one file."""

    name: str
    title: str
    checks: tuple[Check, ...]


def subjects() -> list[Subject]:
    """Return all subjects in alphabetical order of their files."""
    found = []
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        loaded = importlib.import_module(f"{__name__}.{module}")
        title = (loaded.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        found.append(Subject(module, title, tuple(loaded.checks())))
    return found
