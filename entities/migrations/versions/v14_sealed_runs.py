"""14: runs keep the order in which they were stored, the digest of their events, and a seal."""

from alembic import op

from entities.migrations.steps import INTEGER, TEXT, Filled, change, least

revision = "14"
down_revision = "13"

_PLACE = """(SELECT count(*) FROM simulation_runs other WHERE other.started_at < simulation_runs.started_at
    OR other.started_at = simulation_runs.started_at AND other.run_id <= simulation_runs.run_id)"""


def upgrade() -> None:
    """Number runs by when they were started; their events and seals are not known."""
    table = "simulation_runs"
    filled = {"number": Filled(INTEGER, _PLACE)} | dict.fromkeys(
        ("events_digest", "seal"), Filled(TEXT, "''")
    )
    change(table, filled=filled, checks=least(["number"], 1))
    op.create_index(f"ix_{table}_number", table, ["number"])
