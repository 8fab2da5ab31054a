"""What is installed: every file of the five packages, once, and an editable install that type checkers follow."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling import build

from tests.architecture.project import API, PACKAGES, ROOT, project_files


def test_the_wheel_has_every_file_of_the_packages_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with ZipFile(tmp_path / build.build_wheel(str(tmp_path))) as wheel:
        packed = [name for name in wheel.namelist() if ".dist-info/" not in name]
    files = {
        path.relative_to(API) if path.is_relative_to(API) else path
        for path in project_files()
        if path.parts[0] in PACKAGES
    }
    assert len(packed) == len(set(packed))
    assert {path.as_posix() for path in files} <= set(packed)
    assert {name.partition("/")[0] for name in packed} == {"paceline", *PACKAGES}
    assert not any(name.startswith(API.as_posix()) for name in packed)


def test_the_wheel_runs_from_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    site = tmp_path / "site-packages"
    with ZipFile(tmp_path / build.build_wheel(str(tmp_path))) as wheel:
        wheel.extractall(site)
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import paceline, scenarios; print(paceline.Scenario(name='one').seed, scenarios)",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.startswith(f"20261102 <module 'scenarios' from '{site}")


def test_an_editable_install_is_two_folders_that_type_checkers_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with ZipFile(tmp_path / build.build_editable(str(tmp_path))) as wheel:
        paths = [wheel.read(name).decode() for name in wheel.namelist() if name.endswith(".pth")]
        modules = [name for name in wheel.namelist() if name.endswith(".py")]
    assert [text.split() for text in paths] == [[str(ROOT), str(ROOT / API)]]
    assert modules == []


@pytest.mark.parametrize("package", ["paceline", *PACKAGES])
def test_every_package_says_that_it_is_typed(package: str) -> None:
    assert ((ROOT / API if package == "paceline" else ROOT) / package / "py.typed").is_file()
