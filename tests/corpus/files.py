"""Files that are no scenario: what is in them, and what is told; large ones are made, not kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from scenarios.yaml_source import MAX_BYTES, MAX_DEPTH, MAX_VALUES

LARGE = 100_000_000

EMPTY = "city.yml: the file is empty; it should hold `key: value` lines"
AT_THE_TOP = "city.yml:1: the file should hold `key: value` lines at the top"
TOO_DEEP = f"is nested more than {MAX_DEPTH} levels deep"
TOO_LARGE = f"city.yml: is larger than {MAX_BYTES:,} bytes, the most that is read"
NO_TAGS = "is not allowed"


def bomb(levels: int, width: int) -> str:
    """Return lists of aliases of lists of aliases: a few lines that stand for width to the power of levels."""
    names = [f"a{level}" for level in range(levels)]
    lines = [f"{names[0]}: &{names[0]} [x, x]"]
    for below, name in pairwise(names):
        lines.append(f"{name}: &{name} [{', '.join([f'*{below}'] * width)}]")
    return "\n".join(lines)


CONTENTS: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", EMPTY),
    "a comment": ("# seed: 3\n", EMPTY),
    "line breaks": ("\n\n\n", EMPTY),
    "three dashes": ("---\n", EMPTY),
    "a word": ("city\n", AT_THE_TOP),
    "a number": ("3\n", AT_THE_TOP),
    "a list": ("- name: city\n", AT_THE_TOP),
    "nothing, said aloud": ("null\n", EMPTY),
    "two documents": ("name: city\n---\nname: town\n", "city.yml:2: a second document (`---`) starts here; a file holds one"),
    "a list that is not closed": ("name: city\nexamples: [a, b\n", "city.yml:2: `[` is not closed"),
    "a mapping that is not closed": ("market: {days: 2\n", "city.yml:1: `{` is not closed"),
    "a quote that is not closed": ("name: 'city\n", "city.yml:1: is not YAML: a quote is not closed"),
    "a colon too many": ("name: city: large\n", "city.yml:1: a second `: ` on one line; put the value in quotes"),
    "a colon too few": ("name city\nseed: 3\n", "city.yml:2: `: ` is not expected here; the line above may lack one, or this one is indented too far"),
    "a colon without a space": ("market:\n  days:2\n  shards: 4\n", "city.yml:3: `: ` is not expected here; the line above may lack one, or this one is indented too far"),
    "an equals sign": ("name = city\nseed: 3\n", "city.yml:2: `: ` is not expected here; the line above may lack one, or this one is indented too far"),
    "an equals sign, later": ("name: city\nseed = 3\nexamples: []\n", "city.yml:2: `key: value` is expected here, with a `:` and a space after the key"),
    "a block that falls out of its own": ("market:\ndays: 2\n  shards: {a: 2}\n", "city.yml:3: `: ` is not expected here; the line above may lack one, or this one is indented too far"),
    "a no-break space": ("market:\n\u00a0\u00a0days: 2\n  shards: 4\n", "city.yml:2: a space of another kind, such as a no-break one, indents this; use plain spaces"),
    "a list that is not closed, and more": ("examples: [\nmarket:\n  days: 2\n", "city.yml:1: `[` is not closed"),
    "a list with a word too many": ("examples: ['a' 'b']\n", "city.yml:1: is not YAML: expected ',' or ']', but got '<scalar>'"),
    "a dash among keys": ("name: city\n- seed: 3\n", "city.yml:2: is indented otherwise than the lines that it belongs to"),
    "words after a quote": ("name: 'a' city\n", "city.yml:1: something follows a value that is complete; put the whole value in quotes"),
    "a tab after a value": ("name: city\nseed: 3\t\n", "city.yml:2: a tab stands here; use spaces"),
    "a tab before a key": ("market:\n\tdays: 2\n", "city.yml:2: a tab cannot indent YAML; use spaces"),
    "a tab after a dash": ("examples:\n\t- a\n", "city.yml:2: a tab cannot indent YAML; use spaces"),
    "indented too much": ("name: city\n  seed: 3\n", "city.yml:2: `: ` is not expected here; the line above may lack one, or this one is indented too far"),
    "indented too little": ("market:\n    days: 2\n  shards: 4\n", "city.yml:3: is indented otherwise than the lines that it belongs to"),
    "a percent sign": ("%name: city\n", "city.yml:1: is not YAML: expected alphabetic or numeric character, but found ':'"),
    "an at sign": ("name: @city\n", "city.yml:1: a value cannot begin with '@'; put it in quotes"),
    "a backtick": ("name: `city`\n", "city.yml:1: a value cannot begin with '`'; put it in quotes"),
    "an escape that is none": ('name: "\\q"\n', "city.yml:1: is not YAML: found unknown escape character 'q'"),
    "JSON with a comma too many": ('{"name": "city", "seed": 3,, }\n', "city.yml:1: a value is missing before `,`"),
    "a key twice": ("name: city\nseed: 3\nname: town\n", "city.yml:3: the key name stands here twice, first on line 1"),
    "a key twice, inside": ("market:\n  days: 2\n  shards: 4\n  days: 3\n", "city.yml:4: the key days stands here twice, first on line 2"),
    "a key twice, once in quotes": ('seed: 3\n"seed": 4\n', "city.yml:2: the key seed stands here twice, first on line 1"),
    "a key that is empty": ('"": 3\n', "city.yml:1: a key is missing before `:`"),
    "a key that is a list": ("? [a]\n: 3\n", "city.yml:1: a key has to be a single word or text"),
    "a key that is an alias": ("a: &a [x]\n*a : 3\n", "city.yml:2: a key has to be a single word or text"),
    "a merge": ("a: &a {days: 2}\nmarket:\n  <<: *a\n", "city.yml:3: merge keys (`<<`) are not supported; use `extends:` or repeat the lines"),
    "a tag of Python": ("name: !!python/object/apply:os.system [true]\n", "city.yml:1: the tag !!python/object/apply:os.system is not allowed"),
    "a tag of a module": ("seed: !!python/name:os.system\n", "city.yml:1: the tag !!python/name:os.system is not allowed"),
    "a tag of YAML": ("seed: !!int 3\n", "city.yml:1: the tag !!int is not allowed"),
    "a binary": ("name: !!binary aGk=\n", "city.yml:1: the tag !!binary is not allowed"),
    "a tag of one's own": ("name: !city x\n", "city.yml:1: the tag !city is not allowed"),
    "a tag on a mapping": ("market: !!map {days: 2}\n", "city.yml:1: the tag !!map is not allowed"),
    "a tag that stands for a tag": ("%TAG ! tag:x.example.com,2026:\n---\nname: !a b\n", "city.yml:3: the tag tag:x.example.com,2026:a is not allowed"),
    "an alias of nothing": ("seed: *a\n", "city.yml:1: *a has no &a before it"),
    "an alias of itself": ("a: &a [*a]\n", "city.yml:1: *a has no &a before it"),
    "a bomb of nine levels": (bomb(10, 9), f"city.yml:6: holds more than {MAX_VALUES:,} values"),
    "a bomb of forty levels": (bomb(41, 2), f"city.yml:15: holds more than {MAX_VALUES:,} values"),
    "a bomb of forty levels, thin": (bomb(41, 1), f"city.yml:32: {TOO_DEEP}"),
    "lists in lists": ("a: " + "[" * 5000 + "]" * 5000, f"city.yml:1: {TOO_DEEP}"),
    "mappings in mappings": ("{a: " * 5000 + "}" * 5000, f"city.yml:1: {TOO_DEEP}"),
    "dashes in dashes": ("a:\n" + "- " * 5000 + "b", f"city.yml:2: {TOO_DEEP}"),
    "lists in lists that are not closed": ("[" * 100_000, f"city.yml:1: {TOO_DEEP}"),
    "too many values": (f"a: &a [{'1,' * 999}]\nb: [{'*a,' * (MAX_VALUES // 1000 - 2)}]\nc: [{'1,' * 1000}]", f"city.yml:3: holds more than {MAX_VALUES:,} values"),
    "a byte too many": ("a: " + "x" * MAX_BYTES, TOO_LARGE),
    "Latin-1": ("name: city\ndescription: Z\xfcrich\n".encode("latin-1"), "city.yml:2: is not UTF-8 (byte 0xfc); save the file as UTF-8"),
    "UTF-16": ("name: city\n".encode("utf-16"), "city.yml:1: is not UTF-8 (byte 0xff); save the file as UTF-8"),
    "UTF-8 cut off": ("name: Zür".encode()[:-2], "city.yml:1: is not UTF-8 (byte 0xc3); save the file as UTF-8"),
    "an overlong slash": (b"name: \xc0\xaf\n", "city.yml:1: is not UTF-8 (byte 0xc0); save the file as UTF-8"),
    "a surrogate as bytes": (b"name: \xed\xa0\x80\n", "city.yml:1: is not UTF-8 (byte 0xed); save the file as UTF-8"),
    "a surrogate as an escape": ('name: "\\ud800"\n', "city.yml:1: half of a surrogate pair is not a character"),
    "a character beyond Unicode": ('name: "\\U00110000"\n', "city.yml:1: is not YAML: chr() arg not in range(0x110000)"),
    "a null character": ("name: ci\0ty\n", "city.yml:1: the character 0x00 is not allowed"),
    "an escape character": ("name: city\nseed: \x1b[31m3\n", "city.yml:2: the character 0x1b is not allowed"),
    "a C1 control": ("name: ci\x90ty\n", "city.yml:1: the character 0x90 is not allowed"),
    "a character that is none": ("name: \ufffe\n", "city.yml:1: the character 0xfffe is not allowed"),
    "a byte order mark in the middle": ("name: city\n\ufeffseed: 3\n", "city.yml:2: \\ufeffseed: unknown key; did you mean seed?"),
    "an archive": (b"PK\x03\x04\x14\x00\x00\x00\x08\x00", "city.yml:1: the character 0x03 is not allowed"),
    "a database": (b"SQLite format 3\x00\x10\x00\x01\x01", "city.yml:1: the character 0x00 is not allowed"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "city.yml:1: is not UTF-8 (byte 0x89); save the file as UTF-8"),
    "a page of HTML": ("<!DOCTYPE html>\n<html lang='en'>\n", AT_THE_TOP),
    "a profile, not a scenario": ("advertiser: {name: A}\n", "city.yml:1: name: is missing\ncity.yml:1: advertiser: unknown key; known here: name, description, seed, examples, profiles, campaigns, bidders, drawn, overrides, market"),
    "itself": ("extends: city.yml\n", "city.yml:1: extends: goes round in a circle: city.yml → city.yml"),
}  # fmt: skip


def _folder(path: Path) -> None:
    path.mkdir()


def _large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(LARGE)  # sparse: it takes no room


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


def _into_nothing(path: Path) -> None:
    path.symlink_to("nowhere.yml")


def _to_a_folder(path: Path) -> None:
    path.symlink_to("..", target_is_directory=True)


def _missing(path: Path) -> None:
    del path


THINGS: dict[str, tuple[Callable[[Path], None], str]] = {
    "nothing at all": (_missing, "city.yml: no such file"),
    "a folder": (_folder, "city.yml: is a directory; name a YAML file in it"),
    "a file of 100 MB": (_large, TOO_LARGE),
    "a pipe": (os.mkfifo, "city.yml: is not a file"),
    "a link to itself": (_circle, "city.yml: cannot be read: Too many levels of symbolic links"),
    "a link to nothing": (_into_nothing, "city.yml: no such file"),
    "a link to a folder": (_to_a_folder, "city.yml: is a directory; name a YAML file in it"),
}
