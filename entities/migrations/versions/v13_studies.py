"""13: what studies found."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, PrimaryKeyConstraint

from entities.migrations.steps import FLOAT, INTEGER, TEXT

revision = "13"
down_revision = "12"


def upgrade() -> None:
    """Make the table."""
    table, key = "study_results", ("study", "arm", "seed", "line_item", "metric")
    op.create_table(
        table,
        *(Column(name, INTEGER if name == "seed" else TEXT, nullable=False) for name in key),
        Column("value", FLOAT),
        *(Column(name, TEXT, nullable=False) for name in ("fingerprint", "code", "digest")),
        PrimaryKeyConstraint(*key, name=f"pk_{table}"),
        CheckConstraint("seed >= 0", name=f"ck_{table}_seed_least"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{table}_fingerprint_code", table, ["fingerprint", "code"])
