"""The Croissant sidecar of an export: what its files and columns are, for tools that find and load data sets.

Croissant Format Specification 1.0, MLCommons, 1 March 2024 (mlcommons.org/croissant/1.0).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from analysis.export.tables import Table
from analysis.rows.disk import sum_of

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {"Int64": "sc:Integer", "Float64": "sc:Float", "Date": "sc:Date", "String": "sc:Text"}


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a data set as a whole."""

    run_id: str
    description: str
    started: datetime
    version: str
    """Of Paceline."""
    license: str | None
    """A URL; None where none was given."""
    creator: str | None


def sidecar(about: About, folder: Path, media: Mapping[str, str], tables: Iterable[tuple[Table, str]]) -> str:
    """Return the sidecar as JSON, of the files in *folder* by their *media* types and of *tables* in them.

    *tables* are those that are files of their own, with their names: the format knows no way into a database.
    """
    document = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": about.run_id,
        "description": about.description,
        "conformsTo": CONFORMS_TO,
        "url": uuid.uuid5(uuid.NAMESPACE_OID, f"paceline run {about.run_id}").urn,
        "license": about.license or {"@type": "CreativeWork", "name": "None was given: all rights reserved"},
        "creator": {"@type": "Organization", "name": about.creator or f"Paceline {about.version}"},
        "datePublished": f"{about.started:%Y-%m-%d}",
        "version": "1.0.0",
        "isLiveDataset": False,
        "keywords": ["advertising auctions", "pacing", "simulation", "streaming TV"],
        "distribution": [_file(folder / name, kind) for name, kind in media.items()],
        "recordSet": [_records(table, file) for table, file in tables],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _file(file: Path, media_type: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "contentUrl": file.name,
        "contentSize": f"{file.stat().st_size} B",
        "encodingFormat": media_type,
        "sha256": sum_of(file),
    }


def _records(table: Table, file: str) -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{table.name}/{entry.name}",
            "name": entry.name,
            "description": _described(entry),
            "dataType": _TYPES.get(str(table.rows.schema[entry.name]), "sc:DateTime"),
            "source": {"fileObject": {"@id": file}, "extract": {"column": entry.name}},
        }
        for entry in table.entries
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.what,
        "key": [{"@id": f"{table.name}/{name}"} for name in table.keys],
        "field": fields,
    }


def _described(entry: Sequence[str]) -> str:
    _, _, unit, text, formula, _ = entry
    return " ".join(filter(None, (text, unit and f"Unit: {unit}.", formula and f"Formula: {formula}.")))
