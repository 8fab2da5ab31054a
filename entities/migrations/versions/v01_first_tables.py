"""1: the first tables. They are where a database begins, and there is nothing to do."""

revision = "1"
down_revision = None


def upgrade() -> None:
    """Leave the tables as they are."""
