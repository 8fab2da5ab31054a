"""Reading one file: what words mean, where they stand, and what is refused."""

import datetime as dt
import math
import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from entities.errors import InputError
from scenarios.layers import places
from scenarios.yaml_source import MAX_BYTES, MAX_DEPTH, MAX_VALUES, parse_value, read


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "market.yml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("7", 7), ("-7", -7), ("+7", 7), ("0", 0), ("1_000_000", 1_000_000), ("1e6", 1_000_000), ("-2E3", -2000)),
        *(("0.5", 0.5), (".5", 0.5), ("1.", 1.0), ("1.5e3", 1500.0), ("1e-3", 0.001), ("1_000.5", 1000.5)),
        *(("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("# nothing", None)),
        *(("2026-11-02", dt.date(2026, 11, 2)), ("2026-11-02 06:30", dt.datetime.combine(dt.date(2026, 11, 2), dt.time(6, 30)))),
        ("2026-11-02T06:30:00Z", dt.datetime(2026, 11, 2, 6, 30, tzinfo=dt.UTC)),
        # What YAML 1.1 would read as something else is text.
        *((word, word) for word in ("yes", "no", "on", "off", "y", "NO", "20:30", "1:30:00", "007", "0x1F", "=")),
        *((word, word) for word in ("1__0", "_1", "1_", "1.2.3", "12 seconds", "+", ".", "nan", "inf", "e6")),
        *(("'7'", "7"), ('"true"', "true"), ("!!str 7", "7"), ("! 7", "7"), ("$25.00", "$25.00"), ("٣", "٣")),
        *(("[1, a]", [1, "a"]), ("{a: {b: 1}}", {"a": {"b": 1}}), ("[]", []), ("{}", {})),
    ],
)  # fmt: skip
def test_a_value_is_read_as_one_would_say_it(text: str, value: Any) -> None:
    assert parse_value(text, "x") == value
    assert type(parse_value(text, "x")) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".nan", "x: .nan is not allowed: a number has to be finite"),
        ("[-.inf]", "x: -.inf is not allowed: a number has to be finite"),
        ("1e999", "x: 1e999 is not allowed: the number is too large"),
        ("9" * 500, "the number is too long"),
        ("2026-02-30", "x: 2026-02-30 is not allowed: day is out of range for month"),
        ("0000-01-01", "x: 0000-01-01 is not allowed: year 0 is out of range"),
        ("!!int 3", "x: the tag !!int is not allowed"),
        ("!!python/object/apply:os.system [x]", "x: the tag !!python/object/apply:os.system is not allowed"),
        ("!mine {a: 1}", "x: the tag !mine is not allowed"),
        ("[a", "x: `[` is not closed"),
        ("a: b: c", "x: a second `: ` on one line; put the value in quotes"),
        ("*a", "x: *a has no &a before it"),
        ("&a [*a]", "x: *a has no &a before it"),
        ("{a: 1, a: 2}", "x: the key a stands here twice, first on line 1"),
        ("{1: 1, '1': 2}", "x: the key 1 stands here twice, first on line 1"),
        ("{? [a] : 1}", "x: a key has to be a single word or text"),
        ("{&a b: 1, *a : 1}", "x: a key has to be a single word or text"),
        ("{'': 1}", "x: a key is missing before `:`"),
        ("{<<: {a: 1}}", "x: merge keys (`<<`) are not supported; use `extends:` or repeat the lines"),
        ('"\\ud800"', "x: half of a surrogate pair is not a character"),
        ('"\\UFFFFFFFF"', "x: is not YAML: "),
        ("a\x07", "x: the character 0x07 is not allowed"),
        ("a\n--- b", "x:2: a second document (`---`) starts here; a file holds one"),
    ],
)
def test_what_is_refused_says_why(text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_value(text, "x")
    assert message in str(refused.value)


def test_keys_are_text_as_written(tmp_path: Path) -> None:
    path = written(tmp_path, "on: 1\n18: 2\n2026-11-02: 3\ntrue: 4\nnull: 5\n")
    assert list(read(path).data) == ["on", "18", "2026-11-02", "true", "null"]


def test_each_value_has_its_line_and_column(tmp_path: Path) -> None:
    text = "# title\nmarket:\n  viewers: 5\n  caps:\n  - count: 3\n  - {count: 4}\nname:\n  later\n"
    assert read(written(tmp_path, text)).lines == {
        (): (2, 1),
        ("market",): (2, 1),  # a block stands where its key does
        ("market", "viewers"): (3, 12),
        ("market", "caps"): (4, 3),
        ("market", "caps", 0): (5, 5),
        ("market", "caps", 0, "count"): (5, 12),
        ("market", "caps", 1): (6, 5),
        ("market", "caps", 1, "count"): (6, 13),
        ("name",): (8, 3),
    }


def test_an_alias_is_a_copy(tmp_path: Path) -> None:
    data = read(written(tmp_path, "a: &cap {count: 3}\nb: *cap\n")).data
    assert data["a"] == data["b"]
    assert data["a"] is not data["b"]


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    assert read(written(tmp_path, b"\xef\xbb\xbfname: caf\xc3\xa9\n")).data == {"name": "café"}


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as refused:
        read(path)
    assert "\n" not in str(refused.value)
    return str(refused.value).replace(f"{path.parent}/", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"name: x\ncity: M\xfcnchen\n", "market.yml:2: is not UTF-8 (byte 0xfc); save the file as UTF-8"),
        ("name: x".encode("utf-16"), "market.yml:1: is not UTF-8 (byte 0xff); save the file as UTF-8"),
        ("", "market.yml: the file is empty; it should hold `key: value` lines"),
        ("# only\n", "market.yml: the file is empty; it should hold `key: value` lines"),
        ("---\n", "market.yml: the file is empty; it should hold `key: value` lines"),
        ("- a\n", "market.yml:1: the file should hold `key: value` lines at the top"),
        ("just words\n", "market.yml:1: the file should hold `key: value` lines at the top"),
        ("a:\n\tb: 1\n", "market.yml:2: a tab cannot indent YAML; use spaces"),
        ("a: 1\n\nb: 2\na: 3\n", "market.yml:4: the key a stands here twice, first on line 1"),
        ("a: 1\nb: \x00\n", "market.yml:2: the character 0x00 is not allowed"),
        ("x: " + "[" * (MAX_DEPTH + 1), f"market.yml:1: is nested more than {MAX_DEPTH} levels deep"),
        (" " * MAX_BYTES + "a: 1", f"market.yml: is larger than {MAX_BYTES:,} bytes, the most that is read"),
    ],
)
def test_a_file_is_refused_in_one_line(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert refusal(written(tmp_path, text)) == message


def test_an_alias_bomb_is_refused_before_it_goes_off(tmp_path: Path) -> None:
    levels = "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefghi", "bcdefghij", strict=True)
    )
    assert (
        refusal(written(tmp_path, f"a: &a [x, x]\n{levels}"))
        == f"market.yml:6: holds more than {MAX_VALUES:,} values"
    )


def test_aliases_do_not_nest_deeper_than_brackets_may(tmp_path: Path) -> None:
    half = MAX_DEPTH // 2
    text = f"a: &a {'[' * half}{']' * half}\nb: {'[' * half}*a{']' * half}\n"
    assert refusal(written(tmp_path, text)) == f"market.yml:2: is nested more than {MAX_DEPTH} levels deep"


def test_what_is_not_a_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yml") == "none.yml: no such file"
    assert refusal(tmp_path).endswith(": is a directory; name a YAML file in it")
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == "pipe: is not a file"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert refusal(tmp_path / "loop").startswith("loop: cannot be read: ")
    assert "\\x00" in refusal(tmp_path / "a\0b") or "cannot be read" in refusal(tmp_path / "a\0b")
    assert refusal(tmp_path / ("x" * 300)).endswith("cannot be read: File name too long")
    assert refusal(written(tmp_path, "a: 1\n") / "below").startswith("below: cannot be read: ")


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a: 1\n")

    def denied(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert refusal(path) == "market.yml: cannot be read: Permission denied"


# PyYAML leaves 1e6 without quotes, which is text to YAML 1.1 and a number here.
words = st.text(st.characters(exclude_categories=["Cs"])).filter(
    lambda text: not re.search("[0-9][eE][0-9+-]", text)
)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | words | st.dates(),
    lambda inside: st.lists(inside, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), inside, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(plain)
def test_what_is_written_is_read_back(value: Any) -> None:
    text = yaml.safe_dump(value)
    assert parse_value(text, "x") == value


yamlish = st.lists(
    st.sampled_from([*"ab01-_.:,[]{}&*!|>'\"%@`#?~=<\t\n \r\\", "\n  ", "- ", ": ", "&a ", "*a", "!!str ", "<<", "---\n",
                     "1e6", ".inf", "2026-13-01", "\\ud800", "\\UFFFFFFFF", "%YAML 1.1\n", "? ", "\x85", "\ufeff"]),
    max_size=25,
).map("".join)  # fmt: skip


@given(st.text() | yamlish)
@example("%YAML 1.1\n---\n%")
@example("%YAML " + "9" * 5000 + ".1\n--- a")
def test_no_text_does_anything_but_be_read_or_refused(text: str) -> None:
    try:
        value = parse_value(text, "--set x")
    except InputError as refused:
        value = str(refused)
        assert value.isprintable()
    for place in places(value, ()):
        assert all(isinstance(part, int) or part for part in place)
    assert not isinstance(value, float) or math.isfinite(value)


@given(st.binary() | yamlish.map(str.encode))
def test_no_file_does_anything_but_be_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = written(tmp_path_factory.getbasetemp(), content)
    try:
        document = read(path)
    except InputError:
        return
    assert set(places(document.data, ())) == set(document.lines)
