"""What is wrong with a scenario, and where it was written: `full.yml:12: seed: -5 is not allowed; …`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from entities.errors import InputError, RefusedError
from entities.messages import did_you_mean, hint, listed, nearest, short
from scenarios.allowed import LIST, allowed, choice, suggestion
from scenarios.layers import Layered, places
from scenarios.scalars import plain
from scenarios.shape import Shape
from scenarios.yaml_source import Key, at, dotted
from sim.external import UnplayableError
from sim.family import Written

MOST = 5
LOOKED_AT = 100
"""Of so many problems is found out what was meant; of others there is nothing but their number."""

Model = TypeVar("Model", bound=BaseModel)


class ScenarioError(InputError):
    """What is wrong with a scenario, a line for each of the first problems."""

    def __init__(self, lines: list[str], more: int = 0) -> None:
        more, lines = max(len(lines) - MOST, 0) + more, lines[:MOST]
        self._told = lines, more
        told = [*lines, f"and {more:,} more"] if more else lines
        super().__init__("; ".join(told))
        self.args = ("\n".join(told),)  # the lines apart

    def __reduce__(self) -> tuple[Any, ...]:  # so that it comes whole from another process
        return type(self), self._told


def validated(model: type[Model], layered: Layered) -> Model:
    """Return *layered* as a *model*, or raise ScenarioError that names the first problems."""
    try:
        found = TypeAdapter(model).validate_python(layered.data)
    except Exception as error:
        if lines := list(_not_numbers(layered, model, _begins_as_number)):
            raise ScenarioError(lines) from None
        if isinstance(error, ValidationError):
            raise _refusal(model, layered, error) from None
        raise
    # The schema takes a while: where all is well, it is asked about few values.
    if lines := list(_not_numbers(layered, model, _reads_as_number)):
        raise ScenarioError(lines)
    return found


def _refusal(model: type[BaseModel], layered: Layered, error: ValidationError) -> ScenarioError:
    problems, more = _once([_problem(detail, layered.data) for detail in _details(error)])
    report, left = _Report(layered, Shape.of(model)), max(len(problems) - LOOKED_AT, 0)
    if left:
        problems = sorted(problems, key=lambda one: report.order(one.path))[:LOOKED_AT]
    lines = dict.fromkeys(report.lines(problems))
    alike = ((line, next((n for why, n in more.items() if line.endswith(why)), 0)) for line in lines)
    return ScenarioError([f"{line}; the same for {n} more" if n else line for line, n in alike], left)


def _once(problems: list[_Problem]) -> tuple[list[_Problem], dict[str, int]]:
    # Why code does not run is the same wherever it is named: said once, and how many more there are.
    kept, more = [], dict[str, int]()
    for one in problems:
        error = one.detail.get("ctx", {}).get("error")
        if isinstance(error, UnplayableError):
            more[str(error)] = more.get(str(error), -1) + 1
        if not isinstance(error, UnplayableError) or not more[str(error)]:
            kept.append(one)
    return kept, more


def _refused_call(model: type[BaseModel], given: Any, error: ValidationError) -> ScenarioError:
    name = model.__name__
    return _refusal(model, Layered(Path(name), plain(given, name), {}, ()), error)


Written.refused = staticmethod(_refused_call)


def _not_numbers(layered: Layered, model: type[BaseModel], seems: Callable[[str], bool]) -> Iterable[str]:
    # Pydantic would read true as 1 and "007" as 7.
    for path in places(layered.data, ()):
        value = at(layered.data, path)
        if not isinstance(value, bool) and not (isinstance(value, str) and seems(value)):
            continue
        here = Shape.of(model).at(path, layered.data)
        types = {option.get("type") for option in here.options} if here else set()
        if types and types <= {"integer", "number"}:
            kind = "float_type" if "number" in types else "int_type"
            detail = ErrorDetails(type=kind, loc=path, msg="", input=value)
            near = did_you_mean(suggestion(detail, here))
            yield f"{layered.origin(path)}: {layered.name(path)}: {_refused(value, allowed(detail))}{near}"


def _begins_as_number(text: str) -> bool:
    return text.strip()[:1] in _NUMERIC


def _reads_as_number(text: str) -> bool:
    # All that Pydantic reads as one, which leaves out underscores where Python would not.
    with suppress(ValueError):
        float(text.replace("_", ""))
        return _begins_as_number(text)
    return False


_NUMERIC = tuple("0123456789+-.")


@dataclass(frozen=True, slots=True)
class _Problem:
    path: Key
    detail: ErrorDetails

    @property
    def type(self) -> str:
        return self.detail["type"]

    @property
    def unknown(self) -> bool:
        """Whether the last part of the path is no key."""
        return self.type in {"extra_forbidden", "unexpected_keyword_argument"} and bool(self.path)

    @property
    def of_type(self) -> bool:
        return self.type.endswith(("_type", "_parsing")) or self.type == "literal_error"


def _details(error: ValidationError) -> Iterable[ErrorDetails]:
    """Yield what is wrong; what a validator asked another model about counts as part of it."""
    for detail in error.errors(include_url=False):
        inner = detail.get("ctx", {}).get("error")
        if isinstance(inner, ValidationError):
            for deeper in _details(inner):
                yield cast("ErrorDetails", {**deeper, "loc": (*detail["loc"], *deeper["loc"])})
        else:
            yield detail


def _problem(detail: ErrorDetails, data: Any) -> _Problem:
    path, value = _path(detail, data)
    error = detail.get("ctx", {}).get("error")
    if isinstance(error, RefusedError):  # it knows where in the value
        for part in error.path:
            if not _has(value, part):
                break
            path, value = (*path, part), value[part]
    elif detail["type"] == "value_error" and isinstance(value, dict):
        # A rule of several fields names the one that it is about, or the value.
        first = detail["msg"].removeprefix("Value error, ").partition(" ")[0].rstrip(":")
        known = [key for key, field in value.items() if first in {key, str(field)}]
        path = (*path, *known[:1])
    return _Problem(path, detail)


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, dict) and part in data


def _path(detail: ErrorDetails, data: Any) -> tuple[Key, Any]:
    """Return where in *data* the problem is, and what stands there.

    It is Pydantic's place without the tags and types of unions.
    """
    path: list[str | int] = []
    for number, part in enumerate(detail["loc"], 1):
        step = part if isinstance(data, list) else str(part)
        if _has(data, step):
            data = data[step]
            path.append(step)
        elif number == len(detail["loc"]) and detail["type"] == "missing" and isinstance(part, str):
            path.append(part)
    if detail["type"] == "union_tag_invalid" and _has(data, "kind"):
        path.append("kind")
    return tuple(path), data


@dataclass(frozen=True, slots=True)
class _Report:
    layered: Layered
    shape: Shape

    def lines(self, problems: list[_Problem]) -> Iterable[str]:
        misspelt = {(*one.path[:-1], self.nearest_key(one.path)) for one in problems if one.unknown}
        by_path: dict[Key, list[_Problem]] = {}
        for problem in problems:
            # What is missing is there, misspelt.
            if problem.type != "missing" or problem.path not in misspelt:
                by_path.setdefault(problem.path, []).append(problem)
        for path, here in sorted(by_path.items(), key=lambda item: self.order(item[0])):
            deeper = any(len(other) > len(path) and other[: len(path)] == path for other in by_path)
            # Of a union, the member that was chosen is the one that got further.
            left = [problem for problem in here if not (deeper and problem.of_type)]
            if len(left) > 1 and all(problem.of_type for problem in left):
                # A value that fits no member of a union: what each of them allows, in one line.
                members = dict.fromkeys(allowed(one.detail).removeprefix("must be ") for one in left)
                texts = [_refused(left[0].detail["input"], f"must be {' or '.join(members)}")]
            else:
                texts = [self.what(problem) for problem in left]
            for text in texts:
                yield f"{self.layered.origin(path)}: {f'{self.layered.name(path)}: ' if path else ''}{text}"

    def order(self, path: Key) -> tuple[str, int]:
        origin = self.layered.origin(path)
        return origin.source, origin.line or 0

    def what(self, problem: _Problem) -> str:
        path, detail = problem.path, problem.detail
        value, here = detail["input"], self.shape.at(path, self.layered.data)
        if problem.unknown:
            return f"unknown key; {self.instead(path)}"
        match problem.type:
            case "missing":
                return self.missing(path)
            case "union_tag_not_found":
                return f"is missing its kind{f': one of {listed(here.kinds(), 99)}' if here else ''}"
            case "union_tag_invalid":
                union = self.shape.at(path[:-1] if path[-1:] == ("kind",) else path)
                tag = detail["ctx"]["tag"]
                return _refused(tag, choice(tag, union.kinds() if union else []))
            case "literal_error" | "enum":
                return _refused(value, choice(value, self.words(path)))
            case "model_type" | "model_attributes_type" if here and here.kinds():
                return _refused(value, f"must be one of {', '.join(here.kinds())}")
            case "model_type" | "model_attributes_type" if keys := _needed(here):
                return _refused(value, f"{allowed(detail)} ({listed(keys, 4)})")
            case "value_error" | "assertion_error":
                return _of_a_rule(problem)
        instead = allowed(detail)
        if instead == LIST and isinstance(value, dict):
            instead += ", with `- ` before each item"
        return f"{_refused(value, instead)}{did_you_mean(suggestion(detail, here))}"

    def words(self, path: Key) -> list[str]:
        """Return the words that may stand at *path*, or be the key that stands there."""
        here = self.shape.at(path)
        return [str(word) for word in here.words()] if here else self.keys(path[:-1])

    def keys(self, path: Key) -> list[str]:
        here = self.shape.at(path, self.layered.data)
        return here.keys(at(self.layered.data, path)) if here else []

    def nearest_key(self, path: Key) -> str | None:
        return nearest(str(path[-1]), self.keys(path[:-1]))

    def missing(self, path: Key) -> str:
        *above, last = path
        given, here = at(self.layered.data, tuple(above)), self.shape.at(path)
        if last not in given or not here:
            return "is missing"
        # It is there, a list, and lacks items.
        count = max(len(option.get("prefixItems", ())) for option in here.options)
        return _refused(given[last], f"must have {count} items")

    def instead(self, path: Key) -> str:
        """Return what to write for an unknown key: one alike, one of another place, or all."""
        key = str(path[-1])
        if key.isdigit() and at(self.layered.data, path) is None:
            return "in a number no comma parts the thousands"
        if not self.nearest_key(path) and (other := self.elsewhere(path)):
            return f"did you mean {other}?"
        return hint(key, self.keys(path[:-1]))

    def elsewhere(self, path: Key) -> str | None:
        """Return where the last key of *path* belongs: further in, or under the same first key."""
        here, above = self.shape.at(path[:-1], self.layered.data), dotted(path[:-1])
        further = (f"{above}.{place}".removeprefix(".") for place in (here.paths() if here else ()))
        around = (place for place in self.shape.paths() if place.partition(".")[0] == path[0] or not above)
        found = (place for place in chain(further, around) if place.rpartition(".")[2] == path[-1])
        return next((place for place in found if place != dotted(path)), None)


def _of_a_rule(problem: _Problem) -> str:
    """Return what a validator said, without what the place says already."""
    error, value = problem.detail.get("ctx", {}).get("error"), problem.detail["input"]
    near = did_you_mean(error.nearest) if isinstance(error, RefusedError) else ""
    if (
        isinstance(error, RefusedError)
        and error.allowed
        and problem.path[len(problem.path) - len(error.path) :] == error.path
    ):
        return f"{_refused(error.value, short(error.allowed, 300))}{near}"
    text = allowed(problem.detail)
    names = [*(dotted(problem.path[place:]) for place in range(len(problem.path))), *map(str, problem.path)]
    for name in names:
        if text.startswith((f"{name}: ", f"{name} ")):
            text = text[len(name) :].removeprefix(":").strip()
            break
    if text.startswith((f"{value!r} is not ", f"{value} is not ")):
        return f"{_shown(value)}{text.removeprefix(repr(value)).removeprefix(str(value))}{near}"
    if isinstance(value, dict | list) or isinstance(error, RefusedError):
        return f"{text}{near}"
    return _refused(value, text)


def _needed(here: Shape | None) -> list[str]:
    needed = [key for option in here.options for key in option.get("required", ())] if here else []
    return list(dict.fromkeys((*needed, *here.keys()))) if here else []


def _refused(value: Any, instead: str) -> str:
    return f"{_shown(value)} is not allowed; {instead}"


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return f"a mapping of {len(value)} keys" if len(value) != 1 else "a mapping"
    if isinstance(value, list | tuple | set | frozenset):
        return f"a list of {len(value)}"
    text = short(str(value), 60)
    return text if isinstance(value, dt.date | int | float | Decimal) else f'"{text}"'
