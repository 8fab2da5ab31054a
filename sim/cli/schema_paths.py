"""What a shell completes: dotted paths of parameters, by the shipped schema, and keys of targeting."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli.completion import HERE, going_on, of

if TYPE_CHECKING:
    from scenarios.shape import Shape


def settings(ctx: Any, incomplete: str) -> list[str]:
    """Return the dotted paths that begin so, one level at a time, with `.` or `=` behind them."""
    from scenarios.selectors import split

    with suppress(Exception):
        if split(incomplete):
            return []
        named = [name for name in _named(ctx.params.get("scenario")) if name.startswith(incomplete)]
        found = [*_paths(incomplete), *(named if incomplete else ())]
        return going_on(found, lambda path: (_paths if path[-1] == "." else _values)(path))
    return []


def _named(scenario: str | None) -> Iterator[str]:
    from scenarios.layers import resolve
    from scenarios.selectors import targets

    def ours(folder: str) -> Callable[[str], Path]:
        return lambda name: HERE / folder / f"{name}.yml"

    if scenario is None:
        return
    file = ours("markets")(scenario)
    data = resolve(file if file.is_file() else Path(scenario), ours("markets")).data
    profiles = [resolve(ours("profiles")(name), ours("profiles")).data for name in data.get("profiles", ())]
    for listing in (*data.get("campaigns", ()), *_examples(data.get("examples", ())), *profiles):
        for noun, path, _ in targets(listing, ()):
            yield f"{noun}[{path.rpartition(' / ')[2]}]."


def _examples(names: Iterable[str]) -> list[Any]:
    from scenarios.yaml_source import read

    files = (read(file).data["examples"] for file in (HERE / "examples").glob("*.yml"))
    known = {name: each for file in files for name, each in file.items()}
    return [known[name] for name in names]


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
    for key in shape.keys():  # noqa: SIM118 - not a dict
        if key.startswith(last) and (above or key not in {"extends", "overrides"}):
            inner = shape.inside(key)
            yield f"{prefix}{key}{'.' if inner and inner.keys() else '='}"


def _values(path: str) -> list[str]:
    # One of some words, else the default, else the word VALUE.
    shape = _inside(_steps(path.rstrip("=")))
    words = [str(word) for option in shape.options for word in option.get("enum", ())]
    usual = [option["default"] for option in shape.options if "default" in option]
    texts = [text if isinstance(text, str) else json.dumps(text) for text in usual]
    return [
        path + word for word in words or [text for text in texts if text and " " not in text] or ["VALUE"]
    ]
