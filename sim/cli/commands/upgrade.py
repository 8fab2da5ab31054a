"""The command that makes an older database one of this version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cli.options import ADS, Db, Output

if TYPE_CHECKING:
    from rich.console import Console


def upgrade_db(db: Db = ADS, *, output: Output) -> None:
    """Upgrade a database of an older version; a file is copied first, and every row is kept."""
    from analysis.runs.rollback import refused
    from entities import registry
    from sim.cli.terminal import fact

    engine = registry.make_engine(db)
    with refused():
        done = registry.upgrade_db(engine)
    name = registry.name_of(engine)
    data = {"database": name, "before": done.before, "after": done.after, "unknown": done.unknown}

    def people(out: Console) -> None:
        if done.before == done.after:
            fact(out, "Database", f"{name} is of version {done.after} already")
            return
        fact(out, "Database", f"{name}, upgraded from version {done.before} to {done.after}")
        if done.copy:
            fact(out, "Copy", f"{done.copy}, as it was")
        for number, line in enumerate(done.unknown):
            fact(out, "" if number else "Older rows", line, wrap=True)

    output.answer(data | {"copy": done.copy and str(done.copy)}, people)
