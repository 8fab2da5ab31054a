"""The digest of a stored run, wherever its sites live and whatever is around them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import paceline

SMALL = {"market.population.viewers": 1200}
SCRIPT = f"""
import json, sys, warnings
import paceline
asked = json.loads(sys.argv[1])
if any(name == "ray" for name, _ in asked):
    import ray  # one cluster for all runs
    warnings.simplefilter("ignore")
    ray.init(address="local", _node_ip_address="127.0.0.1", include_dashboard=False, log_to_driver=False)
for name, workers in asked:
    found = paceline.simulate("smoke", set={SMALL!r}, db=sys.argv[2], executor=name, workers=workers)
    print(found.digest)
"""


@pytest.mark.parametrize(
    ("asked", "hash_seed", "zone", "threads"),
    [
        ([("processes", 1), ("processes", 2), ("processes", 4)], "1", "Asia/Tokyo", "1"),
        ([("ray", 1), ("ray", 2), ("ray", 4)], "0", "America/New_York", "2"),
        ([("serial", 1), ("threads", 2), ("threads", 4), ("processes", 2)], "12345", "UTC", "4"),
    ],
    ids=["processes", "ray", "here"],
)
def test_every_executor_gives_the_same_digest(
    asked: list[tuple[str, int]], hash_seed: str, zone: str, threads: str, tmp_path: Path
) -> None:
    environment = {"PYTHONHASHSEED": hash_seed, "TZ": zone, "POLARS_MAX_THREADS": threads}
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(asked), str(tmp_path / "ads.db")],
        env=os.environ | environment | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    ref = paceline.simulate("smoke", set=SMALL, db=str(tmp_path / "here.db"), workers=1)
    assert run.stdout.split() == [ref.digest] * len(asked)
