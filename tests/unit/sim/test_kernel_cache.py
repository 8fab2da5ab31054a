"""Compiled functions do not outlive the sources that they were made of."""

import os
from pathlib import Path

from sim.kernels.cache import SOURCES, discard_stale


def _file(path: Path, moment: int) -> Path:
    path.write_text("x")
    os.utime(path, (moment, moment))
    return path


def test_what_is_older_than_a_source_is_removed_and_nothing_else(tmp_path: Path) -> None:
    source = _file(tmp_path / "layout.py", 100)
    old, new = _file(tmp_path / "old.nbi", 99), _file(tmp_path / "new.nbi", 101)
    other = _file(tmp_path / "old.pyc", 1)
    assert discard_stale(tmp_path, [source]) == 1
    assert not old.exists()
    assert new.exists()
    assert other.exists()
    assert discard_stale(tmp_path, [source]) == 0


def test_every_module_that_is_compiled_in_is_watched() -> None:
    assert {path.name for path in SOURCES} >= {
        "serve_slots.py",
        "session_breaks.py",
        "numbers.py",
        "layout.py",
        "events.py",
    }
    assert all(path.is_file() for path in SOURCES)
