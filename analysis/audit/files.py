"""The event files of a run, held to their manifest before anything is read of them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis.rows.events import events_folder
from analysis.rows.manifest import Manifest, damages, read_manifest
from entities.errors import InputError
from entities.messages import printable
from sim import laws

_COMPLETENESS = 14


class OnDisk(NamedTuple):
    """The events of a run on disk."""

    verdict: laws.Verdict
    """That the files are those of the manifest."""
    days: dict[str, list[Path]] | None
    """The files by UTC day; None where some are not what was written, for then nothing is read of them."""


def on_disk(folder: Path, run_id: str) -> OnDisk:
    """Return the event files of a run below *folder*, each read once to tell whether it is what was written.

    InputError where there are none, or not all of its events; it names the first file that is damaged.
    """
    manifest, where = read_manifest(folder, run_id), events_folder(folder, run_id)
    found = [*damages(where, manifest)]
    if found and not manifest.events.everybody:  # whose files are checked, and no law with them
        path, now, due = found[0]
        raise InputError(f"{printable(str(where / path))}: {now}; must be {due}")
    whole(folder, run_id)
    sound = max(0, len(manifest.every_file) - len(found))
    broken = np.array([True] * len(found) + [False] * sound, bool)
    verdict = laws.verdict(
        _COMPLETENESS,
        broken,
        lambda i: f"events, {printable(found[i].path)}",
        lambda i: printable(found[i].found),
        lambda i: found[i].due,
    )
    if found:
        return OnDisk(verdict, None)
    days: defaultdict[str, list[Path]] = defaultdict(list)
    for file in manifest.files:
        days[file.date].append(where / file.path)
    return OnDisk(verdict, dict(days))


def whole(folder: Path, run_id: str) -> Manifest:
    """Return the manifest of a run's events below *folder*; InputError where they are not all of them."""
    manifest = read_manifest(folder, run_id)
    if not manifest.events.everybody:
        raise InputError(
            f"{printable(str(folder))}: holds {manifest.events} of run {run_id}, which is not taken for all"
            " of its events; Polars reads the files, and an audit does without --events"
        )
    return manifest
