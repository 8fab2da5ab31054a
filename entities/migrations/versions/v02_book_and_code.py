"""2: a run keeps its book and the hash of the code that played it."""

from entities.migrations.steps import TEXT, Filled, change, lacks

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Give runs the two texts, empty where they are not known."""
    new = [name for name in ("book_text", "code") if lacks("simulation_runs", name)]
    change("simulation_runs", filled=dict.fromkeys(new, Filled(TEXT, "''")))
