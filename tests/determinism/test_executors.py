"""The digest of a stored run and the bytes of its events, wherever its sites live, whatever is around them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import paceline

SMALL = {"market.population.viewers": 1200}
SCRIPT = f"""
import hashlib, json, sys, warnings
from pathlib import Path
import paceline
asked = json.loads(sys.argv[1])
if any(name == "ray" for name, _ in asked):
    import ray  # one cluster for all runs
    warnings.simplefilter("ignore")
    ray.init(address="local", _node_ip_address="127.0.0.1", include_dashboard=False, log_to_driver=False)
for name, workers in asked:
    where = dict(db=sys.argv[2], events=sys.argv[3])
    found = paceline.simulate("smoke", set={SMALL!r}, **where, executor=name, workers=workers)
    written = Path(sys.argv[3], f"run_id={{found.run_id}}")
    print(found.digest)
    for file in sorted(written.rglob("*.parquet")):
        print(file.relative_to(written), hashlib.sha256(file.read_bytes()).hexdigest())
"""
ASKED = {
    "processes": [("processes", 1), ("processes", 2), ("processes", 4)],
    "ray": [("ray", 1), ("ray", 2), ("ray", 4)],
    "here": [("serial", 1), ("threads", 2), ("threads", 4)],
}


def printed(name: str, hash_seed: str, zone: str, threads: str, folder: Path) -> list[list[str]]:
    """Return what another process prints of each of the runs ASKED of that name, the digest first."""
    folder.mkdir()
    environment = {"PYTHONHASHSEED": hash_seed, "TZ": zone, "POLARS_MAX_THREADS": threads}
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            SCRIPT,
            json.dumps(ASKED[name]),
            str(folder / "ads.db"),
            str(folder / "events"),
        ],
        env=os.environ | environment | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    lines, count = run.stdout.splitlines(), len(ASKED[name])
    each = len(lines) // count
    return [lines[at * each : at * each + each] for at in range(count)]


def test_every_executor_gives_the_same_digest_and_the_same_files(tmp_path: Path) -> None:
    ref = paceline.simulate("smoke", set=SMALL, db=str(tmp_path / "ref.db"), workers=1)
    processes = printed("processes", "1", "Asia/Tokyo", "1", tmp_path / "processes")
    ray = printed("ray", "0", "America/New_York", "2", tmp_path / "ray")
    here = printed("here", "12345", "UTC", "4", tmp_path / "here")
    assert {lines[0] for lines in (*processes, *ray, *here)} == {ref.digest}
    # A file for each shard of each day where workers write them, else one for each day.
    assert all(lines == processes[0] for lines in (*processes, *ray))
    assert all(lines == here[0] for lines in here)
    assert (len(processes[0]), len(here[0])) == (1 + 3 * 4, 1 + 3)
