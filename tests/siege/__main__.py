"""Faults by the hundred: `make siege` prints a table of what was done, how it ended, and what was found."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from tests.siege import attacks, damage, words
from tests.siege.attacks import Trial

ATTACKS: dict[str, tuple[Trial, int, str]] = {
    "kills": (
        attacks.killed,
        200,
        "SIGKILL at any dealing with a file; three in ten once more as it goes on",
    ),
    "interruptions": (attacks.interrupted, 60, "Ctrl-C at any dealing with a file"),
    "workers": (
        attacks.bereft,
        60,
        "SIGKILL of processes that play and write events, in every other trial also of who began them",
    ),
    "full disks": (attacks.full, 60, "no file may grow beyond 1 byte to 1 MB"),
    "together": (attacks.together, 30, "two or four runs at once on one database, beside creates"),
    "damaged databases": (damage.flipped_database, 200, "a bit of a stored run"),
    "damaged checkpoints": (damage.flipped_kept, 100, "a bit of what a run goes on from"),
    "nonsense": (damage.nonsense, 500, "a scenario with pieces cut out, repeated and put in"),
    "command lines": (words.answered, 500, "options of every command, with values of every sort"),
}
"""Each with how often it is tried, and what it is."""


_ELSEWHERE = (attacks.killed, attacks.interrupted, attacks.full, attacks.bereft, words.answered)
"""Trials that are another process."""


class Result(NamedTuple):
    """How the trials of an attack ended."""

    ended: Counter[str]
    finds: list[tuple[int, str]]
    seconds: float


def main() -> int:
    """Return 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="make siege", description=__doc__)
    parser.add_argument("attack", nargs="?", choices=ATTACKS, help="one alone")
    parser.add_argument("--trial", type=int, help="the number of one of its trials, with its traceback")
    parser.add_argument("--share", type=float, default=1.0, help="of the trials, such as 0.1")
    asked = parser.parse_args()
    if asked.trial is not None:
        print(ATTACKS[asked.attack or "kills"][0](asked.trial))
        return 0
    table, finds = Table("Attack", "What", "Trials", "Ended", "Found", "Minutes"), 0
    for name in [asked.attack] if asked.attack else ATTACKS:
        trial, often, what = ATTACKS[name]
        result = besieged(trial, max(int(often * asked.share), 1))
        ended = ", ".join(f"{word} {count}" for word, count in result.ended.most_common())
        table.add_row(
            name, what, str(result.ended.total() + len(result.finds)), ended, str(len(result.finds)),
            f"{result.seconds / 60:.1f}",
        )  # fmt: skip
        for number, find in result.finds:
            print(f"{name}, trial {number}: {find}", file=sys.stderr)
        finds += len(result.finds)
    Console(width=120).print(table)
    return int(finds > 0)


def besieged(trial: Trial, often: int) -> Result:
    """Return how so many trials ended; two at a time, as most of a trial is another process."""
    began, result = time.monotonic(), Result(Counter(), [], 0.0)
    with ThreadPoolExecutor(2 if trial in _ELSEWHERE else 1) as pool:
        for number, ended in enumerate(pool.map(lambda number: tried(trial, number), range(often))):
            if isinstance(ended, str):
                result.ended[ended] += 1
            else:
                result.finds.append((number, "".join(traceback.format_exception_only(ended)).strip()))
    return result._replace(seconds=time.monotonic() - began)


def tried(trial: Trial, number: int) -> str | BaseException:
    """Return how a trial ended, or what it found."""
    try:
        return trial(number)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a find
        return error


if __name__ == "__main__":
    sys.exit(main())
