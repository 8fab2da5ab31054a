"""The project's own rules, where no linter has them: functions from one parsed file to the places that break it."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple


class Source(NamedTuple):
    """One Python file: where it is, its text and its syntax tree."""

    path: Path
    text: str
    tree: ast.Module


class Broken(NamedTuple):
    """One place where a rule is broken, and how."""

    line: int
    why: str


Rule = Callable[[Source], Iterator[Broken]]
MAX_LINES = 400


def source(text: str, path: str = "sim/example.py") -> Source:
    """Return *text* as if it stood in the file *path*."""
    return Source(Path(path), text, ast.parse(text))


def no_reordered_floats(file: Source) -> Iterator[Broken]:
    """Refuse fastmath and parallel kernels: both change results from run to run."""
    for node in ast.walk(file.tree):
        options: list[tuple[str | None, ast.expr]] = []
        if isinstance(node, ast.Call):
            options = [(keyword.arg, keyword.value) for keyword in node.keywords]
        elif isinstance(node, ast.Dict):
            options = [(key.value, value) for key, value in zip(node.keys, node.values, strict=True)
                       if isinstance(key, ast.Constant)]  # fmt: skip
        for name, value in options:
            if name in {"fastmath", "parallel"} and not (
                isinstance(value, ast.Constant) and value.value is False
            ):
                yield Broken(value.lineno, f"{name} is not allowed: integers decide, in one order")
        if isinstance(node, ast.Name | ast.Attribute) and _last_name(node) == "prange":
            yield Broken(node.lineno, "prange is not allowed: use shards")


def no_hash_of_objects(file: Source) -> Iterator[Broken]:
    """Refuse hash(): it differs from process to process, and so would the run."""
    inside = {
        id(node)
        for function in ast.walk(file.tree)
        if isinstance(function, ast.FunctionDef) and function.name == "__hash__"
        for node in ast.walk(function)
    }
    for node in ast.walk(file.tree):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash"
        if called and id(node) not in inside:
            yield Broken(node.lineno, "hash() changes with PYTHONHASHSEED; use hashlib or an integer hash")


def is_short(file: Source) -> Iterator[Broken]:
    """Refuse long files: they hold more than one thing."""
    lines = len(file.text.splitlines())
    if lines > MAX_LINES:
        yield Broken(MAX_LINES + 1, f"{lines} lines; {MAX_LINES} is the most")


def no_noise_in_names(file: Source) -> Iterator[Broken]:
    """Refuse class names that say nothing of the field."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ClassDef) and re.search(r"(Manager|Handler|Utils?)$", node.name):
            yield Broken(node.lineno, f"{node.name}: use the field's word for it")


RULES: tuple[Rule, ...] = (no_reordered_floats, no_hash_of_objects, is_short, no_noise_in_names)
RULES_OF_TESTS: tuple[Rule, ...] = (is_short, no_noise_in_names)
"""Tests may hash, and feed the rules what they refuse."""


def _last_name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr
