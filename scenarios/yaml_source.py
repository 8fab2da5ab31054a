"""One YAML file as plain values that remember where they were written.

The reader is stricter than YAML 1.1 where YAML surprises people:

* Keys are always text, as written: `on:`, `18:` and `2026-11-02:` are the keys "on", "18", "2026-11-02".
* Only `true` and `false` are booleans; `yes`, `no`, `on` and `off` are text. `20:30` is text, not 1230, and
  so is anything with a leading zero. `1e6` and `1_000_000` are whole numbers.
* NaN, infinity, tags, merge keys (`<<`), duplicate keys and a second document are refused.
"""

import copy
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from operator import getitem
from pathlib import Path
from typing import Any

import yaml

from entities.errors import InputError
from entities.messages import short
from scenarios import scalars

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_VALUES = 100_000

_ROOT = Path(__file__).parents[1]

Key = tuple[str | int, ...]
"""A place inside a document: the keys and list indices that lead to it."""
Lines = dict[Key, tuple[int, int]]
"""The line and column of each place, from 1."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its values, and the line and column (from 1) of each."""

    path: Path
    data: dict[str, Any]
    lines: Mapping[Key, tuple[int, int]]


@lru_cache(maxsize=64)
def shown(path: Path) -> str:
    """Return *path* as it stands in a message; a file of ours from `scenarios/` on."""
    with suppress(ValueError):  # a file of the user's
        path = path.relative_to(_ROOT)
    return short(str(path))


def dotted(key: Key) -> str:
    """Return *key* as it is written on the command line, `campaigns.0.name`."""
    return short(".".join(map(str, key)))


def at(data: Any, key: Key) -> Any:
    """Return what stands at *key* of *data*."""
    return reduce(getitem, key, data)


def read(path: Path) -> Document:
    """Return the YAML document in the file at *path*."""
    name = shown(path)
    data, lines = _parsed_once(_text(path, name), name)
    if data is None:
        raise InputError(f"{name}: the file is empty; it should hold `key: value` lines")
    if not isinstance(data, dict):
        raise InputError(f"{name}:{lines[()][0]}: the file should hold `key: value` lines at the top")
    return Document(path, data, lines)


def parse_value(text: str, source: str) -> Any:
    """Return the value that *text*, given in *source*, stands for in YAML; nothing at all is null."""
    try:
        return _parse(text, source)[0]
    except InputError as error:  # it is one line, and needs no number
        raise InputError(str(error).replace(f"{source}:1: ", f"{source}: ", 1)) from None


def _text(path: Path, name: str) -> str:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(f"{name}: is a directory; name a YAML file in it")
        if not stat.S_ISREG(mode):
            raise InputError(f"{name}: is not a file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{name}: cannot be read: {reason}") from None
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: is larger than {MAX_BYTES:,} bytes, the most that is read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise InputError(f"{name}:{line}: is not UTF-8 (byte 0x{byte:02x}); save the file as UTF-8") from None


@lru_cache(maxsize=64)
def _parsed_once(text: str, name: str) -> tuple[Any, Lines]:
    # A scenario reads the same few files for each of its campaigns, and nobody changes what a document holds.
    return _parse(text, name)


def _parse(text: str, name: str) -> tuple[Any, Lines]:
    reader = _Reader()
    try:
        composer = _Composer(text)
        node = composer.compose()
        return (None if node is None else reader.value(node, (), node)), reader.lines
    except _RefusedError as refused:
        raise InputError(f"{name}:{refused.line}: {refused}") from None
    except yaml.MarkedYAMLError as error:
        line, why = fault(error, text)
        raise InputError(f"{name if line is None else f'{name}:{line}'}: {why}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise InputError(f"{name}:{line}: the character {error.character:#04x} is not allowed") from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # such as "\UFFFFFFFF"
        raise InputError(f"{name}:{composer.line + 1}: is not YAML: {short(str(error))}") from None


class _RefusedError(Exception):
    def __init__(self, at: yaml.Node | yaml.Event, why: str) -> None:
        super().__init__(why)
        self.line, _ = _place(at)


def _place(at: yaml.Node | yaml.Event) -> tuple[int, int]:
    mark: Any = at.start_mark
    return mark.line + 1, mark.column + 1


_TOO_DEEP = f"is nested more than {MAX_DEPTH} levels deep"


class _Composer(yaml.SafeLoader):
    """Composes nodes that know their events; an alias is a node of its own, where it stands.

    Aliases stay, for line items of one file share caps and creatives by them. What an alias stands for counts
    each time, or a few lines could come to millions of values.
    """

    depth = 0

    def compose(self) -> Any:
        # A file of nothing but comments has no node, and `---` alone an empty scalar.
        node = self.get_node() if self.check_node() else None
        if self.check_node():
            raise _RefusedError(self._next(), "a second document (`---`) starts here; a file holds one")
        return node

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self._next()
        if self.depth > MAX_DEPTH:  # before it is a matter of recursion
            raise _RefusedError(event, _TOO_DEEP)
        if not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(event.anchor, None)  # the name may be given again
        self.depth += 1
        node: Any = super().compose_node(parent, index)
        self.depth -= 1
        if not isinstance(event, yaml.AliasEvent):
            node.event = event
            return node
        if not hasattr(node, "event"):  # it is still open
            raise _RefusedError(event, unknown_alias(event.anchor or ""))
        alias = copy.copy(node)
        alias.start_mark = event.start_mark
        return alias

    def _next(self) -> Any:
        return self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs leave it untyped


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads nodes as plain values, and notes where each stands."""

    lines: Lines = field(default_factory=dict)

    def value(self, node: Any, path: Key, at: yaml.Node, alias: Any = None) -> Any:
        """Return the value of *node*, which is looked for *at* a node, inside of an *alias* or none."""
        if node.start_mark is not node.event.start_mark:
            alias = alias or node
        self.lines[path] = _place(at)
        if len(self.lines) > MAX_VALUES:
            raise _RefusedError(alias or node, f"holds more than {MAX_VALUES:,} values")
        if type(node) is yaml.ScalarNode:
            return _scalar(node, path)
        if node.event.tag not in {None, "!"}:
            raise _RefusedError(node, _no_tags(node.event.tag))
        if len(path) >= MAX_DEPTH:
            raise _RefusedError(alias or node, _TOO_DEEP)
        if type(node) is yaml.SequenceNode:
            return [self.value(child, (*path, n), child, alias) for n, child in enumerate(node.value)]
        found: dict[str, Any] = {}
        keys: dict[str, int] = {}
        for key, child in node.value:
            word = _key(key)
            if word in keys:
                raise _RefusedError(
                    key, f"the key {short(word)} stands here twice, first on line {keys[word]}"
                )
            keys[word], _ = _place(key)
            # A block is looked for where its key stands, not on the line after it.
            here = child if isinstance(child, yaml.ScalarNode) else key
            found[word] = self.value(child, (*path, word), here, alias)
        return found


def _key(node: Any) -> str:
    scalar = isinstance(node, yaml.ScalarNode)
    if not scalar or node.start_mark is not node.event.start_mark:
        raise _RefusedError(node, "a key has to be a single word or text")
    key = _words(node)
    if not key:
        raise _RefusedError(node, "a key is missing before `:`")
    if key == "<<" and node.event.implicit[0]:
        raise _RefusedError(node, "merge keys (`<<`) are not supported; use `extends:` or repeat the lines")
    return key


def _scalar(node: Any, path: Key) -> Any:
    text = _words(node)
    if node.event.tag is not None or not node.event.implicit[0]:
        return text
    try:
        return scalars.resolved(text)
    except (ValueError, OverflowError) as error:
        where = f"{dotted(path)}: " if any(isinstance(step, str) for step in path) else ""
        raise _RefusedError(node, f"{where}{short(text, 60)} is not allowed: {short(str(error))}") from None


def _words(node: Any) -> str:
    if node.event.tag not in {None, "!", "tag:yaml.org,2002:str"}:
        raise _RefusedError(node, _no_tags(node.event.tag))
    text: str = node.value
    try:  # as JSON writes an emoji
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise _RefusedError(node, "half of a surrogate pair is not a character") from None


def _no_tags(tag: str) -> str:
    return f"the tag {short(tag.replace('tag:yaml.org,2002:', '!!'))} is not allowed"


_ODD_SPACE = re.compile(r" *[^\S \t\r\n]")


def fault(error: yaml.MarkedYAMLError, text: str) -> tuple[int | None, str]:
    """Return the line, from 1, of what the YAML parser found wrong with *text*, and what to do about it."""
    problem, began, mark = error.problem or error.context or "", error.context_mark, error.problem_mark
    lines = text.splitlines()
    if began and (why := _begun(problem, began, mark, lines)):
        return began.line + 1, why
    mark = mark or began
    if mark is None:
        return None, f"is not YAML: {short(problem)}"
    odd = [number for number, line in enumerate(lines[: mark.line + 1], 1) if _ODD_SPACE.match(line)]
    if odd:
        return odd[0], "a space of another kind, such as a no-break one, indents this; use plain spaces"
    written = "".join(lines[mark.line : mark.line + 1])
    return mark.line + 1, _advice(problem, written[: mark.column])


def _begun(problem: str, began: yaml.Mark, mark: yaml.Mark | None, lines: list[str]) -> str | None:
    if "end of stream" in problem:
        return "is not YAML: a quote is not closed"
    if "could not find expected ':'" in problem:
        return "`key: value` is expected here, with a `:` and a space after the key"
    closing = re.match(r"expected ',' or '([]}])'", problem)
    if closing and mark and (mark.line > began.line or mark.index >= sum(map(len, lines))):
        return f"`{'[' if closing[1] == ']' else '{'}` is not closed"
    return None


def _advice(problem: str, before: str) -> str:
    if found := re.match(r"found undefined alias '(.*)'", problem):
        return unknown_alias(found[1])
    if "'\\t'" in problem:
        return "a tab stands here; use spaces" if before.strip() else "a tab cannot indent YAML; use spaces"
    if "mapping values are not allowed" in problem:
        if ": " in before:
            return "a second `: ` on one line; put the value in quotes"
        return "`: ` is not expected here; the line above may lack one, or this one is indented too far"
    if "expected <block end>, but found '<block" in problem or "found '-'" in problem:
        return "is indented otherwise than the lines that it belongs to"
    if "expected <block end>" in problem:
        return "something follows a value that is complete; put the whole value in quotes"
    if found := re.match(r"found character '(.*)' that cannot start any token", problem):
        return f"a value cannot begin with '{short(found[1])}'; put it in quotes"
    if found := re.match(r"expected the node content, but found '(.*)'", problem):
        return f"a value is missing before {'the end' if found[1] == '<stream end>' else f'`{found[1]}`'}"
    return f"is not YAML: {short(problem)}"


def unknown_alias(name: str) -> str:
    """Return what is wrong with an alias of a value that is not there, or not yet complete."""
    return f"*{short(name)} has no &{short(name)} before it"
