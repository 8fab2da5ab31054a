"""What a shell completes: names of scenarios and parts, paths of their parameters, what is in a database.

An error completes nothing: a shell has no place for a message.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scenarios as package
from sim import FAMILIES

if TYPE_CHECKING:
    from scenarios.shape import Shape
    from sim.family import Part

HERE = Path(package.__file__).parent
MOST = 500


def family(name: str) -> type[Part]:
    """Return the family that lists name so."""
    from sim.family import family_in  # an import that a shell need not wait for

    return family_in(FAMILIES[name])


def written(what: str) -> dict[str, Any]:
    """Return what our files of that folder hold, by name.

    It is read, not checked: the models behind it take a second to load.
    """
    from scenarios.layers import resolve

    found: dict[str, Any] = {}
    for name in _stems(what):
        data = resolve(_ours(what, name), partial(_ours, what)).data
        found |= data["examples"] if what == "examples" else {name: data}
    return found


def of(words: Iterable[str]) -> Callable[[str], list[str]]:
    """Return a completion of one of some words."""
    return lambda incomplete: [word for word in words if word.startswith(incomplete)]


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
    return going_on(of(_stems("markets"))(incomplete) + _files(incomplete), _files)


def metrics(incomplete: str) -> list[str]:
    """Return the metrics of studies that begin so."""
    from analysis.study.metrics import METRICS

    return of(METRICS)(incomplete)


def studies(incomplete: str) -> list[str]:
    """Return the studies that begin so, and the YAML files."""
    return going_on(of(_stems("studies"))(incomplete) + _files(incomplete), _files)


def profiles(incomplete: str) -> list[str]:
    """Return the profiles that begin so."""
    return of(_stems("profiles"))(incomplete)


def examples(ctx: Any, incomplete: str) -> list[str]:
    """Return the examples of the template that begin so."""
    from scenarios.yaml_source import read

    file = ctx.params.get("template")
    with suppress(Exception):
        return of(read(Path(file)).data["examples"] if file else written("examples"))(incomplete)
    return []


def kinds(name: str) -> Callable[[str], list[str]]:
    """Return a completion of the members of the family *name*."""

    def complete(incomplete: str) -> list[str]:  # only then the family is imported
        return of(family(name).members())(incomplete)

    return complete


def zones(incomplete: str) -> list[str]:
    """Return the time zones that begin so."""
    from zoneinfo import available_timezones

    return of(sorted(available_timezones()))(incomplete) if incomplete else []


def unfinished(ctx: Any, incomplete: str) -> list[str]:
    """Return the runs that were broken off and begin so."""
    with suppress(OSError):
        file = _file(ctx)
        return of(sorted(path.name for path in file.with_name(f"{file.name}.unfinished").iterdir()))(
            incomplete
        )
    return []


def _file(ctx: Any) -> Path:
    name = str(ctx.params.get("db") or os.environ.get("DATABASE_URL") or "ads.db")
    return Path(name.removeprefix("sqlite:///"))


def _rows(ctx: Any, query: str) -> list[tuple[Any, ...]]:
    file = _file(ctx)
    with suppress(sqlite3.Error, OSError):
        # Only to read: completing a name must not leave an empty database behind.
        uri = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=0.2)) as connection:
            return connection.execute(f"{query} LIMIT {MOST}").fetchall()
    return []


def _stored(query: str) -> Callable[[Any, str], list[str]]:
    def complete(ctx: Any, incomplete: str) -> list[str]:
        words = [word for (text,) in _rows(ctx, query) for word in str(text).split() if word.isprintable()]
        return of(dict.fromkeys(words))(incomplete)

    return complete


runs = _stored("SELECT run_id FROM simulation_runs WHERE status = 'complete' ORDER BY number DESC")
tags = _stored("SELECT DISTINCT tags FROM simulation_runs ORDER BY tags")
advertisers = _stored("SELECT id FROM advertisers ORDER BY id")


def _ours(folder: str, name: str) -> Path:
    return HERE / folder / f"{name}.yml"


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


def settings(ctx: Any, incomplete: str) -> list[str]:
    """Return the dotted paths that begin so, one level at a time, with `.` or `=` behind them.

    Names are written as the shell needs them.
    """
    from scenarios.selectors import split

    with suppress(Exception):
        if split(incomplete):
            return []
        # What stands before an option without its value is no parameter yet.
        words = getattr(ctx, "args", None) or [ctx.params.get("other") or ctx.params.get("scenario")]
        beside = _rows(ctx, REGISTERED) if getattr(ctx, "info_name", None) == "simulate" else []
        named = [name for name in _named(words[-1], incomplete, beside) if name.startswith(incomplete)]
        found = [*_paths(incomplete), *(named if incomplete else ())]
        return _typed(going_on(found, lambda path: (_paths if path[-1] == "." else _values)(path)))
    return []


REGISTERED = """
    SELECT 'campaign', a.name || ' / ' || c.name FROM campaigns c
    JOIN advertisers a ON a.id = c.advertiser_id WHERE a.name <> c.name
    UNION ALL
    SELECT 'line_item', a.name || ' / ' || c.name || ' / ' || l.name FROM line_items l
    JOIN campaigns c ON c.id = l.campaign_id JOIN advertisers a ON a.id = c.advertiser_id
    WHERE a.name <> c.name"""
"""What the registry of a database books but bidders, noun and path of names: a run reaches it, too."""


def _named(scenario: str | None, incomplete: str, beside: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    from scenarios import selectors
    from scenarios.layers import resolve

    if scenario is None:
        return
    file = _ours("markets", scenario)
    data = resolve(file if file.is_file() else Path(scenario), partial(_ours, "markets")).data
    found = [
        (noun, path) for place in selectors.own(data) for noun, path, _ in selectors.targets(data, place)
    ]
    for what, noun in selectors.NAMED.items():
        ours = written(what)
        for name in data.get(what, ()):
            found += [each[:2] for each in selectors.targets(ours[name], (), (noun, name))]
    found += [(noun, path) for noun, path in beside if path.isprintable() and (noun, path) not in found]
    begun = incomplete.partition("[")[2][:1]
    quote = begun if begun in {"'", '"'} else ""
    for noun, path in found:
        alike = [other for word, other in found if word == noun]
        yield selectors.shortest(noun, path, alike, quote) + "."


def _typed(words: list[str]) -> list[str]:
    # Other shells do it themselves. Bash takes what we say as it is, behind the quote that was typed, if any.
    if os.environ.get("_PACELINE_COMPLETE") != "complete_bash":
        return words
    typed = os.environ["COMP_WORDS"].split("\n")[int(os.environ["COMP_CWORD"])]
    special = {"": r"[^\w@%+=:,./\[\]-]", "'": r"(?!)", '"': r'[\\"$`]'}
    quote = typed[:1] if typed[:1] in {"'", '"'} else ""
    if re.search(r"(?<!\\)[\"']", typed) and not quote:
        return []  # it would go behind a quote in the middle
    kept = (word for word in words if quote != "'" or "'" not in word)
    return [_Typed(re.sub(special[quote], r"\\\g<0>", word)) for word in kept]


class _Typed(str):
    """A word as it is typed. Typer drops what does not begin with what was typed, quotes apart."""

    __slots__ = ()

    def startswith(self, *_: Any) -> bool:
        return True


def targets(incomplete: str) -> list[str]:
    """Return the keys of targeting that begin so."""
    from entities.enums import TargetingKey

    return going_on(of([f"{key}=" for key in TargetingKey])(incomplete), lambda key: [f"{key}VALUE"])


def _inside(path: Iterable[str]) -> Shape:
    from scenarios.shape import Shape

    # The shipped schema is there at once; the model that it is made from takes a second.
    schema = json.loads((HERE / "schemas" / "scenario.json").read_text(encoding="utf-8"))
    shape = Shape((schema,), schema["$defs"]).at(tuple(path))
    if shape is None:
        raise LookupError(path)
    return shape


def _steps(path: str) -> list[str]:
    from scenarios.selectors import split

    steps, _ = split(f"{path}=") or (path.split("."), "")  # where a bracket is still open
    return steps


def _paths(incomplete: str) -> Iterator[str]:
    *above, last = _steps(incomplete)
    prefix, shape = incomplete.removesuffix(last), _inside(above)
    for key in shape.keys():  # noqa: SIM118 - a Shape is no mapping, and cannot be iterated
        if key.startswith(last) and (above or key not in {"extends", "overrides"}):
            inner = shape.inside(key)
            yield f"{prefix}{key}{'.' if inner and inner.keys() else '='}"


def _values(path: str) -> list[str]:
    # One of some words, else the default, else the word VALUE.
    shape = _inside(_steps(path.rstrip("=")))
    usual = [option["default"] for option in shape.options if "default" in option]
    texts = [text if isinstance(text, str) else json.dumps(text) for text in usual]
    words = [word for option in shape.options for word in option.get("enum", ())]
    return [
        f"{path}{word}" for word in words or [text for text in texts if text and " " not in text] or ["VALUE"]
    ]
