"""The JSON Schemas by which editors complete and check YAML, and a commented scenario to start from.

The schemas allow what the loader reads: `extends`, `kind` alone for a part, and the other words of a
vocabulary.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from string import Template
from typing import Any

from pydantic import BaseModel

from entities import registry
from scenarios.models import Examples, Profile, Scenario
from scenarios.shape import QuietSchema
from scenarios.study import Study
from sim.market.market import Market

FOLDER = Path(__file__).parent / "schemas"
MODELS: dict[str, type[BaseModel]] = {
    "scenario": Scenario,
    "examples": Examples,
    "profile": Profile,
    "study": Study,
}
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(name: str) -> dict[str, Any]:
    """Return one of the MODELS as a JSON Schema."""
    made = MODELS[name].model_json_schema(schema_generator=QuietSchema)
    made["properties"] = {
        "extends": {"description": "The name of a file of ours that this one builds on", "type": "string"},
        **made["properties"],
    }
    document = {"$schema": DIALECT, **made}
    definitions = document.get("$defs", {})
    for word, definition in definitions.items():
        vocabulary = getattr(registry.enums, word, None)
        if "enum" in definition and isinstance(vocabulary, type) and issubclass(vocabulary, registry.Word):
            definition["enum"] = _words(vocabulary)
    return dict(_forgiving(document, definitions))


def text(name: str) -> str:
    """Return a schema as its file has it."""
    return json.dumps(schema(name), indent=1, sort_keys=False, ensure_ascii=False) + "\n"


def write(folder: Path = FOLDER) -> None:
    """Write all schemas into their folder."""
    for name in MODELS:
        (folder / f"{name}.json").write_text(text(name), encoding="utf-8")


def starter(file: Path) -> str:
    """Return the text of a commented scenario for *file*, which loads and runs as it is."""
    market, days = Market(), 3
    return Template(Path(__file__).with_name("starter.yml").read_text(encoding="utf-8")).substitute(
        schema=(FOLDER / "scenario.json").resolve().as_uri(),
        name=file.stem,
        file=file,
        seed=Scenario.model_fields["seed"].default,
        start=market.start,
        end=market.start + timedelta(days=days - 1),
        second=market.start + timedelta(days=1),
        timezone=market.timezone,
        days=days,
        tick=market.tick_minutes,
        floor=market.floors.cpm,
    )


def _words(vocabulary: type[registry.Word]) -> list[str]:
    members = [word for member in vocabulary for word in (member.value, member.name)]
    return list(dict.fromkeys([*members, *(alias for word in vocabulary for alias in word.aliases)]))


def _forgiving(node: Any, definitions: dict[str, Any]) -> Any:
    """Return *node* with every family of parts also open to a kind alone."""
    if isinstance(node, list):
        return [_forgiving(inner, definitions) for inner in node]
    if not isinstance(node, dict):
        return node
    found = {key: _forgiving(inner, definitions) for key, inner in node.items()}
    if "discriminator" in found and "oneOf" in found:
        kinds = [
            kind
            for kind, reference in found["discriminator"]["mapping"].items()
            if set(definitions[reference.rpartition("/")[2]].get("required", ())) <= {"kind"}
        ]
        # Any and not one of them: without a kind, settings may fit several.
        parts = {"discriminator": found.pop("discriminator"), "anyOf": found.pop("oneOf")}
        found["anyOf"] = [{"enum": kinds}, parts]
    return found


if __name__ == "__main__":
    write()
