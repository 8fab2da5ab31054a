"""11: who converted with and without the ads of a line item that holds some viewers out."""

from itertools import product

from alembic import op
from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint

from entities.migrations.steps import INTEGER, TEXT, belongs, lacks, least

revision = "11"
down_revision = "10"

_ARMS, _GROUPS, _COUNTS = (
    ("treated", "held_out"),
    ("", "exposed_"),
    ("viewers", "converters", "conversions"),
)


def upgrade() -> None:
    """Make the table, without rows for older runs: nobody was held out."""
    if not lacks("lift"):
        return
    table = "lift"
    counts = [f"{arm}_{group}{count}" for arm, group, count in product(_ARMS, _GROUPS, _COUNTS)]
    checks = {"hour_start_whole": "hour_start LIKE '____-__-__ __:00:00'"}
    checks |= {f"{arm}_in_order": _order(arm) for arm in _ARMS} | least(counts)
    op.create_table(
        table,
        Column("run_id", TEXT, nullable=False),
        Column("hour_start", TEXT, nullable=False),
        Column("line_item_id", INTEGER, nullable=False),
        *(Column(name, INTEGER, nullable=False) for name in counts),
        PrimaryKeyConstraint("run_id", "hour_start", "line_item_id", name=f"pk_{table}"),
        belongs(table, "run_id", "simulation_runs", "run_id", "CASCADE"),
        belongs(table, "line_item_id", "line_items", "id", "RESTRICT"),
        *(CheckConstraint(rule, name=f"ck_{table}_{name}") for name, rule in checks.items()),
        sqlite_strict=True,
    )


def _order(arm: str) -> str:
    rules = [f"{arm}_{count} >= {arm}_exposed_{count}" for count in _COUNTS]
    for group in _GROUPS:
        more = (f"{arm}_{group}{name}" for name in ("viewers", "conversions"))
        rules += [f"{name} >= {arm}_{group}converters" for name in more]
    return " AND ".join(rules)
