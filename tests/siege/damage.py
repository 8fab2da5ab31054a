"""Files that are damaged, and files that make no sense."""

from __future__ import annotations

import random
import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from analysis.runs import simulate as runs
from analysis.runs import stored
from analysis.runs.checkpoints import every
from analysis.runs.rollback import database
from analysis.runs.unfinished import left
from entities import registry
from entities.errors import PacelineError
from scenarios.loader import load
from tests.faults.killed import MARKET

_TABLES = sorted(registry.Base.metadata.tables)
_MARKET = Path(__file__).parents[2] / "scenarios" / "markets" / "smoke.yml"
_PIECES = ("{", "}", "[", "]", ":", ": ", "- ", "\n", "  ", "0", "-1", "1e999", "null", "&a ", "*a", "!!x ", "\t",
           "é", "\x00", "\x1b", "9" * 30, "'", '"', "#", "<<: ", "---\n", "true", ".nan", "2026-13-01")  # fmt: skip


@cache
def _run() -> tuple[bytes, str]:
    with tempfile.TemporaryDirectory() as folder, database(f"{folder}/ads.db", create=True) as (engine, _):
        runs.simulate(engine, load("smoke", MARKET))
        return Path(folder, "ads.db").read_bytes(), _content(Path(folder, "ads.db"))


def _content(file: Path) -> str:
    # The rows of all tables: a keyword of the schema in other letters is the same schema.
    with closing(sqlite3.connect(file)) as connection:
        rows = {table: connection.execute(f'SELECT * FROM "{table}"').fetchall() for table in _TABLES}
    return repr(rows)


def flipped_database(trial: int) -> str:
    """Flip a byte of a stored run's database: the audit finds it, or nothing of its content has changed."""
    luck, (whole, content) = random.Random(f"flipped {trial}"), _run()
    changed = bytearray(whole)
    changed[luck.randrange(len(changed))] ^= 1 << luck.randrange(8)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "ads.db")
        file.write_bytes(changed)
        try:
            with database(str(file)) as (engine, _):
                if any(run.audit().broken for run in stored.runs(engine)) or not stored.runs(engine):
                    return "found"
        except PacelineError:
            return "refused"
        try:
            now = _content(file)
        except sqlite3.Error as error:
            raise AssertionError(f"the audit read what SQLite cannot: {error}") from None
        assert now == content, "the audit found nothing, and the content is another"
    return "no content"


@cache
def _broken_off() -> tuple[Path, str]:
    folder = Path(tempfile.mkdtemp(prefix="paceline-siege-"))

    def stop(progress: object) -> None:
        if getattr(progress, "hour", 0) == 30:
            raise KeyboardInterrupt

    with database(str(folder / "ads.db"), create=True) as (engine, _):
        digest = runs.simulate(engine, load("smoke", MARKET)).digest
        try:
            runs.simulate(engine, load("smoke", MARKET), keep_every=every("hours:9"), progress=stop)
        except KeyboardInterrupt:
            return folder, digest
    raise AssertionError("it was not broken off")


def flipped_kept(trial: int) -> str:
    """Flip a byte of what a run goes on from: it is refused, or the run comes to the same."""
    luck, (there, digest) = random.Random(f"kept {trial}"), _broken_off()
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent, "copy")
        shutil.copytree(there, folder)
        files = [path for path in sorted(folder.glob("ads.db.unfinished/**/*")) if path.is_file()]
        file = luck.choice([path for path in files if path.stat().st_size])
        changed = bytearray(file.read_bytes())
        changed[luck.randrange(len(changed))] ^= 1 << luck.randrange(8)
        file.write_bytes(changed)
        with database(str(folder / "ads.db")) as (engine, _):
            try:
                run = runs.resume(engine, left(engine)[0].run_id)
            except PacelineError:
                return "refused"
            assert run.digest == digest, f"{file.name}: the run came to something else"
            assert not run.audit().broken
    return "the same"


def nonsense(trial: int) -> str:
    """Cut, repeat and fill up a scenario with nonsense: it is read, or refused in words."""
    luck, text = random.Random(f"nonsense {trial}"), _MARKET.read_text(encoding="utf-8")
    for _ in range(luck.randrange(1, 6)):
        a, b = sorted(luck.randrange(len(text) + 1) for _ in range(2))
        b = min(b, a + 40)
        text = text[:a] + luck.choice(["", text[a:b] * 2, luck.choice(_PIECES)]) + text[b:]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "market.yml")
        file.write_bytes(text.encode())
        try:
            load(str(file))
        except PacelineError as error:
            told = str(error)
        else:
            return "read"
    assert told.startswith(str(file)), told
    return "refused"
