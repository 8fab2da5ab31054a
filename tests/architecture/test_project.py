"""The project as a whole: its top level, its make targets, its pins, and nothing of anyone's machine."""

import re
import subprocess
import tomllib
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.project import FILES, PACKAGES, ROOT, project_files

TARGETS = {
    *("help", "deps", "init-db", "simulate", "test", "test-one"),
    *("check", "lint", "bench", "siege", "generated", "new", "verify", "notebooks", "dashboard", "clean"),
}
# What names an index, put together so that this file holds no trace of the kind that it looks for.
_URL, _LINKS, _HOST, _INDEX = (
    "-".join(("index", "url")),
    "-".join(("find", "links")),
    "trusted" + "-host",
    "IN" + "DEX",
)
# A folder of somebody's machine, or an option that names an index.
_MACHINE = re.compile(
    r"(?<![\w.~:/-])/(?:root|home|Users|work|opt|srv|mnt|private)/[\w.-]+|file://|[A-Z]:\\Users"
    rf"|--(?:extra-)?{_URL}|--{_LINKS}|--{_HOST}|(?:PIP|UV)_(?:EXTRA_|DEFAULT_)?{_INDEX}"
)
_PIN = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[\w.+!]+)(?: ; [^\\]+?)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
)


def strange(top: Iterable[str]) -> set[str]:
    allowed = {*PACKAGES, *FILES, "tests"}
    return {name for name in top if name not in allowed and not name.startswith(".")}


def traces(text: str) -> list[str]:
    return [match.group() for match in _MACHINE.finditer(text)]


def test_the_top_level_holds_what_is_listed_and_nothing_else() -> None:
    top = {path.parts[0] for path in project_files()}
    assert strange(top) == set()
    assert {*PACKAGES, *FILES, "tests"} - top == set()


def test_a_stranger_at_the_top_level_is_found() -> None:
    assert strange(["sim", "README.md", ".ci", "scripts", "setup.py"]) == {"scripts", "setup.py"}


def test_no_file_names_a_machine_or_an_index() -> None:
    found = {}
    for path in project_files():
        data = (ROOT / path).read_bytes()
        if path != Path("tests/architecture/test_project.py") and b"\0" not in data:
            found[path.as_posix()] = traces(data.decode(errors="replace"))
    assert {path: places for path, places in found.items() if places} == {}


def test_a_trace_of_a_machine_is_found() -> None:
    for text in (
        "see /root/notes",
        f"pip install --{_LINKS} x",
        "'/home/me/ads.db'",
        "file:///x",
        *(f"(/{folder}/x)" for folder in ("root", "home", "Users", "work", "opt", "srv", "mnt", "private")),
    ):
        assert traces(text), text
    for text in (
        "sqlite:///ads.db",
        "tests/opt/x",
        "https://a.b/home/x",
        f"--no-emit-{_URL}",
        "/tmp/x",
        "~/root/x",
    ):
        assert not traces(text), text


def pins() -> dict[str, str]:
    text = (ROOT / ".constraints.txt").read_text(encoding="utf-8")
    text = re.sub("^#.*\n", "", text, flags=re.MULTILINE)
    assert _PIN.sub("", text) == "", "without a version, or a hash"
    return {match["name"]: match["version"] for match in _PIN.finditer(text)}


def test_nothing_is_installed_but_what_is_pinned_by_its_hash() -> None:
    ask = ["make", "--no-print-directory", "--dry-run", "--always-make", "deps"]
    steps = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    installs = [step for step in steps if " pip " in step and " install " in step]
    assert installs
    for step in installs:
        ours = "--no-deps" in step and "--no-build-isolation" in step and step.endswith("--editable .")
        assert ours or "--require-hashes --requirement .constraints.txt" in step
    assert {"pip", "hatchling"} <= pins().keys()


def test_every_dependency_has_a_range_and_a_pin_inside_it() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, pinned = settings["project"], pins()
    direct = [
        *project["dependencies"],
        *project["optional-dependencies"]["dev"],
        *settings["build-system"]["requires"],
    ]
    for requirement in map(Requirement, direct):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not pinned"
        assert requirement.specifier.contains(Version(version)), f"{requirement} does not allow {version}"


def test_plain_make_lists_every_target_with_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(" ".join(re.findall(r"^\.PHONY:(.*)$", text, re.MULTILINE)).split())
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert phony <= TARGETS
    for target in phony:
        assert re.search(rf"^  {target} +[A-Z]", listed, re.MULTILINE), f"{target} has no ## line"
