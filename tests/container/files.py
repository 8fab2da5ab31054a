"""The files of the container, read: instructions of a Dockerfile, services, and what a build is given."""

from __future__ import annotations

import re
import shlex
from fnmatch import translate
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.architecture.project import ROOT

HERE = ROOT / ".container"
START = HERE / "start.sh"


class Instruction(NamedTuple):
    """One instruction of a Dockerfile."""

    word: str
    text: str
    stage: int

    @property
    def words(self) -> list[str]:
        """Return its words without the options."""
        return [word for word in shlex.split(self.text) if not word.startswith("--")]

    def option(self, name: str) -> str:
        """Return the value of an option; nothing where it is not there."""
        found = re.search(rf"--{name}=(\S+)", self.text)
        return found[1] if found else ""


@cache
def instructions() -> tuple[Instruction, ...]:
    """Return the instructions of the Dockerfile; those before the first FROM are of stage 0."""
    text = re.sub(r"^#.*\n", "", (HERE / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    found, stage = [], 0
    for line in filter(str.strip, text.replace("\\\n", " ").splitlines()):
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        found.append(Instruction(word, " ".join(rest.split()), stage))
    return tuple(found)


def of(word: str, stage: int | None = None) -> list[Instruction]:
    """Return the instructions that begin with a word, of all stages or of one."""
    return [one for one in instructions() if one.word == word and stage in (None, one.stage)]


def environment(stage: int) -> dict[str, str]:
    """Return the variables that a stage sets."""
    pairs = [word.partition("=") for one in of("ENV", stage) for word in shlex.split(one.text)]
    return {name: value for name, _, value in pairs}


@cache
def compose() -> dict[str, Any]:
    """Return compose.yaml with what its variables are by default."""
    text = (HERE / "compose.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))
    return found


def is_given(path: str) -> bool:
    """Return whether a build is given the file at *path*; the last line that matches it or a parent decides."""
    given = True
    whole = [path, *(str(parent) for parent in Path(path).parents if str(parent) != ".")]
    for line in (HERE / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        # `**/` is any folder or none; a star stays in its folder.
        parts = [translate(part).replace(".*", "[^/]*") for part in pattern.split("**/")]
        regex = "(?:.*/)?".join(part.removeprefix("(?s:").removesuffix(r")\Z") for part in parts)
        if any(re.fullmatch(regex, one) for one in whole):
            given = line.startswith("!")
    return given
