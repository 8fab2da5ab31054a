"""Documents that run: the fenced blocks of a page, in order, in one empty folder.

A block is told by its language:

* `console`: what follows `$ ` is a command, which goes on after a backslash, and what follows that is what it
  prints, stdout and stderr together;
* `python`, `yaml`, `sql`: saved under the file name that its first line gives as a comment, for commands to use;
* `sh`: commands that no test can run; a comment `# not run: …` in it gives the reason;
* `text`: a picture, nothing to run.

A page that has IN_A_COPY on a line of its own runs in a copy of the project's sources instead. `make generated`
writes what is printed anew.
"""

from __future__ import annotations

import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterable
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest.mock import patch

from typer.testing import CliRunner

from sim.cli.app import app
from tests.copies import ROOT, copy_project

RUN = tuple(
    ROOT / page
    for page in (
        "README.md",
        ".container/README.md",
        "scenarios/README.md",
        "sim/pacing/README.md",
        "analysis/README.md",
        "analysis/environment/README.md",
    )
)
"""The pages whose blocks are run."""
IN_A_COPY = "<!-- runs in a copy of the project -->"
SAVED = {"python": "#", "yaml": "#", "sql": "--"}
UNTOLD = (
    (r" in [\d.]+ ?s\b(, [\d.]+ ?[kMG]? a second)?", ""),
    (r"^(preparing the market|reading the run|compiling, once; half a minute to a minute)\n", ""),
    (r"^ *\d+ %  \d{4}-\d\d-\d\d .*\n", ""),  # progress, where a run takes more than a second
    (r"^(up to \d+ runs, about .*| *\d+ %  run \d+ of \d+, .*)\n", ""),  # while explain plays again
    (r"^[\d,]+ of [\d,]+ replications.*\n", ""),  # while a study is played
    (r"^Took  .*\n", ""),  # on a slow machine
    (r"[ \t]+$", ""),
)
"""What a page does not show: timings, progress and blanks at the end of a line."""
VARIES = (
    *UNTOLD,
    (r"(?<=-)\d{8}-\d{6}-[0-9a-f]{6}\b", "RUN"),  # when a run was started
    (r"\b[\d.]+ [kMG]?B\b", "SIZE"),
    (r"\b\d+ workers?\b", "WORKERS"),  # as many as the machine has processors
    (r" {2,}", "  "),  # tables are as wide as what is in them
    (r"─{2,}", "──"),
)
"""All that may differ from one machine to the next, each by its pattern and what stands for it."""


class Block(NamedTuple):
    """A fenced block: its language, its text, and where it begins and ends in the document."""

    language: str
    text: str
    start: int
    end: int


class Command(NamedTuple):
    """A command of a console block, and what it should print."""

    line: str
    printed: str


def blocks(document: str) -> list[Block]:
    """Return the fenced blocks of *document*."""
    fences = re.finditer(r"^```(\w*)\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    return [Block(found[1], found[2], found.start(2), found.end(2)) for found in fences]


def commands(block: Block) -> list[Command]:
    """Return the commands of a console block."""
    parts = re.split(r"^\$ ((?:.*\\\n)*.*)\n", block.text, flags=re.MULTILINE)
    assert not parts[0], f"a console block begins with a command, not with {parts[0]!r}"
    return [Command(line, printed) for line, printed in zip(parts[1::2], parts[2::2], strict=True)]


def file_of(block: Block) -> str | None:
    """Return the name under which a block is saved, if it is."""
    found = re.match(rf"{SAVED.get(block.language, '')} ([\w-]+\.\w+)\b", block.text)
    return found[1] if found and block.language in SAVED else None


def plain(printed: str) -> str:
    """Return what was printed without what varies."""
    return _replaced(printed, VARIES)


def _replaced(text: str, patterns: Iterable[tuple[str, str]]) -> str:
    for pattern, replacement in patterns:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text


class Folder:
    """A folder in which `paceline` and `python` are those of this process; empty but where it is a *copy*.

    Where nothing is copied they run in this process, for a new one would import all the same once more.
    """

    def __init__(self, folder: Path, *, copy: bool = False) -> None:
        self.work, programs = folder / "work", folder / "bin"
        self._copy = copy
        root = self.work if copy else ROOT
        for new in (self.work, programs):
            new.mkdir(parents=True)
        if copy:
            copy_project(self.work)
        for name, words in {"python": "", "paceline": " -m sim"}.items():
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}"{words} "$@"\n')
            (programs / name).chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if name in {"HOME", "LANG", "TMPDIR"}}
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self._environment = kept | {
            "PATH": path,
            "PYTHONPATH": os.pathsep.join((str(root), str(root / "sim" / "api"))),
            "COLUMNS": "80",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, line: str) -> str:
        """Return what the command *line* prints."""
        command, _, filters = line.replace("\\\n", " ").partition(" | ")
        name, *words = shlex.split(command)
        if self._copy or name not in {"paceline", "python"}:
            return self._shell(line)
        with chdir(self.work), patch.dict(os.environ, self._environment, clear=True):
            stdout, both = _paceline(words) if name == "paceline" else _python(words)
        if not filters:
            return both
        assert stdout == both, f"{line} writes to stderr, beside its filter"
        return self._shell(filters, stdout)

    def _shell(self, line: str, given: str = "") -> str:
        return subprocess.run(
            ["bash", "-c", line],
            input=given,
            cwd=self.work,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        ).stdout

    def save(self, block: Block) -> None:
        """Save a block that is a file."""
        if name := file_of(block):
            (self.work / name).write_text(block.text, encoding="utf-8")


def _paceline(words: list[str]) -> tuple[str, str]:
    """Return what `paceline` prints to stdout, and what to stdout and stderr."""
    done = CliRunner().invoke(app, words, prog_name="paceline")
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout, done.output


def _python(words: list[str]) -> tuple[str, str]:
    """Return what a program prints to stdout, and what to stdout and stderr."""
    stdout, stderr = StringIO(), StringIO()
    with patch.object(sys, "argv", words), redirect_stdout(stdout), redirect_stderr(stderr):
        runpy.run_path(words[0], run_name="__main__")
    return stdout.getvalue(), stdout.getvalue() + stderr.getvalue()


def folder_of(page: Path, within: Path) -> Folder:
    """Return the folder in which the blocks of *page* are run."""
    return Folder(within, copy=IN_A_COPY in page.read_text(encoding="utf-8").splitlines())


def remade(document: str, folder: Folder) -> str:
    """Return *document* with what its commands print now; what only varies is left as it was."""
    parts, at = [], 0
    for block in blocks(document):
        folder.save(block)
        if block.language == "console":
            text = ""
            for command in commands(block):
                printed = folder.run(command.line)
                same = plain(printed) == plain(command.printed)
                text += f"$ {command.line}\n{command.printed if same else _replaced(printed, UNTOLD)}"
            parts += [document[at : block.start], text]
            at = block.end
    return "".join((*parts, document[at:]))


def remake(page: Path) -> None:
    """Write *page* with what its commands print now."""
    with TemporaryDirectory() as name:
        text = remade(page.read_text(encoding="utf-8"), folder_of(page, Path(name)))
    page.write_text(text, encoding="utf-8")
