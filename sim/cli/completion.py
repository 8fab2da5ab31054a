"""What a shell completes: names of scenarios, examples, profiles and parts, and what is in a database.

An error completes nothing: a shell has no place for a message.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scenarios as package
from sim import FAMILIES

if TYPE_CHECKING:
    from sim.family import Part

HERE = Path(package.__file__).parent
MOST = 500


def family(name: str) -> type[Part]:
    """Return the family that lists name so."""
    from sim.family import family_in  # an import that a shell need not wait for

    return family_in(FAMILIES[name])


def of(words: Iterable[str]) -> Callable[[str], list[str]]:
    """Return a completion of one of some words."""

    def complete(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return complete


def going_on(found: list[str], inside: Callable[[str], Iterable[str]]) -> list[str]:
    """Return what was found; of a single word that goes on, such as `market.`, what may follow it.

    A shell puts a space after a single answer.
    """
    while len(found) == 1 and found[0].endswith((".", "=", "/")):
        more = list(inside(found[0]))
        if not more:
            return found
        found = more if found[0].endswith(".") else [*found, *more]
    return found


def scenarios(incomplete: str) -> list[str]:
    """Return the markets that begin so, and the YAML files."""
    names = [name for name in _stems("markets") if name.startswith(incomplete)]
    return going_on(names + _files(incomplete), _files)


def profiles(incomplete: str) -> list[str]:
    """Return the profiles that begin so."""
    return [name for name in _stems("profiles") if name.startswith(incomplete)]


def examples(ctx: Any, incomplete: str) -> list[str]:
    """Return the examples of the template that begin so."""
    from scenarios.yaml_source import read

    file = ctx.params.get("template")
    with suppress(Exception):
        found = [read(Path(each)) for each in ([file] if file else (HERE / "examples").glob("*.yml"))]
        names = [name for document in found for name in document.data.get("examples", {})]
        return [name for name in names if name.startswith(incomplete)]
    return []


def runs(ctx: Any, incomplete: str) -> list[str]:
    """Return the ids of the runs in the database that begin so, the latest first."""
    query = "SELECT run_id FROM simulation_runs WHERE status = 'complete' ORDER BY started_at DESC"
    return [run for run in _stored(ctx, query) if run.startswith(incomplete)]


def tags(ctx: Any, incomplete: str) -> list[str]:
    """Return the tags of the runs in the database that begin so."""
    found = " ".join(_stored(ctx, "SELECT DISTINCT tags FROM simulation_runs")).split()
    return sorted({tag for tag in found if tag.startswith(incomplete)})


def advertisers(ctx: Any, incomplete: str) -> list[str]:
    """Return the ids of the advertisers in the database that begin so."""
    found = _stored(ctx, "SELECT id FROM advertisers ORDER BY id")
    return [key for key in found if key.startswith(incomplete)]


def kinds(name: str) -> Callable[[str], list[str]]:
    """Return a completion of the members of the family *name*."""

    def complete(incomplete: str) -> list[str]:
        return of(family(name).members())(incomplete)

    return complete


def zones(incomplete: str) -> list[str]:
    """Return the time zones that begin so."""
    from zoneinfo import available_timezones

    return of(sorted(available_timezones()))(incomplete) if incomplete else []


def _stored(ctx: Any, query: str) -> list[str]:
    name = str(ctx.params.get("db") or os.environ.get("DATABASE_URL") or "ads.db")
    file = Path(name.removeprefix("sqlite:///"))
    with suppress(sqlite3.Error, OSError), closing(_reader(file)) as connection:
        return [str(one) for (one,) in connection.execute(f"{query} LIMIT {MOST}")]
    return []


def _stems(folder: str) -> list[str]:
    return sorted(path.stem for path in (HERE / folder).glob("*.yml"))


def _files(incomplete: str) -> list[str]:
    begun = incomplete.rpartition("/")[2]
    start = incomplete.removesuffix(begun)
    with suppress(OSError, ValueError):
        return [
            f"{start}{path.name}{'/' if path.is_dir() else ''}"
            for path in sorted(Path(start or ".").iterdir())
            if path.is_dir() or path.suffix in {".yml", ".yaml"}
            if path.name.startswith(begun) and (begun.startswith(".") or not path.name.startswith("."))
        ]
    return []


def _reader(file: Path) -> sqlite3.Connection:
    # Only to read: completing a name must not leave an empty database behind.
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)
