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
    connection = session.connection()
    # As the types of the columns would write them, row by row in ten times the time: text that sorts by time.
    texts = rows.with_columns(
        pl.col(pl.Datetime).dt.strftime(_MOMENT), pl.col(pl.Date, pl.Enum, pl.Categorical).cast(pl.String)
    )
    if registry.is_server(connection):
        registry.copy_rows(session, table, texts.columns, texts.write_csv(include_header=False).encode())
        return
    statement = insert(table).compile(dialect=connection.dialect, column_keys=texts.columns)
    for batch in texts.select(statement.positiontup or ()).iter_slices(BATCH):
        connection.exec_driver_sql(str(statement), batch.rows())
