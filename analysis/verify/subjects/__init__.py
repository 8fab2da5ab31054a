"""What is verified: exact markets by subject. A new file is found, with its subjects and their checks."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analysis.verify.rows import Comparisons

Measure = Callable[..., Comparisons]
"""From a number of auctions, and what a setting has more, to the rows of a market of at least as many."""


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A market with an exact solution, run once: it yields a row for everything that is measured in it."""

    subject: Subject
    setting: str
    """The market in words: who bids, how, under which rules."""
    function: Measure
    arguments: tuple[Any, ...]

    def measure(self, auctions: int) -> Comparisons:
        """Return the rows of a market of at least that many *auctions*."""
        return self.function(auctions, *self.arguments)


class Subject:
    """A part of the page of verified numbers, with its checks in the order of lines."""

    def __init__(self, name: str, title: str) -> None:
        self.name, self.title = name, title
        self._checks: dict[Measure, list[Check]] = {}

    @property
    def checks(self) -> list[Check]:
        """Return the checks of all functions."""
        return [check for checks in self._checks.values() for check in checks]

    def check(self, setting: str, *cases: Any) -> Callable[[Measure], Measure]:
        """Return what makes checks of a function, one for each of its *cases*, or adds to those below it.

        A case is what the function takes beside the number of auctions, a tuple if these are several
        arguments. The *setting* is a format of them.
        """
        arguments = [case if isinstance(case, tuple) else (case,) for case in cases or ((),)]

        def checks_of(function: Measure) -> Measure:
            mine = [Check(self, setting.format(*given), function, given) for given in arguments]
            self._checks[function] = mine + self._checks.get(function, [])
            return function

        return checks_of


def subjects() -> list[Subject]:
    """Return all subjects by name."""
    modules = [importlib.import_module(f"{__name__}.{each.name}") for each in pkgutil.iter_modules(__path__)]
    found = {each for module in modules for each in vars(module).values() if isinstance(each, Subject)}
    return sorted(found, key=lambda subject: subject.name)
