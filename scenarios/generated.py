"""Pages that people write and the code completes: below a mark they are generated."""

from __future__ import annotations

from pathlib import Path


def completed(path: Path, mark: str, generated: str) -> str:
    """Return the text of the page at *path*, with what is *generated* in place of all below its *mark*."""
    head, _, _ = path.read_text(encoding="utf-8").partition(mark)
    return head + mark + generated
