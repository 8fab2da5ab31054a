"""What is verified, a file for each subject: a new file is found, and so are its checks.

A subject's file says what it is about in the first line of its docstring, and marks what it measures by
`check`. A check is one market, run once, and yields a row for everything that is measured in it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from analysis.verify.rows import Row

Measure = Callable[..., Iterable[Row]]
"""From a number of auctions, and what a setting has more, to the rows of a market of at least as many."""


@dataclass(frozen=True, slots=True)
class Check:
    """A market with an exact solution."""

    setting: str
    """The market in words: who bids, how, under which rules."""
    function: Measure
    arguments: tuple[Any, ...]

    def measure(self, auctions: int) -> Iterable[Row]:
        """Return the rows of a market of at least that many *auctions*."""
        return self.function(auctions, *self.arguments)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is verified in one file."""

    name: str
    title: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of one function."""

    function: Measure
    each: tuple[Check, ...]


def check(setting: str, *cases: Any) -> Callable[[Measure | Checks], Checks]:
    """Return what makes checks of a function, one for each of its *cases*, or adds to the checks below it.

    A case is what the function takes beside the number of auctions, a tuple if these are several arguments.
    The *setting* is a format of them.
    """
    arguments = [case if isinstance(case, tuple) else (case,) for case in cases or ((),)]

    def checks_of(measured: Measure | Checks) -> Checks:
        found = measured if isinstance(measured, Checks) else Checks(measured, ())
        mine = (Check(setting.format(*given), found.function, given) for given in arguments)
        return Checks(found.function, (*mine, *found.each))

    return checks_of


def subjects() -> list[Subject]:
    """Return all subjects in alphabetical order of their files, with the checks in the order of lines."""
    found = []
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        members = vars(importlib.import_module(f"{__name__}.{name}"))
        title = members["__doc__"].partition("\n")[0].rstrip(".")
        groups = [member for member in members.values() if isinstance(member, Checks)]
        found.append(Subject(name, title, tuple(each for group in groups for each in group.each)))
    return found
