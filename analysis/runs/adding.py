"""Rows of a frame added to a table: by INSERT to SQLite, by COPY to PostgreSQL."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from entities import registry

BATCH = 5_000
"""Rows of one INSERT."""
_MOMENT = "%Y-%m-%d %H:%M:%S"


def add_rows(session: Session, table: Table, rows: pl.DataFrame) -> None:
    """Add *rows* to *table* in the session's transaction; times are UTC, columns go by their names."""
    if registry.is_server(session.connection()):
        # As their types would write them: text that sorts by time.
        texts = rows.with_columns(pl.col(pl.Datetime).dt.strftime(_MOMENT))
        registry.copy_rows(session, table, texts.columns, texts.write_csv(include_header=False).encode())
        return
    for batch in rows.iter_slices(BATCH):
        session.execute(insert(table), batch.to_dicts())
