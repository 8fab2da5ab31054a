"""The laws by number, and the verdict that a check returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LIMIT = 20
"""Findings that a verdict keeps; it counts them all."""

Where = Callable[[int], str]
"""Names the place of a finding, given its position in the arrays that were checked."""


def also(where: Where, what: str) -> Where:
    """Return *where*, with *what* was checked behind each place."""
    return lambda i: f"{where(i)}, {what}"


class Law(NamedTuple):
    """A law of the market."""

    number: int
    name: str
    text: str


LAWS: dict[int, Law] = {
    law.number: law
    for law in (
        Law(1, "conservation", "Σ charged = Σ spend = Σ drawn from budgets, to the micro; only an ad that is "
            "rendered and valid is charged, at its price"),
        Law(2, "budgets", "spend never passes a budget: lifetime or daily, of a line item or a campaign"),
        Law(3, "eligibility", "no impression outside its flight, daypart, status or targeting, nor of a "
            "viewer held out, of whom all ghosts are"),
        Law(4, "frequency caps", "in every window of every cap, a viewer's billed impressions ≤ the cap"),
        Law(5, "separation", "no two ads of one advertiser, nor of one separated category, in one pod; pod "
            "seconds ≤ pod length"),
        Law(6, "prices", "floor ≤ price ≤ winning bid ≤ max CPM, and the auction format's own equation; a "
            "deal ahead of the auction pays its fixed price"),
        Law(7, "funnel", "matched = Σ blocked + bids; bids = Σ lost + ghosts + wins; wins = impressions + "
            "errors + invalid; who is behind has the reason that stopped most; what was lost is what others "
            "won; a place is filled, ambient or unfilled"),
        Law(8, "nesting", "impressions ≥ starts ≥ q25 ≥ q50 ≥ q75 ≥ completions; "
            "starts ≥ completions + skips; no other outcome above that without which it cannot be"),
        Law(9, "reach", "Σ new viewers = reach to date; reach ≤ impressions"),
        Law(10, "one row each", "one performance row for every in-flight hour of every active creative, "
            "zeros included, and none besides"),
        Law(11, "keys and ratios", "every foreign key resolves; a ratio is NULL where its denominator is 0, "
            "and Σ/Σ elsewhere"),
        Law(12, "digest", "same seed, same digest, whatever the executor and the number of workers"),
        Law(13, "independence", "a policy that changes nothing changes no byte; a line item that never bids "
            "changes no other's row"),
        Law(14, "completeness", "a run is complete or invisible; its event files are as they were written, "
            "and the file of its database is sound"),
        Law(15, "conversions", "Σ parts of all touches = conversions by the last one; none without a touch "
            "in the lookback"),
        Law(16, "plans", "the same policy in the same situation plans the same: goal, allowance, multiplier, "
            "participation, and what is expected by then"),
        Law(17, "facts", "what is noted of flights, budgets, terms and caps is what happened, once each"),
    )
}  # fmt: skip
"""Every law, by number."""


class Finding(NamedTuple):
    """One place where a law is broken."""

    law: int
    where: str
    value: int | float | str | None
    allowed: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: nothing, if the law holds. Verdicts on one law add up."""

    law: int
    checked: int
    """How many things were looked at."""
    broken: int = 0
    """How many of them break the law."""
    findings: tuple[Finding, ...] = ()
    """The first LIMIT of them."""

    @property
    def holds(self) -> bool:
        """Return whether nothing was found."""
        return self.broken == 0

    def __add__(self, other: Verdict) -> Verdict:
        if other.law != self.law:
            raise ValueError(f"verdicts on the laws {self.law} and {other.law} do not add up")
        return Verdict(
            self.law,
            self.checked + other.checked,
            self.broken + other.broken,
            (self.findings + other.findings)[:LIMIT],
        )


def verdict(
    law: int,
    wrong: NDArray[np.bool_],
    where: Where,
    value: NDArray[Any] | Callable[[int], str] | str,
    allowed: NDArray[Any] | Callable[[int], str] | str,
    checked: int | None = None,
) -> Verdict:
    """Return the verdict on *law* from what is *wrong*, one-dimensional; *value* and *allowed* say how."""
    places = np.flatnonzero(wrong)
    found = tuple(
        Finding(law, where(i), _at(value, i), str(_at(allowed, i))) for i in places[:LIMIT].tolist()
    )
    return Verdict(law, wrong.size if checked is None else checked, len(places), found)


def equal(law: int, value: NDArray[Any], wanted: NDArray[Any], where: Where) -> Verdict:
    """Return the verdict that each *value* is the one *wanted*, whole numbers of one dimension."""
    return verdict(law, value != wanted, where, value, wanted)


def at_most(law: int, value: NDArray[Any], most: NDArray[Any], where: Where) -> Verdict:
    """Return the verdict that no *value* passes *most*, whole numbers of one dimension."""
    return verdict(law, value > most, where, value, lambda i: f"at most {most[i]}")


def conditions(
    law: int, fine: Mapping[str, NDArray[np.bool_]], where: Where, value: Callable[[int], str]
) -> Verdict:
    """Return the verdict that all conditions of *fine* hold everywhere; a finding names those that do not."""

    def broken(i: int) -> str:
        return "; ".join(name for name, holds in fine.items() if not holds[i])

    return verdict(law, ~np.logical_and.reduce(list(fine.values())), where, value, broken)


def columns(rows: Mapping[str, NDArray[Any]], *names: str) -> Callable[[int], str]:
    """Return the text of the columns *names* of a row."""
    return lambda i: ", ".join(f"{name} {rows[name][i]}" for name in names)


def _at(what: NDArray[Any] | Callable[[int], str] | str, i: int) -> Any:
    if isinstance(what, str):
        return what
    if callable(what):
        return what(i)
    value = what[i]
    return value.item() if isinstance(value, np.generic) else value
