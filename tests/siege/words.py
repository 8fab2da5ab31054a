"""Command lines of the parser's own words and of hostile ones: each is an answer or one line of error."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import typer.main
from typer.testing import CliRunner

from sim.cli.app import app
from tests.faults.killed import MARKET

SECONDS = 30
"""After which a command that is at work is stopped: what is looked for is how it fails."""
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.warm"])  # so that each process has all of it ready
_HOSTILE = (
    "", " ", "-", "--", "-1", "0", "1e999", "nan", "9" * 40, "\u00e9", "\x1b[2J", "a\nb", "..", "/", "/dev/null", "/proc", "nope.db",
    "ads.db", "broken.db", "empty.yml", "smoke", "smoke.yml", "full", "=", "a=b", "market.days", "market.days=", "market.days=0",
    "market.days=1e9", "line_item[*].max_cpm=-1", "market.population.viewers=99999999999", "seed=x", "{", "[1", "!!python/object:os.system",
    "postgresql://x:geheim@127.0.0.1:1/ads", "mysql://x/y", "sqlite:////", "2026-13-01", "mon-fri 25-3", "device=tv", "device=toaster",
    "3/day", "0/eon", "sample:1%", "lost:200%", "hours:0", "never", "%s%n", "$(id)", "a" * 5000, "even", "pid", "1", "2",
)  # fmt: skip
"""Values of every sort: some fit somewhere, none fits everywhere."""
_SMALL = (*MARKET, "market.days=1")
_CODES = {0, 1, 2, 3}


@cache
def _commands() -> dict[tuple[str, ...], Any]:
    def walked(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
        yield path, command
        for name, one in getattr(command, "commands", {}).items():
            yield from walked(one, (*path, name))

    return dict(walked(typer.main.get_command(app), ()))


def line(trial: int) -> list[str]:
    """Return a command line: a command, some of its options and arguments, and now and then what is not its own."""
    luck = random.Random(f"words {trial}")
    path = luck.choice(list(_commands()))
    words = list(path)
    for parameter in _commands()[path].params:
        often = 0.9 if parameter.required else 0.25
        if luck.random() > often:
            continue
        option = next((one for one in parameter.opts if one.startswith("--")), "")
        if option in {"--help", "--install-completion", "--show-completion"}:
            continue
        words += [option] if option else []
        if not getattr(parameter, "is_flag", False):
            words.append(luck.choice(_HOSTILE))
    if luck.random() < 0.2:
        words.insert(luck.randint(0, len(words)), luck.choice(_HOSTILE))
    if any(option in path for option in ("simulate", "explain", "forecast", "replay")):
        # The last word on a value holds, and markets are small.
        words += [word for setting in _SMALL for word in ("--set", setting)]
    return words


def answered(trial: int) -> str:
    """Give a command line: it ends with a code of those that are documented, and shows no traceback."""
    words = line(trial)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "broken.db").write_bytes(random.Random(trial).randbytes(8192))
        (folder / "empty.yml").touch()
        (folder / "smoke.yml").write_text("extends: smoke\nname: mine\n")
        process = _context.Process(target=_give, args=(folder, words))
        process.start()
        process.join(SECONDS)
        late = process.is_alive()
        if late:
            process.kill()
            process.join()
        with closing(process):
            ended = process.exitcode
        if late:
            return "stopped at work"
        told = folder / "told.json"
        assert told.exists(), f"{words}: ended with {ended} and said nothing"
        code, output, error = json.loads(told.read_text())
    assert not error, f"{words}: {error}"
    assert code in _CODES, f"{words}: exit code {code}"
    assert "--debug" in words or "Traceback" not in output, f"{words}: {output[-500:]}"
    assert not re.search(r"error: unexpected \w+:", output), f"{words}: {output[-300:]}"
    assert "geheim" not in output, f"{words}: {output[-300:]}"
    return {0: "good", 1: "failed", 2: "bad input", 3: "found something"}[code]


def _give(folder: Path, words: list[str]) -> None:
    os.chdir(folder)
    os.environ |= {"TMPDIR": str(folder), "HOME": str(folder), "COLUMNS": "80"}
    sys.stdin = Path(os.devnull).open()  # noqa: SIM115 - to the end of this process

    def started(*_: Any) -> NoReturn:
        raise SystemExit(0)

    os.execve = started  # a notebook: the browser's server is not what is tried
    done = CliRunner().invoke(app, words, prog_name="paceline")
    error = ""
    if done.exception and not isinstance(done.exception, SystemExit):
        error = "".join(traceback.format_exception(done.exception))[-2000:]
    (folder / "told.json").write_text(json.dumps([done.exit_code, done.output, error]))
