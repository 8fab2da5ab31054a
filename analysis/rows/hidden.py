"""The folder of a run's events before the run is stored: hidden, and claimed by the process that writes it.

It is complete once it has a manifest. It is shown when the run is committed, and by whoever comes next where
the process died in between.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from glob import escape
from pathlib import Path

from analysis.rows.claims import LOCK, sweep
from analysis.rows.day_files import show_days
from analysis.rows.disk import sync
from analysis.rows.events import events_folder
from analysis.rows.manifest import NAME, parsed
from entities.errors import InputError
from entities.messages import printable, reason

GOES_ON = ".goes-on"
"""The file that names what a run goes on from, whose events so far these are."""
AGAIN = "play all of it again with from_start=True (--from-start)"
"""What helps where what a run goes on from is lost."""


def hidden_folder(folder: Path, run_id: str) -> Path:
    """Return where the events of *run_id* are until it is stored."""
    where = events_folder(folder, run_id)
    return where.with_name(f".{where.name}.partial")


def mark(where: Path, owner: Path) -> None:
    """Let the hidden folder *where* stay for as long as the file *owner* does: its run may go on."""
    file = where / GOES_ON
    if not file.exists():
        file.write_text(str(owner.resolve()), encoding="utf-8")
        sync(file)
        sync(where)


def _goes_on(found: Path) -> bool:
    try:
        return Path((found / GOES_ON).read_text(encoding="utf-8")).exists()
    except OSError:
        return False


def show(where: Path) -> Path:
    """Return the folder of a stored run, until now *where*, hidden and complete; OSError where that stays."""
    manifest = parsed(where)
    show_days(where, (file.path for file in manifest.every_file))
    shown = where.rename(events_folder(where.parent, manifest.run_id))
    sync(shown.parent)
    _clear_up(shown)
    return shown


def _clear_up(shown: Path) -> None:
    for name in (LOCK, GOES_ON):
        with suppress(OSError):
            (shown / name).unlink()


def show_stored(folder: Path, run_id: str) -> None:
    """Show the events of a stored run whose process died before it could; there may be none such.

    InputError where they are there and cannot be shown.
    """
    where = hidden_folder(folder, run_id)
    if not where.is_dir():
        _clear_up(events_folder(folder, run_id))  # of a process that died right after it had shown them
        return

    def keep(found: Path, _: str) -> bool:
        if (found / NAME).exists():
            show(found)
        return True

    try:
        sweep(folder, escape(where.name), keep)
    except OSError as error:
        raise InputError(
            f"{printable(str(where))}: has the events of run {run_id}, and cannot be renamed: {reason(error)}"
        ) from None


def sweep_events(folder: Path, is_stored: Callable[[str, str], bool | None]) -> list[Path]:
    """Return the folders of runs below *folder* that dead processes left, now removed.

    Complete events are shown where *is_stored* says so of a run id and the note of its claim; where it does
    not know, None, they stay.
    """

    def keep(found: Path, note: str) -> bool:
        if not (found / NAME).exists():
            return _goes_on(found)
        try:
            known = is_stored(parsed(found).run_id, note)
            if known:
                show(found)
        except (OSError, InputError):  # of a newer version, or on a disk that only lets read
            return True
        return known is not False or _goes_on(found)

    return sweep(folder, hidden_folder(folder, "*").name, keep)
