"""6: who won what a line item lost."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint, func, text

from entities.migrations.steps import INTEGER, TEXT, belongs

revision = "6"
down_revision = "5"

_CHECKS = {
    "winner_of_kind": "(winner_line_item_id IS NULL) = (won_by = 'outside_demand')",
    "winner_is_another": "winner_line_item_id <> line_item_id",
    "won_by_known": "won_by IN ('line_item', 'deal', 'outside_demand')",
    "bids_least": "bids >= 1",
}


def upgrade() -> None:
    """Make the table, without rows for older runs: nobody counted."""
    table = "contention_daily"
    op.create_table(
        table,
        Column("id", INTEGER, nullable=False),
        Column("run_id", TEXT, nullable=False),
        Column("date", TEXT, nullable=False),
        Column("line_item_id", INTEGER, nullable=False),
        Column("won_by", TEXT, nullable=False),
        Column("winner_line_item_id", INTEGER),
        Column("bids", INTEGER, nullable=False),
        PrimaryKeyConstraint("id", name=f"pk_{table}"),
        belongs(table, "run_id", "simulation_runs", "run_id", "CASCADE"),
        belongs(table, "line_item_id", "line_items", "id", "RESTRICT"),
        belongs(table, "winner_line_item_id", "line_items", "id", "RESTRICT"),
        *(CheckConstraint(rule, name=f"ck_{table}_{name}") for name, rule in _CHECKS.items()),
        sqlite_strict=True,
    )
    op.create_index(f"ix_{table}_line_item_id_date", table, ["line_item_id", "date"])
    op.create_index(f"ix_{table}_winner_line_item_id_date", table, ["winner_line_item_id", "date"])
    winner = func.coalesce(text("winner_line_item_id"), text("0"))
    op.create_index(f"ux_{table}_winner", table, ["run_id", "date", "line_item_id", winner], unique=True)
