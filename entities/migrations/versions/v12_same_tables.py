"""12: the same tables; versions that two branches had raised became one."""

revision = "12"
down_revision = "11"


def upgrade() -> None:
    """Leave the tables as they are."""
