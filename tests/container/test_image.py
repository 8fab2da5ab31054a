"""The image, without an engine: what goes into it, from where, and who it is run by."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import numba
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from typer.testing import CliRunner

import sim
from sim.cli.app import app
from tests.architecture.project import ROOT, project_files
from tests.architecture.test_project import pins
from tests.container.files import HERE, START, compose, environment, instructions, is_given, of

BUILD, FINAL = 1, 2
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def printed(*words: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, HERE / "packages.py", *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def steps() -> list[str]:
    """Return the commands that a build runs, one by one."""
    return [step.strip() for one in of("RUN") for step in one.text.split("&&")]


def test_both_stages_are_of_one_image_pinned_by_its_version_with_room_for_its_digest() -> None:
    arguments = dict(one.text.partition("=")[::2] for one in of("ARG", 0))
    assert [one.words[0] for one in of("FROM")] == ["${PYTHON_IMAGE}${PYTHON_DIGEST}"] * 2
    found = re.fullmatch(r"python:(\d+\.\d+)-slim-[a-z]+", arguments["PYTHON_IMAGE"])
    assert found
    assert found[1] == SETTINGS["tool"]["mypy"]["python_version"]
    assert Requirement(f"python{SETTINGS['project']['requires-python']}").specifier.contains(found[1])
    assert arguments["PYTHON_DIGEST"] == ""


def test_what_is_copied_is_there_and_is_given_to_a_build() -> None:
    files = [path.as_posix() for path in project_files()]
    copied = [source for one in of("COPY") if not one.option("from") for source in one.words[:-1]]
    assert {"sim", "entities", "scenarios", "analysis"} < set(copied)
    for source in copied:
        within = [name for name in files if name == source or name.startswith(f"{source}/")]
        assert within, source
        assert all(map(is_given, within)), source
    given = {name for name in files if is_given(name)}
    assert given == {
        name for name in files for source in copied if name == source or name.startswith(f"{source}/")
    }


@pytest.mark.parametrize(
    "path",
    [
        ".git/HEAD", ".git/objects/1f/2e", ".venv/bin/python", ".container/password", ".container/compose.yaml", "ads.db",
        "sim/ads.db", "sim/engine/runs/ads.db-wal", "ads.db.unfinished/run/state", "analysis/ads.db.unfinished/run/state",
        "events/run_id=1/date=2026-11-02/events.parquet", "sim/events.parquet", "sim/kernels/__pycache__/checks.nbc",
        "tests/conftest.py", "smoke.run.zip", "sim/smoke.run.zip", ".env", ".mypy_cache/x", "dist/paceline.whl",
    ],
)  # fmt: skip
def test_a_build_is_given_nothing_of_anybody_s(path: str) -> None:
    assert not is_given(path)


def test_pip_installs_nothing_that_is_not_pinned_by_its_hash() -> None:
    pip = [
        shlex.split(step)
        for step in steps()
        if " pip " in f"{step} " and ("install" in step or "wheel" in step)
    ]
    pip = [words for words in pip if "-m" in words]
    assert len(pip) == 5
    for words in pip:
        ours = "--no-deps" in words and ("--no-index" in words or "--no-build-isolation" in words)
        assert ours != ("--require-hashes" in words), words
    others = [words for words in pip if "--require-hashes" in words]
    for words in others:
        assert "--requirement" in words or words[words.index("--constraint") + 1] == ".constraints.txt"


def test_the_pin_of_a_package_is_that_of_the_project() -> None:
    lines = printed("pip")
    assert lines[0] == f"pip=={pins()['pip']} \\"
    assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in lines[1:])
    assert len(lines) > 1
    assert not lines[-1].endswith("\\")
    missing = subprocess.run([sys.executable, HERE / "packages.py", "nothing"], cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert (missing.returncode, missing.stderr) == (1, "error: .constraints.txt has no pin of nothing\n")


def test_all_that_the_image_needs_is_pinned_and_no_tool_of_tests_is_among_it() -> None:
    asked = [Requirement(line) for line in printed()]
    assert "psycopg" in {one.name for one in asked}
    found, pinned = set[str](), pins()
    while asked:
        one = asked.pop()
        name = canonicalize_name(one.name)
        if name not in found:
            assert one.specifier.contains(Version(pinned[name])), name
            found.add(name)
            try:
                more = [Requirement(line) for line in requires(name) or ()]
            except PackageNotFoundError:  # not of this platform
                continue
            extras = one.extras or {""}
            asked += [each for each in more if not each.marker or any(each.marker.evaluate({"extra": extra}) for extra in extras)]  # fmt: skip
    assert {"numpy", "numba", "psycopg-binary"} < found
    assert not found & {"pytest", "mypy", "ruff", "hypothesis", "duckdb", "gymnasium"}


def test_functions_are_compiled_after_their_sources_have_the_time_that_they_will_have() -> None:
    run = next(one.text for one in of("RUN", BUILD) if "compiled.py" in one.text)
    assert run.index(" touch ") < run.index("compileall") < run.index(" compiled.py")
    seconds = re.search(r"--date=@(\d+) ", run)
    assert seconds
    build, final = environment(BUILD), environment(FINAL)
    for name in ("NUMBA_CPU_NAME", "NUMBA_CACHE_DIR"):
        assert build[name] == final[name]
    (copied,) = [one for one in of("COPY", FINAL) if one.words == ["/compiled", "/compiled"]]
    assert copied.option("chown") == of("USER", FINAL)[0].text
    # Who else may write there would make it somebody's that is not to be trusted.
    assert "chmod -R u=rwX,go=rX /compiled" in run


def test_it_is_run_by_a_user_of_its_own_who_is_not_root() -> None:
    (user,) = of("USER")
    assert user.stage == FINAL
    found = re.fullmatch(r"(\d+):(\d+)", user.text)
    assert found
    assert int(found[1]) >= 10_000
    made = next(one.text for one in of("RUN", FINAL))
    assert f"--uid {found[1]}" in made
    assert f"--gid {found[2]}" in made
    order = [one.word for one in instructions() if one.stage == FINAL]
    assert "RUN" not in order[order.index("USER") :]
    assert [one.text for one in of("VOLUME")] == ["/data"] == [one.text for one in of("WORKDIR", FINAL)]
    assert "--mode=0700 /data" in made


def test_its_variables_are_read_and_none_is_a_secret() -> None:
    said = environment(FINAL)
    code = "".join((ROOT / path).read_text(encoding="utf-8") for path in project_files() if path.suffix == ".py" and path.parts[0] != "tests")  # fmt: skip
    script = START.read_text(encoding="utf-8")
    for name in said:
        if name.startswith("NUMBA_"):
            assert hasattr(numba.config, name.removeprefix("NUMBA_")), name
        elif name not in {"PATH", "HOME", "PYTHONDONTWRITEBYTECODE"}:
            assert f'"{name}"' in code or f"${name}" in script or f"${{{name}:-}}" in script, name
    assert not [name for name, value in said.items() if "PASSWORD" in name and value]
    page = (HERE / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (?:`(.*)`|none) \|$", page, re.MULTILINE))
    assert rows.keys() == {name for name in said if not name.startswith(("NUMBA_", "PYTHON", "PATH", "HOME"))} | {"PACELINE_DEBUG"}  # fmt: skip
    assert {name: value for name, value in rows.items() if value} == {
        name: said[name] for name, value in rows.items() if value
    }


def test_versions_are_those_of_the_project() -> None:
    for file in ("Dockerfile", "README.md", "compose.yaml"):
        found = set(re.findall(r"paceline:(\d[\w.]*)", (HERE / file).read_text(encoding="utf-8")))
        assert found == {sim.__version__}, file
    assert {one["image"] for name, one in compose()["services"].items() if name != "database"} == {
        f"paceline:{sim.__version__}"
    }


def test_what_is_started_is_there() -> None:
    (start,) = [one for one in of("COPY", FINAL) if START.name in one.text]
    assert Path(start.words[-1]).parent.as_posix() == environment(FINAL)["PATH"].partition(":")[0]
    assert of("ENTRYPOINT")[0].text == f'["{Path(start.words[-1]).name}"]'
    assert start.option("chmod") == "0755"
    assert START.stat().st_mode & 0o111
    assert CliRunner().invoke(app, yaml_words(of("CMD", FINAL)[0].text)).exit_code == 0


def yaml_words(text: str) -> list[str]:
    return re.findall(r'"([^"]*)"', text)


def health() -> list[str]:
    """Return the words of the health check, without `paceline`."""
    (one,) = of("HEALTHCHECK")
    assert all(one.option(name) for name in ("interval", "timeout", "start-period", "retries"))
    name, *words = yaml_words(one.text)
    assert name == "paceline"
    return words


def test_it_is_healthy_with_a_database_and_not_without(tmp_path: Path) -> None:
    file = tmp_path / "ads.db"
    asked = {"env": {"DATABASE_URL": str(file)}, "prog_name": "paceline"}
    assert CliRunner().invoke(app, health(), **asked).exit_code == 2
    assert not file.exists()
    assert CliRunner().invoke(app, ["init-db"], **asked).exit_code == 0
    before = file.read_bytes()
    done = CliRunner().invoke(app, health(), **asked)
    assert (done.exit_code, done.output) == (0, "")
    assert file.read_bytes() == before
    file.write_bytes(before[:100] + bytes(len(before) - 100))
    assert CliRunner().invoke(app, health(), **asked).exit_code == 2
    file.write_text("advertiser;campaign\n" * 100)
    assert CliRunner().invoke(app, health(), **asked).exit_code == 2
