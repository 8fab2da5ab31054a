"""The JSON Schemas that editors use: shipped as they are made, and right about what the loader reads."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scenarios import loader, schema, yaml_source

FOLDERS = {"scenario": loader.MARKETS, "examples": loader.EXAMPLES, "profile": loader.PROFILES}
SHIPPED = [(kind, file) for kind, folder in FOLDERS.items() for file in sorted(folder.glob("*.yml"))]


@cache
def checker(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema.schema(kind))


def problems(kind: str, data: Any) -> list[str]:
    return [error.message for error in checker(kind).iter_errors(as_json(data))]


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, dt.date) else value


@pytest.mark.parametrize("kind", schema.MODELS)
def test_a_schema_is_shipped_as_it_is_made(kind: str) -> None:
    shipped = (schema.FOLDER / f"{kind}.json").read_text(encoding="utf-8")
    assert shipped == schema.text(kind), "the schema is out of date: make generated"
    jsonschema.Draft202012Validator.check_schema(schema.schema(kind))


def test_writing_the_schemas(tmp_path: Path) -> None:
    schema.write(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {f"{kind}.json" for kind in schema.MODELS}


@pytest.mark.parametrize(("kind", "file"), SHIPPED, ids=[file.stem for _, file in SHIPPED])
def test_what_is_shipped_keeps_its_schema_and_points_to_it(kind: str, file: Path) -> None:
    assert problems(kind, yaml_source.read(file).data) == []
    first = file.read_text(encoding="utf-8").splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named, first
    assert (file.parent / named[1]).resolve() == (schema.FOLDER / f"{kind}.json").resolve()


@pytest.mark.parametrize(
    ("data", "good"),
    [
        ({"name": "x", "extends": "full", "market": {"auction": "second_price"}}, True),
        ({"name": "x", "market": {"auction": {"kind": "second_price"}}}, True),
        ({"name": "x", "market": {"auction": "third_price"}}, False),
        ({"name": "x", "market": {"floors": {"by_device": {"mobile": 2}}}}, True),
        ({"name": "x", "sed": 3}, False),
        ({"name": "x", "seed": -3}, False),
        ({"name": "X y"}, False),
    ],
)
def test_a_schema_refuses_what_the_loader_refuses(data: dict[str, Any], good: bool) -> None:
    assert (problems("scenario", data) == []) == good
