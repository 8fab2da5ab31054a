"""How much memory there is: the machine's, or less in a container or a service that has a limit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_LIMITS = {"cgroup2": "memory.max", "cgroup": "memory.limit_in_bytes"}
"""By the sort of a hierarchy of control groups, the file that says how much memory a group may take."""


def memory_bytes(root: Path = Path("/")) -> int:
    """Return the bytes of memory there are for this process: the machine's, or the least of its groups."""
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([there, *_limits(root)])


def _limits(root: Path) -> Iterator[int]:
    # Of this process's group and of all above it, as far as they can be seen from here; on Linux alone.
    groups = _groups(root)
    for sort, top, mounted in _hierarchies(root):
        if (group := groups.get(sort)) is None:
            continue
        # A container sees its own group as the top, whatever that is called outside.
        inside = group.removeprefix(top) if group == top or group.startswith(f"{top.rstrip('/')}/") else ""
        folder = root / mounted.lstrip("/")
        parts = [part for part in inside.split("/") if part not in ("", "..")]
        for depth in range(len(parts), -1, -1):
            text = _read(folder.joinpath(*parts[:depth], _LIMITS[sort])).strip()
            if text.isdecimal():  # else there is none: "max"
                yield int(text)


def _groups(root: Path) -> dict[str, str]:
    # "0::/user.slice" of version 2, "7:memory:/docker/1f2e" of version 1.
    found = {}
    for line in _read(root / "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if number == "0" and not controllers:
            found["cgroup2"] = group
        elif "memory" in controllers.split(","):
            found["cgroup"] = group
    return found


def _hierarchies(root: Path) -> Iterator[tuple[str, str, str]]:
    # "31 24 0:27 /top /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory"
    for line in _read(root / "proc/self/mountinfo").splitlines():
        about, _, kind = line.partition(" - ")
        fields, (sort, _, options) = about.split(" "), (*kind.split(" "), "", "", "")[:3]
        if len(fields) > 4 and (sort == "cgroup2" or (sort == "cgroup" and "memory" in options.split(","))):
            yield sort, fields[3], fields[4]


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
