"""The same mistakes, made at the command: one message on stderr, the code of bad input, and nothing left behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sim.cli.app import app
from tests.corpus import files, names
from tests.corpus.cases import cases

HERE = Path(__file__).parent
SCENARIOS, NAMES, SETTINGS = (cases(name) for name in ("scenarios", "names", "settings"))
RIGHT = (HERE / "right.yml").read_text()


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PACELINE_DEBUG", raising=False)
    return tmp_path


def paceline(*args: str) -> Result:
    return CliRunner().invoke(app, list(args), prog_name="paceline")


def refused(message: str, *args: str) -> None:
    before = sorted(Path.cwd().iterdir())
    done = paceline(*args)
    first, *rest = message.splitlines()
    assert done.stderr == "\n".join([f"error: {first}", *(f"       {line}" for line in rest)]) + "\n"
    assert (done.exit_code, done.stdout) == (2, "")
    assert sorted(Path.cwd().iterdir()) == before


@pytest.mark.parametrize("case", SCENARIOS[::4], ids=lambda case: case["case"])
def test_a_scenario_with_a_mistake(case: dict[str, str]) -> None:
    Path("city.yml").write_text(RIGHT.replace(case["instead_of"], case["says"]))
    refused(case["told"], "simulate", "city.yml", "--json")


@pytest.mark.parametrize("case", SETTINGS[::4], ids=lambda case: case["set"])
def test_a_setting_with_a_mistake(case: dict[str, str]) -> None:
    Path("city.yml").write_text(RIGHT)
    refused(case["told"], "simulate", "city.yml", "--json", "--set", case["set"])


@pytest.mark.parametrize(
    "case",
    [case for case in files.CONTENTS if "key;" not in files.CONTENTS[case][1] and "many" not in case][::4],
)
def test_a_file_that_is_no_template(case: str) -> None:
    content, message = files.CONTENTS[case]
    Path("city.yml").write_bytes(content if isinstance(content, bytes) else content.encode())
    refused(message, "create-example", "--template", "city.yml")


@pytest.mark.parametrize("name", [name for name in names.PATHS if name.isprintable() and name])
def test_a_scenario_that_is_not_there(name: str) -> None:
    refused(names.PATHS[name], "simulate", "--json", "--", name)


def test_a_database_that_is_none_is_left_alone() -> None:
    Path("ads.db").write_text("name: city\n" * 100)
    done = paceline("simulate", "smoke", "--json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "error: database ads.db: file is not a database\n"
    assert Path("ads.db").read_text() == "name: city\n" * 100


def test_a_name_that_is_sql_does_nothing_but_be_shown() -> None:
    name = names.ACCEPTED["SQL"]
    text = RIGHT.replace("name: C", f"name: {json.dumps(name)}").replace(
        "days: 2", "days: 1, population: {viewers: 50}"
    )
    Path("city.yml").write_text(text)
    done = paceline("simulate", "city.yml")
    assert done.exit_code == 0, done.stderr
    assert name in done.stdout
    status = paceline("status", "--json")
    assert json.loads(status.stdout)["rows"]["campaigns"] == 1
