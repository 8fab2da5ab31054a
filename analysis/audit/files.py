"""The event files of a run, held to their manifest before anything is read of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from analysis.audit.bids import KeptBids
from analysis.rows.events import events_folder
from analysis.rows.events_of import EventsOf
from analysis.rows.manifest import EventFile, Manifest, damages, read_manifest
from analysis.rows.parts import Part
from entities.errors import InputError
from entities.messages import printable
from sim import laws

_COMPLETENESS = 14


class OnDisk(NamedTuple):
    """The events of a run on disk."""

    verdict: laws.Verdict
    """That the files are those of the manifest."""
    of: EventsOf
    days: dict[str, Part] | None
    """The files by UTC day; None where they are a sample, or not what was written: then nothing is read."""
    bids: KeptBids | None
    """None where none were kept, or are not what was written."""


def on_disk(folder: Path, run_id: str) -> OnDisk:
    """Return the event files of a run below *folder*, each read once to tell whether it is what was written.

    InputError where there are none.
    """
    manifest, where = read_manifest(folder, run_id), events_folder(folder, run_id)
    found = [*damages(where, manifest)]
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
        return OnDisk(verdict, manifest.events, None, None)
    events, bids = _by_day(where, manifest.files), None
    if manifest.bids:
        bids = KeptBids(manifest.events, _by_day(where, manifest.bids.files), events)
    return OnDisk(verdict, manifest.events, events if manifest.events.everybody else None, bids)


def _by_day(where: Path, files: Iterable[EventFile]) -> dict[str, Part]:
    days: defaultdict[str, list[Path]] = defaultdict(list)
    for file in files:
        days[file.date].append(where / file.path)
    return {day: [*paths] for day, paths in days.items()}


def whole(folder: Path, run_id: str) -> Manifest:
    """Return the manifest of a run's events below *folder*; InputError where they are not all of them."""
    manifest = read_manifest(folder, run_id)
    if not manifest.events.everybody:
        raise InputError(
            f"{printable(str(folder))}: holds {manifest.events} of run {run_id}, which is not taken for all"
            " of its events; Polars reads the files"
        )
    return manifest
