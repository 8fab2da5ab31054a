"""Every rule holds for every file, and every rule is seen to catch what it is there for."""

import ast
import subprocess
import sys
from functools import cache

import pytest

from tests.architecture.project import PACKAGES, ROOT, python_files
from tests.architecture.rules import RULES, RULES_OF_TESTS, Rule, Source, source

BAD = {
    "no_reordered_floats": [
        "from numba import njit\n@njit(fastmath=True)\ndef f(): ...",
        "import numba\nf = numba.njit(parallel=FAST)(g)",
        "options = {'fastmath': True}",
        "from numba import prange\nfor i in prange(3): ...",
    ],
    "no_hash_of_objects": ["hash('drama')", "class A:\n  def key(self):\n    return hash(self)"],
    "is_short": ["x = 1\n" * 401],
    "no_noise_in_names": ["class BudgetManager: ...", "class EventHandler: ...", "class TimeUtils: ..."],
}
GOOD = {
    "no_reordered_floats": ["from numba import njit\n@njit(cache=True, fastmath=False)\ndef f(): ..."],
    "no_hash_of_objects": [
        "class A:\n  def __hash__(self):\n    return hash(self.key)",
        "import hashlib\nhashlib.sha256()",
    ],
    "is_short": ["x = 1\n" * 400],
    "no_noise_in_names": ["class LineItem: ..."],
}
REFUSED_BY_RUFF = {
    "TID251": [
        "import random",
        "from numpy.random import default_rng",
        "from datetime import UTC, datetime\ndatetime.now(UTC)",
        "import datetime as dt\ndt.date.today()",
        "import time\ntime.time()",
    ],
    "NPY002": ["import numpy as np\nnp.random.normal(0, 1)"],
    "S307": ["eval('1')"],
    "S102": ["exec('x = 1')"],
    "S506": ["import yaml\nyaml.load(text, yaml.Loader)"],
    "T201": ["print('done')"],
    "D100": ["x = 1"],
}


@cache
def parsed(folders: tuple[str, ...]) -> tuple[Source, ...]:
    texts = ((path, (ROOT / path).read_text(encoding="utf-8")) for path in python_files(*folders))
    return tuple(Source(path, text, ast.parse(text, str(path))) for path, text in texts)


def broken(rule: Rule, folders: tuple[str, ...]) -> list[str]:
    return [f"{file.path}:{place.line}: {place.why}" for file in parsed(folders) for place in rule(file)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_sources_keep_the_rule(rule: Rule) -> None:
    assert broken(rule, PACKAGES) == []


@pytest.mark.parametrize("rule", RULES_OF_TESTS, ids=lambda rule: rule.__name__)
def test_the_tests_keep_the_rule(rule: Rule) -> None:
    assert broken(rule, ("tests",)) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_catches_what_it_is_there_for(rule: Rule) -> None:
    for snippet in BAD[rule.__name__]:
        assert list(rule(source(snippet))), snippet
    for snippet in GOOD[rule.__name__]:
        assert not list(rule(source(snippet))), snippet


@pytest.mark.parametrize("code", REFUSED_BY_RUFF)
def test_ruff_refuses_what_the_project_forbids(code: str) -> None:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--stdin-filename",
        "sim/example.py",
        "--output-format",
        "concise",
        "-",
    ]
    for snippet in REFUSED_BY_RUFF[code]:
        done = subprocess.run(command, input=snippet, cwd=ROOT, capture_output=True, text=True, check=False)
        assert f" {code} " in done.stdout, (snippet, done.stdout, done.stderr)
