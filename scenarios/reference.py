"""Every parameter of a scenario as the models describe it: the generated part of `scenarios/README.md`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from scenarios import study
from scenarios.generated import completed
from scenarios.models import Profile, Scenario
from scenarios.scalars import text_of
from scenarios.yaml_source import read
from sim.family import SHARES_A_WHOLE

PAGE = Path(__file__).with_name("README.md")
GENERATED = "<!-- What follows is made from the models, by make generated -->\n"
_WRITTEN_OUT = 7
"""How many entries of a default list are written out."""


def page(path: Path = PAGE) -> str:
    """Return the text of the page, its generated part made anew."""
    return completed(path, GENERATED, "".join(_sections()))


def write(path: Path = PAGE) -> None:
    """Write the generated part of the page anew."""
    path.write_text(page(path), encoding="utf-8")


def _sections() -> Iterator[str]:
    written: dict[str, type[BaseModel]] = {
        "a scenario": Scenario,
        "a study": study.Study,
        "a profile": Profile,
    }
    schemas = {title: model.model_json_schema() for title, model in written.items()}
    models: dict[str, Any] = {"": {}}
    for schema in schemas.values():
        models |= schema.pop("$defs", {})
    titles: dict[str, str] = {}
    for schema in schemas.values():
        _find(schema, "", models, titles)
    tables = _Tables(models, titles)
    for title, schema in schemas.items():
        yield from tables.section(title, schema)
    for name, title in titles.items():
        yield from tables.section(title, models[name])
    yield from _studies()


def _studies() -> Iterator[str]:
    yield "\n### our studies\n\nWhat they ask, and what came out when they were last played.\n"
    yield "\n| study | asks | found |\n|---|---|---|\n"
    for name in study.names():
        told = read(study.STUDIES / f"{name}.yml").data
        yield f"| `{name}` | {_cell(told['description'])} | {_cell(told['finding'])} |\n"


def _find(schema: Any, path: str, models: Mapping[str, Any], titles: dict[str, str]) -> None:
    below = []
    for key, field in schema.get("properties", {}).items():
        place = f"{path}.{key}".strip(".").removeprefix("campaigns.campaign.")
        for name in _references(field):
            if name not in titles and "properties" in models[name]:
                kind = _kind(models[name])
                title = f"{place}: {kind}" if kind else place
                titles[name] = title if title not in titles.values() else f"{title} of {_kind(schema)}"
                below.append((name, place))
    for name, place in below:
        _find(models[name], place, models, titles)


def _references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for each in schema for name in _references(each)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].rpartition("/")[2]] if "$ref" in schema else []
    # What stands under several patterns, overrides, has its tables elsewhere.
    passed = {"default", "discriminator", *(("patternProperties",) if _patterns(schema) > 1 else ())}
    inside = (value for key, value in schema.items() if key not in passed)
    return own + [name for value in inside for name in _references(value)]


def _patterns(schema: Mapping[str, Any]) -> int:
    return len(schema.get("patternProperties", ()))


def _kind(model: Mapping[str, Any]) -> str:
    return str(model["properties"].get("kind", {}).get("const", ""))


@dataclass(frozen=True, slots=True)
class _Tables:
    models: Mapping[str, Any]
    titles: Mapping[str, str]

    def section(self, title: str, model: Mapping[str, Any]) -> Iterator[str]:
        yield f"\n### {title}\n\n{_cell(model.get('description', ''))}\n"
        needed = model.get("required", ())
        fields = {key: field for key, field in model["properties"].items() if key != "kind"}
        if fields:
            yield "\n| parameter | default | takes | what it is |\n|---|---|---|---|\n"
        for key, field in fields.items():
            default = "needed" if key in needed else self.default(field)
            yield f"| `{key}` | {default} | {self.takes(field)} | {_cell(field.get('description', ''))} |\n"

    def default(self, field: Mapping[str, Any]) -> str:
        value, model = (
            field.get("default"),
            self.models.get(_references(field)[0]) if _references(field) else None,
        )
        if isinstance(value, dict) and "kind" in value:
            return f"`{value['kind']}`"
        complete = model and "properties" in model and not model.get("required")
        if value in (None, "", [], {}) or (complete and isinstance(value, dict)):
            return ""
        if isinstance(value, list) and len(value) > _WRITTEN_OUT:
            return f"`[{', '.join(map(text_of, value[:_WRITTEN_OUT]))}, …]`"
        return f"`{value if isinstance(value, str) else text_of(value)}`"

    def takes(self, field: Mapping[str, Any]) -> str:
        """Return in words what a field takes: a link, words, or a type with its range."""
        if "$ref" in field:
            name = field["$ref"].rpartition("/")[2]
            return self.link(name) if name in self.titles else self.takes(self.models[name])
        if words := field.get("enum", [field["const"]] if "const" in field else ()):
            return ", ".join(f"`{text_of(word)}`" for word in words)
        if members := [*field.get("anyOf", ()), *field.get("oneOf", ())]:
            parts = dict.fromkeys(self.takes(each) for each in members if each.get("type") != "null")
            if "a number" in parts:
                parts.pop("text", None)  # an amount may be; nobody writes it so
            return (", " if len(parts) > 2 else " or ").join(parts)
        match field.get("type"):
            case "integer":
                return f"a whole number{_range(field)}"
            case "number":
                return f"a number{_range(field)}"
            case "array":
                items = field.get("prefixItems", [field.get("items", {})])
                return f"a list of {f'{len(items)}: ' if len(items) > 1 else ''}{self.takes(items[0])}"
            case "object":
                return (
                    f"{'shares of a whole' if field.get(SHARES_A_WHOLE) else 'a table'}{self.entries(field)}"
                )
            case "string":
                return {"date": "a date", "date-time": "a date and hour"}.get(field.get("format", ""), "text")
        return "any value"

    def link(self, name: str) -> str:
        title = self.titles[name]
        anchor = re.sub(r"[^a-z0-9_ -]", "", title).replace(" ", "-")
        return f"[{_kind(self.models[name]) or title.rpartition('.')[2]}](#{anchor})"

    def entries(self, field: Mapping[str, Any]) -> str:
        patterns = field.get("patternProperties", {}).values() if _patterns(field) == 1 else ()
        value = next(iter(patterns), field.get("additionalProperties"))
        names = field.get("propertyNames", {})
        by = f" by {self.takes(names)}" if "$ref" in names or "enum" in names else ""
        return f"{by}; each {self.takes(value)}" if isinstance(value, dict) else by


def _cell(text: str) -> str:
    first, *_ = text.split("\n\n")
    return re.sub(r"\s+", " ", first).replace("|", "\\|").strip()


def _range(field: Mapping[str, Any]) -> str:
    words = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to", "exclusiveMaximum": "below"}
    bounds = [f"{word} {field[bound]:,}" for bound, word in words.items() if bound in field]
    return f" {' '.join(bounds)}" if bounds else ""
