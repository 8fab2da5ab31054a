"""What a container starts, run for real: with the image's variables, and folders of the test in the place of its own."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.architecture.project import ROOT
from tests.container.files import START, environment
from tests.container.test_image import health
from tests.postgres import Server

SECRET = r"a:b\c d'e%f$(g)"
SHOWS = '#!/bin/sh\necho "$NUMBA_CACHE_DIR" "$@"\ncat -- "$NUMBA_CACHE_DIR"/one/index\n'


class Image:
    """A folder in which the image's folders are, and its program."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("data", "tmp", "compiled", "paceline/bin"):
            (root / name).mkdir(parents=True)
        self.environment = {
            name: str(root) + value if value.startswith("/") else value
            for name, value in environment(2).items()
        }
        self.environment["PATH"] = f"{root / 'paceline/bin'}:{os.environ['PATH']}"
        self.environment["TMPDIR"] = str(root / "tmp")
        shutil.copy(START, root / "paceline/bin/paceline-start")
        self.program(
            f'#!/bin/sh\nexport PYTHONPATH="{ROOT}:{ROOT / "sim/api"}"\nunset NUMBA_CACHE_DIR NUMBA_CPU_NAME\n'
            f'exec "{sys.executable}" -m sim "$@"\n'
        )

    def program(self, text: str) -> None:
        file = self.root / "paceline/bin/paceline"
        file.write_text(text)
        file.chmod(0o755)

    def run(self, *words: str, user: int | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        """Start a container."""
        start = str(self.root / "paceline/bin/paceline-start")
        return subprocess.run(
            [start, *words], cwd=self.root / "data", env=self.environment | more, user=user, capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return Image(tmp_path / "image")


def test_a_run_is_stored_where_the_volume_is(image: Image) -> None:
    small = ("--set", "market.days=1", "--set", "market.population.viewers=100")
    done = image.run("simulate", "smoke", *small, "--quiet")
    assert (done.returncode, done.stdout[:6]) == (0, "smoke-")
    assert [path.name for path in (image.root / "data").iterdir()] == ["ads.db"]
    assert list((image.root / "tmp").iterdir()) == []
    assert image.run(*health()).returncode == 0


def test_exit_codes_and_messages_are_the_command_s(image: Image) -> None:
    done = image.run(*health())
    assert done.returncode == 2
    assert done.stderr == f"error: there is no database {image.root}/data/ads.db; create it with: paceline init-db, or simulate into it\n"  # fmt: skip
    assert image.run("nothing").returncode == 2


@pytest.fixture
def guarded(server: Server) -> Iterator[str]:
    """Return the address, without its password, of a database whose owner has one."""
    server.sql("postgres", "CREATE ROLE contained LOGIN")
    quoted = SECRET.replace("'", "''")
    server.sql(
        "postgres", f"ALTER ROLE contained PASSWORD '{quoted}'", "CREATE DATABASE contained OWNER contained"
    )
    yield f"postgresql://contained@127.0.0.1:{server.port}/contained"
    server.drop("contained")
    server.sql("postgres", "DROP ROLE contained")


def test_the_password_goes_from_its_file_to_the_server_and_nowhere_else(image: Image, guarded: str) -> None:
    file = image.root / "password"
    file.write_text(SECRET + "\n")
    told = {"DATABASE_URL": guarded, "PACELINE_PASSWORD_FILE": str(file)}
    refused = image.run("init-db", DATABASE_URL=guarded)
    assert refused.returncode == 1
    assert "password" in refused.stderr
    done = image.run("init-db", **told)
    assert (done.returncode, done.stderr) == (0, "")
    kept = Path(image.environment["PGPASSFILE"])
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    for words in (("status",), ("status", "--debug"), ("init-db",)):
        done = image.run(*words, **told)  # again, over the one that is there
        assert done.returncode == 0
        assert SECRET not in done.stdout + done.stderr
    # A health check is no child of what was started: it has the image's variables alone.
    program = image.root / "paceline/bin/paceline"
    env = image.environment | {"DATABASE_URL": guarded}
    assert subprocess.run([program, *health()], env=env, check=False).returncode == 0


def test_the_password_is_in_no_variable_of_what_is_started(image: Image) -> None:
    file = image.root / "password"
    file.write_text(SECRET)
    image.program("#!/bin/sh\nset\n")
    done = image.run(PACELINE_PASSWORD_FILE=str(file))
    assert "PGPASSFILE=" in done.stdout
    assert SECRET not in done.stdout
    assert "password=" not in done.stdout


@pytest.mark.parametrize(
    ("text", "message"), [("", "is empty"), ("one\ntwo\n", "has more than one line"), (None, "cannot be read")]
)  # fmt: skip
def test_a_password_that_is_none_is_told(image: Image, text: str | None, message: str) -> None:
    file = image.root / "password"
    if text is not None:
        file.write_text(text)
    done = image.run("status", PACELINE_PASSWORD_FILE=str(file))
    assert done.returncode == 2
    assert done.stderr == f"error: PACELINE_PASSWORD_FILE: {file} {message}\n"
    assert not Path(image.environment["PGPASSFILE"]).exists()


@pytest.fixture
def open_image() -> Iterator[Image]:
    """Return an image in a folder that every user may enter, as one of pytest's is not."""
    with TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Image(Path(folder) / "image")


def test_compiled_functions_are_used_in_place_or_from_a_copy_of_one_s_own(open_image: Image) -> None:
    image, compiled = open_image, open_image.root / "compiled"
    (compiled / "one").mkdir()
    (compiled / "one" / "index").write_text("compiled once\n")
    image.program(SHOWS)
    assert image.run("status").stdout == f"{compiled} status\ncompiled once\n"
    # As somebody who cannot write there, as nobody can where the root is read-only.
    (image.root / "tmp").chmod(0o777)
    for folder in (compiled, compiled / "one"):
        folder.chmod(0o555)
    other = None if os.geteuid() else 65534
    for _ in range(2):  # the second time it is there
        done = image.run("status", user=other)
        assert (done.stdout, done.stderr) == (f"{image.root}/tmp/compiled status\ncompiled once\n", "")
    assert (image.root / "tmp/compiled/one").stat().st_uid == (other or os.geteuid())
    for folder in (*image.root.glob("tmp/compiled/**/"), compiled, compiled / "one"):
        folder.chmod(0o755)
