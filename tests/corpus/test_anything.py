"""Whatever a file or an option says, the loader takes it or refuses it in words; nothing else escapes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entities.errors import InputError
from scenarios import loader
from scenarios.models import Scenario
from scenarios.shape import Shape

SHIPPED = sorted(
    path for folder in (loader.MARKETS, loader.PROFILES, loader.EXAMPLES) for path in folder.glob("*.yml")
)
TEXTS = [path.read_text() for path in SHIPPED] + [(Path(__file__).parent / "right.yml").read_text()]
PIECES = (
    *(
        ":",
        "-",
        "#",
        "&a",
        "*a",
        "!x",
        "|",
        ">",
        "'",
        '"',
        "%",
        "@",
        "`",
        ",",
        "[",
        "]",
        "{",
        "}",
        "?",
        "\t",
        "\n",
        "  ",
    ),
    *(
        "0",
        "-1",
        "1e9",
        "1e999",
        ".nan",
        ".inf",
        "-0.0",
        str(2**63),
        "true",
        "null",
        "~",
        "2026-02-30",
        "0000-01-01",
    ),
    *(
        "9999-12-31",
        "=1",
        "\0",
        "\u202e",
        "\ud83d\ude80".encode("utf-16", "surrogatepass").decode("utf-16"),
        "é",
    ),
    *("extends: full", "extends: smoke", "kind: even", "kind: x", "<<: *a", "---\n", "x" * 300),
)
PATHS = list(Shape.of(Scenario).paths(6))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("anything") / "city.yml"


def taken_or_refused(file: Path, content: bytes, *options: str) -> None:
    file.write_bytes(content)
    for read in (lambda: loader.load(str(file), options), lambda: loader.examples(file)):
        try:
            read()
        except InputError as refused:
            lines = str(refused).splitlines()
            assert lines
            assert all(line.isprintable() for line in lines)


@given(st.text() | st.binary())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text(file: Path, content: str | bytes) -> None:
    taken_or_refused(
        file, content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    )


@given(st.sampled_from(TEXTS), st.integers(0, 2**32 - 1), st.integers(1, 4))
@settings(max_examples=120)
def test_a_scenario_of_ours_with_something_changed(file: Path, text: str, seed: int, changes: int) -> None:
    dice = random.Random(seed)
    for _ in range(changes):
        lines = text.splitlines() or [""]
        place = dice.randrange(len(lines))
        line = lines[place]
        at = dice.randrange(len(line) + 1)
        indent = line[: len(line) - len(line.lstrip())]
        lines[place] = dice.choice(
            [
                line[:at] + dice.choice(PIECES) + line[at:],
                line[:at],
                line[:at] + line[at + 1 :],
                f"{line.partition(':')[0]}: {dice.choice(PIECES)}",
                f"{indent}{dice.choice(PIECES)}",
                f"{line}\n{line}",
                f"  {line}",
                lines[dice.randrange(len(lines))],
            ]
        )
        text = "\n".join(lines)
    taken_or_refused(file, text.encode())


@given(st.lists(st.tuples(st.sampled_from(PATHS), st.sampled_from(PIECES) | st.text(max_size=5)), max_size=3))
@settings(max_examples=120)
def test_any_settings(file: Path, many: list[tuple[str, str]]) -> None:
    taken_or_refused(file, TEXTS[-1].encode(), *(f"{path}={value}" for path, value in many))
