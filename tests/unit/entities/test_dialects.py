"""PostgreSQL is an extra: what is told without it, and what is loaded where it is not asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from entities.dialects import addresses
from entities.registry import InputError, make_engine, shown


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "find_spec", lambda _: None)
    with pytest.raises(InputError) as refused:
        make_engine("postgresql://me:secret@host/ads")
    assert str(refused.value) == (
        "database postgresql://me:***@host/ads: PostgreSQL needs psycopg; install it with:"
        " pip install 'paceline[postgres]'"
    )
    make_engine("ads.db")


def test_a_file_needs_neither_psycopg_nor_alembic(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['psycopg'] = sys.modules['alembic'] = None\n"
        "from typer.testing import CliRunner\nfrom sim.cli.app import app\n"
        "for words in ('init-db', 'create-profile', 'status', 'runs', 'simulate smoke --set market.days=1 --quiet'):\n"
        "    done = CliRunner().invoke(app, words.split())\n"
        "    assert done.exit_code == 0, (words, done.output)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=tmp_path, env={"PYTHONPATH": f"{root}:{root / 'sim/api'}", "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("ads.db", "ads.db"),
        ("sqlite:///ads.db", "ads.db"),
        (":memory:", ":memory:"),
        ("postgresql://host/ads", "postgresql://host/ads"),
        ("postgres://me:s3cret@host:5433/ads", "postgresql://me:***@host:5433/ads"),
        ("postgresql+psycopg://host/ads?password=s3cret", "postgresql://host/ads"),
        ("postgresql://host/ads?user=me&password=s3cret&sslpassword=s3cret", "postgresql://me:***@host/ads"),
        ("postgresql:///ads?host=/run/pg&service=s3cret", "postgresql:///ads?host=%2Frun%2Fpg"),
    ],
)
def test_an_address_is_shown_without_its_secrets(address: str, name: str) -> None:
    assert shown(address) == name
