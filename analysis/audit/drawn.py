"""An audit as a small frame, and what it says in a sentence."""

from __future__ import annotations

import polars as pl

from analysis.audit.report import Audit, Status


def audit_frame(audit: Audit) -> pl.DataFrame:
    """Return an audit law by law: number, law, text, status, checked, broken, note; see `LawReport`."""
    rows = [
        (one.number, one.name, one.text, one.status.value, one.checked, one.broken, one.note)
        for one in audit.laws
    ]
    schema = {"number": pl.Int64(), "law": pl.String(), "text": pl.String(), "status": pl.String()}
    schema |= {"checked": pl.Int64(), "broken": pl.Int64(), "note": pl.String()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def audit_found(frame: pl.DataFrame) -> str:
    """Return in a sentence how many laws hold, and which do not."""
    broken = frame.filter(pl.col("status") == Status.broken)["law"].to_list()
    checked = frame.filter(pl.col("status") != Status.not_checked)
    if checked.is_empty():
        return "No law could be checked"
    held = f"{checked.height - len(broken)} of {checked.height} laws that could be checked hold"
    held = held if broken else f"All {checked.height} laws that could be checked hold"
    things = int(checked["checked"].sum())
    return f"{held}; broken: {', '.join(broken)}" if broken else f"{held}, in {things:,} places"
