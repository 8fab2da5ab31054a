"""Folders of processes: kept while these live, and swept when they are dead, however they died."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.rows.claims import LOCK, Claim, is_claimed, sweep

PATTERN = "of-*"
CLAIMS = """
import sys, time
from pathlib import Path
from analysis.rows.claims import Claim
claim = Claim(Path(sys.argv[1]), "mine")
Path(sys.argv[1], "deep").mkdir()
Path(sys.argv[1], "deep", "rows").write_text("x")
print("made", flush=True)
time.sleep(600)
"""


def claiming(folder: Path) -> subprocess.Popen[str]:
    """Return a process that has claimed *folder* and lives on."""
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", CLAIMS, str(folder)], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert process.stdout
    assert process.stdout.readline() == "made\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_folder_is_swept_when_its_process_is_dead_and_not_before(
    number: signal.Signals, tmp_path: Path
) -> None:
    folder = tmp_path / "of-it"
    with claiming(folder) as process:
        try:
            assert is_claimed(folder)
            assert sweep(tmp_path, PATTERN) == []
            assert (folder / "deep" / "rows").exists()
        finally:
            process.send_signal(number)
    assert not is_claimed(folder)
    assert sweep(tmp_path, PATTERN) == [folder]
    assert list(tmp_path.iterdir()) == []


def test_whoever_sweeps_may_keep_what_it_knows(tmp_path: Path) -> None:
    folder, told = tmp_path / "of-it", []
    with claiming(folder) as process:
        process.kill()

    def keep(path: Path, note: str) -> bool:
        told.append((path, note))
        return True

    assert sweep(tmp_path, PATTERN, keep) == []
    assert told == [(folder, "mine")]
    assert (folder / "deep" / "rows").exists()


def test_what_was_never_claimed_stays(tmp_path: Path) -> None:
    (tmp_path / "of-somebody").mkdir()
    (tmp_path / "of-somebody" / "letter").touch()
    (tmp_path / "of-link").symlink_to(tmp_path / "of-somebody")
    (tmp_path / "of-file").touch()
    (tmp_path / "of-nothing").mkdir()
    assert sweep(tmp_path, PATTERN) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["of-file", "of-link", "of-somebody"]
    assert sweep(tmp_path / "nowhere", PATTERN) == []


def test_a_link_to_what_a_dead_process_left_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with claiming(tmp_path / "other") as process:
        process.kill()
    (tmp_path / "in" / "of-link").symlink_to(tmp_path / "other")
    assert sweep(tmp_path / "in", PATTERN) == []
    assert (tmp_path / "other" / "deep" / "rows").exists()


def test_a_claim_is_of_one_process_and_ends_as_asked(tmp_path: Path) -> None:
    claim = Claim(tmp_path / "more" / "of-it", "mine")
    with pytest.raises(FileExistsError):
        Claim(claim.folder)
    (claim.folder / "rows").touch()
    claim.folder = claim.folder.rename(tmp_path / "of-done")
    assert sweep(tmp_path, PATTERN) == []
    claim.release()
    assert [path.name for path in (tmp_path / "of-done").iterdir()] == ["rows"]
    assert sweep(tmp_path, PATTERN) == []
    other = Claim(tmp_path / "of-other")
    other.discard()
    other.discard()
    assert not other.folder.exists()


@pytest.mark.parametrize("gone", ["before it is locked", "while it is locked"])
def test_a_folder_that_is_swept_while_it_is_made_is_made_again(
    gone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, real, swept = tmp_path / "of-it", fcntl.flock, []

    def lock(descriptor: int, how: int) -> None:
        if not swept:
            swept.append(gone)
            (folder / LOCK).unlink()
            folder.rmdir()
        real(descriptor, how)

    def opened(path: Path, *how: int) -> int:
        if not swept:
            swept.append(gone)
            folder.rmdir()
        return open_file(path, *how)

    open_file = os.open
    if gone == "before it is locked":
        monkeypatch.setattr("os.open", opened)
    else:
        monkeypatch.setattr("fcntl.flock", lock)
    claim = Claim(folder)
    monkeypatch.undo()
    assert swept == [gone]
    assert is_claimed(folder)
    claim.discard()


def test_a_sweep_that_is_broken_off_goes_on_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "of-it"
    with claiming(folder) as process:
        process.kill()

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        sweep(tmp_path, PATTERN)
    monkeypatch.undo()
    assert (folder / LOCK).exists()
    assert sweep(tmp_path, PATTERN) == [folder]
