"""A market that is done in a moment, and a look at what a command leaves behind."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer.testing import Result

SMALL = ("full", "--set", "market.population.viewers=1000", "--set", "market.days=1")
"""All seven campaigns, in a market of a thousand viewers."""
TINY = ("smoke", "--set", "market.population.viewers=200", "--set", "market.days=1")
SEVEN = [
    "luxury_auto_awareness",
    "crunchy_snacks_consideration",
    "nexbank_conversion",
    "high_cpm_tv_awareness",
    "mobile_consideration",
    "conversion_interactive",
    "multi_device_advanced",
]

Paceline = Callable[..., Result]
Headline = Callable[..., dict[str, Any]]


def tree(folder: Path) -> dict[str, str]:
    """Return every file and folder below *folder*, with a hash of what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


def standing(folder: Path) -> dict[str, str]:
    """Return the same without what runs that were broken off go on from."""
    return {name: content for name, content in tree(folder).items() if ".unfinished" not in name}


def change(*statements: str, file: Path | str = "ads.db") -> None:
    """Change a database behind the command's back."""
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def rows(file: Path | str, query: str) -> list[tuple[Any, ...]]:
    """Return what a query finds in a database."""
    connection = sqlite3.connect(file)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
