"""What a shell completes: names of scenarios, examples, profiles and runs, and paths of parameters.

Whatever goes wrong here completes nothing: a shell has no place for a message.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import scenarios as package

HERE = Path(package.__file__).parent
MOST = 500


def of(words: Iterable[str]) -> Callable[[str], list[str]]:
    """Return what completes one of some words."""

    def complete(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return complete


def scenarios(incomplete: str) -> list[str]:
    """Return the markets that begin so, and the YAML files."""
    names = [name for name in _stems("markets") if name.startswith(incomplete)]
    return names + _files(incomplete)


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
    name = str(ctx.params.get("db") or os.environ.get("DATABASE_URL") or "ads.db")
    file = Path(name.removeprefix("sqlite:///"))
    query = "SELECT run_id FROM simulation_runs WHERE status = 'complete' ORDER BY started_at DESC LIMIT ?"
    with suppress(sqlite3.Error, OSError), closing(_reader(file)) as connection:
        return [run for (run,) in connection.execute(query, (MOST,)) if run.startswith(incomplete)]
    return []


def settings(incomplete: str) -> list[str]:
    """Return the dotted paths that begin so, level by level, with the sign that follows them."""
    if "=" in incomplete:
        return []
    with suppress(Exception):
        return list(_paths(incomplete))
    return []


def _paths(incomplete: str) -> Iterator[str]:
    from scenarios.shape import Shape

    # The shipped schema is there at once; the model that it is made from takes a second.
    schema = json.loads((HERE / "schemas" / "scenario.json").read_text(encoding="utf-8"))
    shape: Shape | None = Shape((schema,), schema["$defs"])
    *above, last = incomplete.split(".")
    for part in above:
        shape = shape.inside(part) if shape else None
    if shape is None:
        return
    prefix = "".join(f"{part}." for part in above)
    for key in shape.keys():  # noqa: SIM118 - not a dict
        if key.startswith(last) and (above or key != "extends"):
            inner = shape.inside(key)
            yield f"{prefix}{key}{'.' if inner and inner.keys() else '='}"


def _stems(folder: str) -> list[str]:
    return sorted(path.stem for path in (HERE / folder).glob("*.yml"))


def _files(incomplete: str) -> list[str]:
    folder = Path(incomplete) if incomplete.endswith("/") else Path(incomplete).parent
    start = incomplete if incomplete.endswith("/") else incomplete[: incomplete.rfind("/") + 1]
    with suppress(OSError, ValueError):
        found = sorted(path for path in folder.iterdir() if path.is_dir() or path.suffix in {".yml", ".yaml"})
        names = [f"{start}{path.name}{'/' if path.is_dir() else ''}" for path in found]
        hidden = Path(incomplete).name.startswith(".")
        return [
            name
            for name, path in zip(names, found, strict=True)
            if name.startswith(incomplete) and (hidden or not path.name.startswith("."))
        ]
    return []


def _reader(file: Path) -> sqlite3.Connection:
    # Only to read: completing a name must not leave an empty database behind.
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)
