"""How older tables become those of today: one step for each version that there was, played by Alembic."""
