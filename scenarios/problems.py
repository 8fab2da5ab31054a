"""What is wrong with a scenario, told where it was written: `full.yml:12: seed: -5 is not allowed; …`."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from entities.errors import InputError, RefusedError
from scenarios.layers import Layered, Origin, places
from scenarios.shape import Shape, hint, nearest
from scenarios.suggestions import guess, zone
from scenarios.text import printable
from scenarios.yaml_source import Key, dotted

MOST = 5

Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], layered: Layered) -> Model:
    """Return *layered* as a *model*, or raise InputError that names the first problems."""
    if lines := list(_no_numbers(layered, Shape.of(model))):
        raise ScenarioError(_first(lines))
    try:
        return model.model_validate(layered.data)
    except ValidationError as error:
        raise refusal(error, layered, model) from None


def refusal(error: ValidationError, layered: Layered, model: type[BaseModel]) -> InputError:
    """Return *error* as the InputError that a user can act on: one line for each of the first problems."""
    shape = Shape.of(model)
    problems = [_problem(detail, layered.data) for detail in _details(error)]
    lines = list(dict.fromkeys(_lines(problems, layered, shape)))
    return ScenarioError(_first(lines))


def _first(lines: list[str]) -> list[str]:
    return lines if len(lines) <= MOST else [*lines[:MOST], f"and {len(lines) - MOST} more"]


def _no_numbers(layered: Layered, shape: Shape) -> Iterable[str]:
    # Pydantic would read true as 1 and "007" as 7.
    for path in places(layered.data, ()):
        value = _at(layered.data, path)
        if not isinstance(value, bool) and not (isinstance(value, str) and value.strip()[:1] in _NUMERIC):
            continue
        here = shape.at(path, layered.data)
        kinds = {option.get("type") for option in here.options} if here else set()
        if kinds and kinds <= {"integer", "number"}:
            allowed = "must be a number" if "number" in kinds else "must be a whole number"
            told = f"{_shown(value)} is not allowed; {_or_meant(allowed, value)}"
            yield f"{layered.origin(path)}: {dotted(path)}: {told}"


_NUMERIC = tuple("0123456789+-.")


class ScenarioError(InputError):
    """What is wrong with a scenario, a line for each problem."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.args = ("\n".join(lines),)  # the lines apart


@dataclass(frozen=True, slots=True)
class _Problem:
    path: Key
    detail: ErrorDetails

    @property
    def text(self) -> str:
        """What Pydantic or a validator says."""
        return self.detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")

    @property
    def unknown(self) -> bool:
        """Whether the last part of the path is no key."""
        return self.detail["type"] in {"extra_forbidden", "unexpected_keyword_argument"} and bool(self.path)

    @property
    def of_type(self) -> bool:
        return self.detail["type"].endswith(("_type", "_parsing")) or self.detail["type"] == "literal_error"


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
    parts = list(detail["loc"])
    for number, part in enumerate(parts):
        if isinstance(data, dict) and str(part) in data:
            data = data[str(part)]
            path.append(str(part))
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
            path.append(part)
        elif number == len(parts) - 1 and detail["type"] == "missing" and isinstance(part, str):
            path.append(part)
    if detail["type"] == "union_tag_invalid" and isinstance(data, dict) and "kind" in data:
        path.append("kind")
    return tuple(path), data


def _lines(problems: list[_Problem], layered: Layered, shape: Shape) -> Iterable[str]:
    meant = {(*one.path[:-1], _meant(one, layered, shape)) for one in problems if one.unknown}
    by_path: dict[Key, list[_Problem]] = {}
    for problem in problems:
        # What is missing is there, misspelt.
        if problem.detail["type"] != "missing" or problem.path not in meant:
            by_path.setdefault(problem.path, []).append(problem)
    for path, here in sorted(by_path.items(), key=lambda item: _order(layered.origin(item[0]))):
        deeper = any(len(other) > len(path) and other[: len(path)] == path for other in by_path)
        # Of a union, the member that was meant is the one that got further.
        told = [problem for problem in here if not (deeper and problem.of_type)]
        # A value that fits no member of a union: what each of them allows, in one line.
        joined = len(told) > 1 and all(problem.of_type for problem in told)
        for problem in told[:1] if joined else told:
            allowed = _joined(told) if joined else None
            where = layered.origin(path)
            name = f"{dotted(path)}: " if path else ""
            yield f"{where}: {name}{_what(problem, layered, shape, allowed)}"


def _keys(path: Key, layered: Layered, shape: Shape) -> list[str]:
    here = shape.at(path, layered.data)
    return here.keys(_at(layered.data, path)) if here else []


def _meant(problem: _Problem, layered: Layered, shape: Shape) -> str | None:
    """Return the key that an unknown one beside it was probably meant to be."""
    return nearest(str(problem.path[-1]), _keys(problem.path[:-1], layered, shape))


def _needed(here: Shape | None) -> list[str]:
    """Return the keys that may stand *here*, those that must before the others."""
    needed = [key for option in here.options for key in option.get("required", ())] if here else []
    return list(dict.fromkeys((*needed, *here.keys()))) if here else []


def _missing(path: Key, layered: Layered, shape: Shape) -> str:
    *above, last = path
    given, here = _at(layered.data, tuple(above)), shape.at(path)
    if last not in given or not here:
        return "is missing"
    # It is there, a list, and lacks items.
    count = max(len(option.get("prefixItems", ())) for option in here.options)
    return f"{_shown(given[last])} is not allowed; must have {count} items"


def _instead(problem: _Problem, layered: Layered, shape: Shape) -> str:
    """Return what to write for an unknown key: one alike, one of another place, or else all of this place."""
    path, key = problem.path, str(problem.path[-1])
    if key.isdigit() and _at(layered.data, path) is None:
        return "in a number no comma parts the thousands"
    if not _meant(problem, layered, shape) and (other := _elsewhere(path, layered, shape)):
        return f"did you mean {other}?"
    return hint(key, _keys(path[:-1], layered, shape))


def _elsewhere(path: Key, layered: Layered, shape: Shape) -> str | None:
    """Return where the last key of *path* belongs: further in, or else elsewhere under the same first key."""
    here, above = shape.at(path[:-1], layered.data), dotted(path[:-1])
    further = [f"{above}.{place}" if above else place for place in (here.paths() if here else ())]
    around = [place for place in shape.paths() if place.partition(".")[0] == path[0] or len(path) == 1]
    found = (place for place in (*further, *around) if place.rpartition(".")[2] == path[-1])
    return next((place for place in found if place != dotted(path)), None)


def _joined(problems: list[_Problem]) -> str:
    words = dict.fromkeys(_allowed(one).removeprefix("must be ") for one in problems)
    return f"must be {' or '.join(words)}"


def _order(origin: Origin) -> tuple[str, int]:
    return origin.source, origin.line or 0


def _what(problem: _Problem, layered: Layered, shape: Shape, allowed: str | None) -> str:
    path, detail = problem.path, problem.detail
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return _missing(path, layered, shape)
    if problem.unknown:
        return f"unknown key; {_instead(problem, layered, shape)}"
    if kind == "union_tag_not_found":
        here = shape.at(path, layered.data)
        kinds = f": one of {', '.join(here.kinds())}" if here and here.kinds() else ""
        return f"is missing its {context['discriminator'].strip(chr(39))}{kinds}"
    if kind == "union_tag_invalid":
        words = re.findall(r"'([^']*)'", context["expected_tags"])
        return f"{_shown(context['tag'])} is not allowed; must be {_choice(context['tag'], words)}"
    if kind in {"model_type", "model_attributes_type"} and (here := shape.at(path)) and here.kinds():
        return f"{_shown(detail['input'])} is not allowed; must be one of {', '.join(here.kinds())}"
    if kind in {"literal_error", "enum"} and allowed is None:
        words = re.findall(r"'([^']*)'", context["expected"]) or re.findall(r"[\w.]+", context["expected"])
        words = [word for word in words if word != "or"]
        return f"{_shown(detail['input'])} is not allowed; must be {_choice(detail['input'], words)}"
    if kind in {"value_error", "assertion_error"}:
        return _told(problem, context.get("error"))
    allowed = allowed or _allowed(problem)
    if allowed == "must be a list" and isinstance(detail["input"], dict):
        allowed += ", with `- ` before each item"
    if detail["type"] in {"model_type", "model_attributes_type"} and (keys := _needed(shape.at(path))):
        allowed += f" ({', '.join(keys[:4])}{', …' if len(keys) > 4 else ''})"
    return f"{_shown(detail['input'])} is not allowed; {_or_meant(allowed, detail['input'])}"


def _or_meant(allowed: str, value: Any) -> str:
    meant = guess(value, allowed)
    return f"{allowed}; did you mean {meant}?" if meant else allowed


def _told(problem: _Problem, error: Exception | None) -> str:
    """Return what a validator said, without what the place says already."""
    said = [dotted(problem.path[place:]) for place in range(len(problem.path))]
    said += [str(part) for part in problem.path]
    if isinstance(error, RefusedError) and error.allowed:
        short = not error.path or problem.path[-len(error.path) :] == error.path
        if short:
            allowed, near = printable(error.allowed, 300), error.nearest
            if not near or "time zone" in allowed:
                return f"{_shown(error.value)} is not allowed; {_or_meant(allowed, error.value)}"
            return f"{_shown(error.value)} is not allowed; {allowed}; did you mean {printable(near)}?"
    value, text = problem.detail["input"], _allowed(problem)
    for name in said:
        if text.startswith((f"{name}: ", f"{name} ")):
            text = text[len(name) :].removeprefix(":").strip()
            break
    if isinstance(value, dict | list) or isinstance(error, RefusedError):
        return text
    if text.startswith((f"{value!r} is not ", f"{value} is not ")):
        meant = zone(str(value)) if "time zone" in text else None
        text = text.removeprefix(repr(value)).removeprefix(str(value))
        return f"{_shown(value)}{text}{f'; did you mean {meant}?' if meant else ''}"
    return f"{_shown(value)} is not allowed; {text}"


_PLAIN = {
    "model_type": "must be `key: value` lines",
    "model_attributes_type": "must be `key: value` lines",
    "dict_type": "must be `key: value` lines",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "set_type": "must be a list",
    "frozen_set_type": "must be a list",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "date_type": "must be a date, such as 2026-11-02",
    "date_parsing": "must be a date, such as 2026-11-02",
    "date_from_datetime_parsing": "must be a date, such as 2026-11-02",
    "date_from_datetime_inexact": "must be a date without a time",
    "none_required": "must be left empty",
}


# The one pattern of names; what follows the letters and digits is its own.
_SLUG = re.compile(r"\^\[a-z\]\[a-z0-9(?P<marks>[_-]+)\]\{0,(?P<more>\d+)\}\$")


def _allowed(problem: _Problem) -> str:
    detail, message = problem.detail, problem.text
    if plain := _PLAIN.get(detail["type"]):
        return plain
    if slug := _SLUG.fullmatch(str(detail.get("ctx", {}).get("pattern"))):
        marks = ", ".join(["digits", *slug["marks"]])
        most = int(slug["more"]) + 1
        return f"must be at most {most} lowercase letters, {marks}, the first of them a letter"
    message = re.sub(
        r"^(Input|Value|String|List|Tuple|Set|Dictionary|Date|Datetime|Data) should ", "must ", message
    )
    message = message.replace("greater than or equal to", "at least").replace(
        "less than or equal to", "at most"
    )
    return printable(re.sub(r", got .*$| after validation, not \d+$", "", message), 300)


def _choice(given: Any, words: list[str]) -> str:
    near = nearest(str(given), words)
    one_of = f"{'one of ' if len(words) > 1 else ''}{', '.join(words)}"
    return f"{one_of}; did you mean {near}?" if near else one_of


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return f"a mapping of {len(value)} keys" if len(value) != 1 else "a mapping"
    if isinstance(value, list | tuple | set | frozenset):
        return f"a list of {len(value)}"
    if isinstance(value, dt.date | int | float | Decimal):
        return printable(str(value), 60)
    return f'"{printable(str(value), 60)}"'


def _at(data: Any, path: Key) -> Any:
    for part in path:
        data = data[part]
    return data
