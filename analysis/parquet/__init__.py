"""Columns of whole numbers, codes and flags as Parquet, a row group at a time."""
