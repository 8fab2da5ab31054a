"""What a machine has for this process: its memory and processors, or less where a container has a limit."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path("/")
_V1, _V2 = "cgroup", "cgroup2"
"""The sorts of a hierarchy of control groups; the files that tell limits are others in each."""


def memory_bytes(root: Path = _ROOT) -> int:
    """Return the bytes of memory there are for this process: the machine's, or the least of its groups."""
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    files = {_V2: "memory.max", _V1: "memory.limit_in_bytes"}
    texts = (_read(folder / files[sort]).strip() for sort, folder in _groups_of(root, "memory"))
    return min([there, *(int(text) for text in texts if text.isdecimal())])  # else there is none: "max"


def processors(root: Path = _ROOT) -> int:
    """Return how many processors this process may use: the machine's, or the least of its groups."""
    there = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min([there, *_shares(root)])


def _shares(root: Path) -> Iterator[int]:
    # "150000 100000", so many microseconds of time in so many, are one and a half: two.
    for sort, folder in _groups_of(root, "cpu"):
        files = ("cpu.max",) if sort == _V2 else ("cpu.cfs_quota_us", "cpu.cfs_period_us")
        time, _, period = " ".join(_read(folder / file).strip() for file in files).partition(" ")
        if time.isdecimal() and period.isdecimal() and int(period):  # else there is no limit: "max", or -1
            yield max(-(-int(time) // int(period)), 1)


def _groups_of(root: Path, controller: str) -> Iterator[tuple[str, Path]]:
    # The folders of this process's group and of all above it, as far as they can be seen; on Linux alone.
    groups = _groups(root, controller)
    for sort, top, mounted in _hierarchies(root, controller):
        if (group := groups.get(sort)) is None:
            continue
        # A container sees its own group as the top, whatever that is called outside.
        inside = group.removeprefix(top) if group == top or group.startswith(f"{top.rstrip('/')}/") else ""
        folder = root / mounted.lstrip("/")
        parts = [part for part in inside.split("/") if part not in ("", "..")]
        for depth in range(len(parts), -1, -1):
            yield sort, folder.joinpath(*parts[:depth])


def _groups(root: Path, controller: str) -> dict[str, str]:
    # "0::/user.slice" of version 2, "7:memory:/docker/1f2e" of version 1.
    found = {}
    for line in _read(root / "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if number == "0" and not controllers:
            found[_V2] = group
        elif controller in controllers.split(","):
            found[_V1] = group
    return found


def _hierarchies(root: Path, controller: str) -> Iterator[tuple[str, str, str]]:
    # "31 24 0:27 /top /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory"
    for line in _read(root / "proc/self/mountinfo").splitlines():
        about, _, kind = line.partition(" - ")
        fields, (sort, _, options) = about.split(" "), (*kind.split(" "), "", "", "")[:3]
        if len(fields) > 4 and (sort == _V2 or (sort == _V1 and controller in options.split(","))):
            yield sort, fields[3], fields[4]


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
