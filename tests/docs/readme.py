"""Documents that run: the fenced blocks of the README, in order, in one empty folder.

A block is told by its language:

* `console`: what follows `$ ` is a command, which goes on after a backslash, and what follows that is what it
  prints, stdout and stderr together;
* `python`, `yaml`, `sql`: saved under the file name that its first line gives as a comment, for commands to use;
* `sh`: commands that no test can run; a comment `# not run: …` in it gives the reason;
* `text`: a picture, nothing to run.

`make golden` writes what is printed anew.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
SAVED = {"python": "#", "yaml": "#", "sql": "--"}
VARIES = (
    (r"(?<=-)\d{8}-\d{6}-[0-9a-f]{6}\b", "RUN"),  # when a run was started
    (r"\bin [\d.]+ s\b(, [\d.]+ ?[kMG]? a second)?", "in TIME"),
    (r"\b[\d.]+ [kMG]?B\b", "SIZE"),
    (r"\b\d+ workers?\b", "WORKERS"),  # as many as the machine has processors
    (r"^(preparing the market|compiling, once; about 10 seconds)\n", ""),
    (r"^ *\d+ %  \d{4}-\d\d-\d\d .*\n", ""),  # progress, where a run takes more than a second
    (r"[ \t]+$", ""),
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
    for pattern, stands in VARIES:
        printed = re.sub(pattern, stands, printed, flags=re.MULTILINE)
    return printed


class Folder:
    """An empty folder in which `paceline` and `python` are those of this process."""

    def __init__(self, folder: Path) -> None:
        self.work, programs = folder / "work", folder / "bin"
        for new in (self.work, programs):
            new.mkdir(parents=True)
        for name, words in {"python": "", "paceline": " -m sim"}.items():
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}"{words} "$@"\n')
            (programs / name).chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if name in {"HOME", "LANG", "TMPDIR"}}
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self._environment = kept | {
            "PATH": path,
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "sim" / "api"))),
            "COLUMNS": "80",
            "LC_ALL": "C.UTF-8",
        }

    def run(self, line: str) -> str:
        """Return what the command *line* prints."""
        return subprocess.run(
            ["bash", "-c", line],
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
                text += f"$ {command.line}\n{command.printed if same else _trimmed(printed)}"
            parts += [document[at : block.start], text]
            at = block.end
    return "".join((*parts, document[at:]))


def _trimmed(printed: str) -> str:
    return re.sub(r"[ \t]+$", "", printed, flags=re.MULTILINE)


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        README.write_text(remade(README.read_text(encoding="utf-8"), Folder(Path(name))), encoding="utf-8")
