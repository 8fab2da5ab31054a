"""Every rule holds for every file, and every rule is seen to catch what it is there for."""

import ast

import pytest

from tests.architecture.project import PACKAGES, ROOT, python_files
from tests.architecture.rules import RULES, RULES_OF_TESTS, WALL_CLOCK, Rule, Source, source

BAD = {
    "no_reordered_floats": [
        "from numba import njit\n@njit(fastmath=True)\ndef f(): ...",
        "import numba\nf = numba.njit(parallel=FAST)(g)",
        "options = {'fastmath': True}",
        "from numba import prange\nfor i in prange(3): ...",
    ],
    "no_global_randomness": [
        "import random\nrandom.random()",
        "from random import shuffle as mix\nmix([])",
        "import random as r\nr.Random()",
        "import numpy as np\nnp.random.normal(0, 1)",
        "import numpy\nnumpy.random.seed(1)",
        "from numpy.random import default_rng\ndefault_rng()",
        "import numpy as np\nnp.random.default_rng(None)",
        "from numpy import random as nr\nnr.SeedSequence()",
    ],
    "no_hash_of_objects": ["hash('drama')", "class A:\n  def key(self):\n    return hash(self)"],
    "no_code_from_data": [
        "eval('1')",
        "exec('x = 1')",
        "import builtins\nbuiltins.eval('1')",
        "import yaml\nyaml.load(text)",
        "import yaml\nyaml.load(text, yaml.Loader)",
        "from yaml import load, FullLoader\nload(text, Loader=FullLoader)",
        "import yaml\nyaml.unsafe_load(text)",
    ],
    "no_print": ["print('done')"],
    "no_wall_clock": [
        "from datetime import datetime, UTC\ndatetime.now(UTC)",
        "import datetime as dt\ndt.date.today()",
        "import time\ntime.time()",
        "from time import time_ns\ntime_ns()",
        "import numpy as np\nnp.datetime64('now')",
        "fake.past_date()",
        "Faker().date_this_year()",
    ],
    "has_docstring": ["x = 1", '""" """'],
    "is_short": ["x = 1\n" * 401],
    "no_noise_in_names": ["class BudgetManager: ...", "class EventHandler: ...", "class TimeUtils: ..."],
}
GOOD = {
    "no_reordered_floats": ["from numba import njit\n@njit(cache=True, fastmath=False)\ndef f(): ..."],
    "no_global_randomness": [
        "import random\nrandom.Random(3)",
        "import numpy as np\nnp.random.Philox(np.random.SeedSequence(3, spawn_key=(1,)))",
        "import numpy as np\nnp.random.default_rng(seed).normal()",
    ],
    "no_hash_of_objects": [
        "class A:\n  def __hash__(self):\n    return hash(self.key)",
        "import hashlib\nhashlib.sha256()",
    ],
    "no_code_from_data": [
        "import yaml\nyaml.safe_load(text)",
        "import yaml\nyaml.load(text, Loader=yaml.CSafeLoader)",
        "import re\nre.compile('x')",
        "model.eval()",
    ],
    "no_print": ["console.print('done')", "sys.stdout.write('x')"],
    "no_wall_clock": [
        "import time\ntime.perf_counter()",
        "from datetime import datetime\ndatetime(2026, 11, 2)",
    ],
    "has_docstring": ['"""Money."""'],
    "is_short": ["x = 1\n" * 400],
    "no_noise_in_names": ["class LineItem: ..."],
}


def broken(rule: Rule, folders: tuple[str, ...]) -> list[str]:
    found = []
    for path in python_files(*folders):
        text = (ROOT / path).read_text(encoding="utf-8")
        file = Source(path, text, ast.parse(text, str(path)))
        found += [f"{path}:{place.line}: {place.why}" for place in rule(file)]
    return found


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


def test_the_command_may_print_and_the_listed_files_may_read_the_clock() -> None:
    by_name = {rule.__name__: rule for rule in RULES}
    assert not list(by_name["no_print"](source("print('done')", "sim/cli/app.py")))
    for path in WALL_CLOCK:
        assert not list(by_name["no_wall_clock"](source("import time\ntime.time()", path)))
