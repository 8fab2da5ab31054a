"""One YAML file as plain values that remember where they were written.

The reader is stricter than YAML 1.1 where YAML surprises people:

* Keys are always text, as written: `on:`, `18:` and `2026-11-02:` are the keys "on", "18", "2026-11-02".
* Only `true` and `false` are booleans; `yes`, `no`, `on` and `off` are text. `20:30` is text, not 1230, and
  so is anything with a leading zero. `1e6` and `1_000_000` are whole numbers.
* NaN, infinity, tags, merge keys (`<<`), duplicate keys and a second document are refused.
"""

import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from entities.errors import InputError
from entities.messages import short
from scenarios import scalars
from scenarios.yaml_faults import fault

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_VALUES = 100_000
MAX_ALIASES = 100

_ROOT = Path(__file__).parents[1]

Key = tuple[str | int, ...]
"""A place inside a document: the keys and list indices that lead to it."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its values, and the line and column (from 1) of each."""

    path: Path
    data: dict[str, Any]
    lines: Mapping[Key, tuple[int, int]]


def shown(path: Path) -> str:
    """Return *path* as it stands in a message; a file of ours from `scenarios/` on."""
    with suppress(ValueError):  # a file of the user's
        path = path.relative_to(_ROOT)
    return short(str(path))


def dotted(key: Key) -> str:
    """Return *key* as it is written on the command line, `campaigns.0.name`."""
    return short(".".join(map(str, key)))


# -------------------------------------------------------------------------------------------- one file


def read(path: Path) -> Document:
    """Return the YAML document in the file at *path*."""
    name = shown(path)
    data, lines = _parse(_text(path, name), name)
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


# ------------------------------------------------------------------------------- from events to values


@dataclass(slots=True)
class _Node:
    value: Any  # a scalar, or _Nodes in a dict or list
    line: int
    column: int
    size: int = 1  # values in it, aliases counted as often as they are used
    height: int = 0  # levels of mappings and lists in it
    anchor: str | None = None
    key: str | None = None  # of a mapping that is being read: the key whose value comes next
    key_at: tuple[int, int] = (1, 1)
    keys: dict[str, int] = field(default_factory=dict)


def _parse(text: str, name: str) -> tuple[Any, dict[Key, tuple[int, int]]]:
    builder = _Builder(name)
    try:
        root = builder.build(text)
    except yaml.MarkedYAMLError as error:
        line, why = fault(error, text)
        raise InputError(f"{name if line is None else f'{name}:{line}'}: {why}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise InputError(f"{name}:{line}: the character {error.character:#04x} is not allowed") from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # such as "\UFFFFFFFF"
        raise InputError(f"{name}:{builder.line}: is not YAML: {short(str(error))}") from None
    lines: dict[Key, tuple[int, int]] = {}
    return (None if root is None else _plain(root, (), lines)), lines


def _plain(node: _Node, path: Key, lines: dict[Key, tuple[int, int]]) -> Any:
    lines[path] = (node.line, node.column)
    if isinstance(node.value, dict):
        return {key: _plain(child, (*path, key), lines) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(child, (*path, index), lines) for index, child in enumerate(node.value)]
    return node.value


def _no_tags(tag: str) -> str:
    return f"the tag {short(tag.replace('tag:yaml.org,2002:', '!!'))} is not allowed"


def _place(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.start_mark  # every event of a parser has one
    return mark.line + 1, mark.column + 1


class _Builder:
    """Builds nodes from the parser's events on a stack of its own, so that depth costs no recursion."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.open: list[_Node] = []
        self.anchors: dict[str, _Node] = {}
        self.aliases = 0
        self.line = 1
        self.root: _Node | None = None

    def build(self, text: str) -> _Node | None:
        for event in yaml.parse(text, yaml.SafeLoader):
            self.line, _ = _place(event)
            if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
                raise self.refusal(event, "a second document (`---`) starts here; a file holds one")
            if isinstance(event, yaml.AliasEvent):
                self.put(event, self.alias(event))
            elif isinstance(event, yaml.ScalarEvent):
                if not self.took_key(event):
                    self.put(event, self.node(event, self.scalar(event)))
            elif isinstance(event, yaml.CollectionStartEvent):
                self.start(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.put(event, self.open.pop())
        # A file of nothing but comments gives no event, and `---` alone an empty scalar.
        return self.root

    def refusal(self, event: yaml.Event, why: str) -> InputError:
        return InputError(f"{self.name}:{_place(event)[0]}: {why}")

    def node(self, event: yaml.NodeEvent, value: Any) -> _Node:
        node = _Node(value, *_place(event), anchor=event.anchor)
        # A block is looked for where its key stands, not on the line after it.
        if self.open and self.open[-1].key is not None and isinstance(value, dict | list):
            node.line, node.column = self.open[-1].key_at
        return node

    def start(self, event: yaml.CollectionStartEvent) -> None:
        if event.tag not in {None, "!"}:
            raise self.refusal(event, _no_tags(event.tag))
        if self.expects_key():
            raise self.refusal(event, "a key has to be a single word or text")
        if len(self.open) >= MAX_DEPTH:
            raise self.refusal(event, f"is nested more than {MAX_DEPTH} levels deep")
        node = self.node(event, {} if isinstance(event, yaml.MappingStartEvent) else [])
        node.height = 1
        self.open.append(node)

    def expects_key(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None

    def took_key(self, event: yaml.ScalarEvent) -> bool:
        if not self.expects_key():
            return False
        parent, key = self.open[-1], self.words(event)
        if not key:
            raise self.refusal(event, "a key is missing before `:`")
        if key == "<<" and event.implicit[0]:
            raise self.refusal(
                event, "merge keys (`<<`) are not supported; use `extends:` or repeat the lines"
            )
        place = _place(event)
        if key in parent.keys:
            why = f"the key {short(key)} stands here twice, first on line {parent.keys[key]}"
            raise self.refusal(event, why)
        parent.keys[key], _ = place
        parent.key, parent.key_at = key, place
        return True

    def alias(self, event: yaml.AliasEvent) -> _Node:
        self.aliases += 1
        name = event.anchor or ""
        node = self.anchors.get(name)
        if node is None:
            raise self.refusal(event, f"*{short(name)} has no &{short(name)} before it")
        if self.expects_key():
            raise self.refusal(event, "a key has to be a single word or text")
        if self.aliases > MAX_ALIASES:
            raise self.refusal(event, f"has more than {MAX_ALIASES} aliases (`*name`)")
        if len(self.open) + node.height > MAX_DEPTH:
            raise self.refusal(event, f"is nested more than {MAX_DEPTH} levels deep")
        return node

    def put(self, event: yaml.Event, node: _Node) -> None:
        if node.anchor is not None:
            self.anchors[node.anchor] = node
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if isinstance(parent.value, dict):
            parent.value[parent.key] = node
            parent.key = None
        else:
            parent.value.append(node)
        parent.size += node.size
        parent.height = max(parent.height, node.height + 1)
        if parent.size > MAX_VALUES:
            raise self.refusal(event, f"holds more than {MAX_VALUES:,} values")

    def words(self, event: yaml.ScalarEvent) -> str:
        if event.tag not in {None, "!", "tag:yaml.org,2002:str"}:
            raise self.refusal(event, _no_tags(event.tag))
        text: str = event.value
        try:  # as JSON writes an emoji
            return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            raise self.refusal(event, "half of a surrogate pair is not a character") from None

    def scalar(self, event: yaml.ScalarEvent) -> Any:
        text = self.words(event)
        if event.tag is not None or not event.implicit[0]:
            return text
        try:
            return scalars.resolved(text)
        except (ValueError, OverflowError) as error:
            why = f"{short(text, 60)} is not allowed: {short(str(error))}"
            raise self.refusal(event, f"{self.path()}{why}") from None

    def path(self) -> str:
        here = [len(node.value) if isinstance(node.value, list) else node.key or "" for node in self.open]
        return f"{dotted(tuple(here))}: " if any(isinstance(part, str) for part in here) else ""
