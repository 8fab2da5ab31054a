"""The memory and the processors of a machine, and the limits of the groups that a process is in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analysis.runs.machine import memory_bytes, processors

THERE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
V2 = "31 24 0:27 {top} /sys/fs/cgroup rw,nosuid,nodev shared:9 - cgroup2 cgroup rw,nsdelegate"
V1 = "36 35 0:31 {top} /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory"
OTHERS = "24 30 0:22 / /proc rw - proc proc rw\n30 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n35 24 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu"


def machine(root: Path, group: str, mount: str, limits: dict[str, str], top: str = "/") -> Path:
    proc = root / "proc/self"
    proc.mkdir(parents=True)
    (proc / "cgroup").write_text(group + "\n")
    (proc / "mountinfo").write_text(f"{OTHERS}\n{mount.format(top=top)}\n")
    for name, text in limits.items():
        file = root / "sys/fs/cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{text}\n")
    return root


GB = 10**9
MACHINES = {
    "a container, version 2": ("0::/", V2, {"memory.max": str(GB)}, "/", GB),
    "no limit, version 2": ("0::/", V2, {"memory.max": "max"}, "/", THERE),
    "more than the machine has": ("0::/", V2, {"memory.max": str(THERE * 2)}, "/", THERE),
    "a service, version 2": ("0::/system.slice/ads.service", V2, {"system.slice/ads.service/memory.max": str(GB)}, "/", GB),
    "the limit is the parent's": (
        "0::/system.slice/ads.service", V2,
        {"system.slice/memory.max": str(GB), "system.slice/ads.service/memory.max": "max"}, "/", GB,
    ),
    "the least of all": ("0::/a/b", V2, {"a/memory.max": str(2 * GB), "a/b/memory.max": str(GB)}, "/", GB),
    "a container, version 1": (
        "9:cpu:/docker/1f2e\n8:memory:/docker/1f2e\n0::/", V1, {"memory/memory.limit_in_bytes": str(GB)}, "/docker/1f2e", GB,
    ),
    "no limit, version 1": ("8:memory:/", V1, {"memory/memory.limit_in_bytes": "9223372036854771712"}, "/", THERE),
    "a group of another name than the mounted one": ("8:memory:/docker/1f2e", V1, {"memory/memory.limit_in_bytes": str(GB)}, "/docker/1f", GB),
    "a group above the mounted one": ("0::/../..", V2, {"memory.max": str(GB)}, "/", GB),
    "nothing is said": ("0::/", V2, {}, "/", THERE),
    "what is said is no number": ("0::/", V2, {"memory.max": "many"}, "/", THERE),
}  # fmt: skip


@pytest.mark.parametrize("name", MACHINES)
def test_the_least_limit_counts(name: str, tmp_path: Path) -> None:
    group, mount, limits, top, expected = MACHINES[name]
    assert memory_bytes(machine(tmp_path, group, mount, limits, top)) == expected


def test_a_machine_without_groups_has_its_memory(tmp_path: Path) -> None:
    assert memory_bytes(tmp_path) == THERE


def test_this_one_has_some() -> None:
    assert 0 < memory_bytes() <= THERE


CPU = "35 24 0:30 {top} /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct"
SHARES = {
    "a container, version 2": ("0::/", V2, {"cpu.max": "100000 100000"}, "/", 1),
    "a part of one is one": ("0::/", V2, {"cpu.max": "50000 100000"}, "/", 1),
    "one and a half are two": ("0::/", V2, {"cpu.max": "150000 100000"}, "/", 2),
    "no limit, version 2": ("0::/", V2, {"cpu.max": "max 100000"}, "/", 8),
    "more than the machine has": ("0::/", V2, {"cpu.max": "9900000 100000"}, "/", 8),
    "the limit is the parent's": ("0::/a/b", V2, {"a/cpu.max": "300000 100000", "a/b/cpu.max": "max 100000"}, "/", 3),
    "a container, version 1": (
        "9:cpu,cpuacct:/docker/1f2e", CPU,
        {"cpu,cpuacct/cpu.cfs_quota_us": "200000", "cpu,cpuacct/cpu.cfs_period_us": "100000"}, "/docker/1f2e", 2,
    ),
    "no limit, version 1": (
        "9:cpu,cpuacct:/", CPU, {"cpu,cpuacct/cpu.cfs_quota_us": "-1", "cpu,cpuacct/cpu.cfs_period_us": "100000"}, "/", 8,
    ),
    "nothing is said": ("0::/", V2, {}, "/", 8),
    "what is said is no number": ("0::/", V2, {"cpu.max": "many few"}, "/", 8),
}  # fmt: skip


@pytest.mark.parametrize("name", SHARES)
def test_the_least_share_counts(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)))
    group, mount, limits, top, expected = SHARES[name]
    assert processors(machine(tmp_path, group, mount, limits, top)) == expected


def test_this_one_has_one_at_least() -> None:
    assert 1 <= processors() <= len(os.sched_getaffinity(0))
