"""Writes a part to begin with, for people who work on Paceline: `make new KIND=pacing NAME=my_policy`.

It is a copy, under a name of its own, of a part that works: of a small one, or of any with `LIKE=pid`.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import keyword
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from entities.errors import InputError
from entities.messages import hint
from sim import FAMILIES
from sim.family import Part, family_in, kind_of

LIKE = {
    "ambient": "log_normal",
    "auction": "soft_floor",
    "bidding": "factor",
    "deal": "private",
    "forecast": "history",
    "pacing": "even",
    "pods": "structured",
    "valuation": "uniform",
    "weather": "daily",
}
"""What a part is a copy of, by the folder of its family, where nobody says."""
_ROOT = Path(__file__).parents[1]
_NAME = re.compile(r"(?=.{1,40}$)[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


def write(kind: str, name: str, like: str = "") -> Path:
    """Return the new file of the part *name* of a family; InputError for a name that it cannot have."""
    packages = {package.rpartition(".")[2]: package for package in FAMILIES.values()}
    if kind not in packages:
        raise InputError(f"KIND={kind}: there is no such family; {hint(kind, packages)}")
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        allowed = "must be snake_case as in my_policy, at most 40 letters and no word of Python's"
        raise InputError(f"NAME={name}: is not allowed; {allowed}")
    package = packages[kind]
    members, path = family_in(package).members(), _ROOT.joinpath(*package.split("."), f"{name}.py")
    if name in members or path.exists():
        raise InputError(f"NAME={name}: {path.relative_to(_ROOT)} exists already; choose another name")
    like = like or LIKE[kind]
    if like not in members:
        raise InputError(f"LIKE={like}: there is no such part; {hint(like, members)}")
    if hasattr(builtins, name) or find_spec(name):
        raise InputError(f"NAME={name}: means something else in Python; choose another name")
    names = vars(sys.modules[package]) | vars(sys.modules[members[like].__module__])
    if name in names or _class_name(name) in names:
        raise InputError(f"NAME={name}: means something else in {package}; choose another name")
    path.write_text(copied(members[like], name), encoding="utf-8")
    return path


def copied(member: type[Part], name: str) -> str:
    """Return the source of *member* as that of the part *name*, with docstrings that say what to write."""
    source = inspect.getsource(sys.modules[member.__module__])
    tree, lines = ast.parse(source), source.splitlines()
    owner = next(
        each for each in tree.body if isinstance(each, ast.ClassDef) and each.name == member.__name__
    )
    texts: dict[ast.Module | ast.ClassDef | ast.FunctionDef, str] = {
        tree: f"{name.replace('_', ' ').capitalize()}: say in a line what it does, for `paceline list`.",
        owner: "What it does and why, and the source of its formula.",
    }
    methods = [each for each in owner.body if isinstance(each, ast.FunctionDef) and ast.get_docstring(each)]
    texts |= {
        method: f"Return what the family asks `{method.name}` for: say by what rule." for method in methods
    }
    for node, text in reversed(texts.items()):
        old = node.body[0]
        lines[old.lineno - 1 : old.end_lineno] = [f'{" " * old.col_offset}"""{text}"""']
    text = re.sub(rf"\b{member.__name__}\b", _class_name(name), "\n".join(lines))
    return text.replace(f'"{kind_of(member)}"', f'"{name}"') + "\n"


def _class_name(name: str) -> str:
    return "".join(map(str.capitalize, name.split("_")))


def main(words: Sequence[str]) -> int:
    """Return the exit code of `python -m tests.new KIND NAME [LIKE]`, having said what was written."""
    if not 2 <= len(words) <= 3:
        sys.stderr.write("error: say which: make new KIND=pacing NAME=my_policy\n")
        return 2
    try:
        path = write(*words)
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    # In a process of its own: this one looked for the members before there was one more.
    subprocess.run([sys.executable, "-m", "scenarios.schema"], cwd=_ROOT, check=True)
    sys.stdout.write(
        f"{path.relative_to(_ROOT)}: write what it does; the schemas know it already. Then\n"
        f"  make test-one FILE=tests/contract K={words[1]}\n    holds it against the contract of its family, and\n"
        "  make generated\n    brings up to date what was generated from it\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
