"""How the commands print: figures, facts and tables, on a terminal and in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from rich.box import SIMPLE
from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from entities.enums import Currency
from entities.messages import visible
from sim.units import MICROS

CENTS_BELOW = 10_000 * MICROS
"""The largest budget of a table that shows cents."""
WIDE = 110
"""Columns from which a table has room for the reasons beside the names instead of below them."""

NAME = 10
"""The least width of a column of names."""


class _Visible(Console):
    # Names come from anybody's files and databases: nothing in them is to be run by a terminal.

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            own = segment.control or segment.text.isprintable()
            yield segment if own else Segment(visible(segment.text), segment.style)


class _Patient:
    # A stream for what is said on the way: where it has no room that is lost, and the run goes on. A reader
    # who has left is heard.

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with self._lost():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._lost():
            self._stream.flush()

    @contextmanager
    def _lost(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError:
            pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def aside(file: TextIO) -> Console:
    """Return a console for progress, which is no result: it is lost where there is no room for it."""
    return console(cast("TextIO", _Patient(file)))


def console(file: TextIO | None, width: int | None = None) -> Console:
    """Return a console, mute for None: plain text in a pipe, no colour where NO_COLOR is set.

    What is not printable in a text is made visible.
    """
    quiet = file is None
    return _Visible(file=file, quiet=quiet, width=width, highlight=False, markup=False, emoji=False)


def short(number: float) -> str:
    """Return a number for reading: 950, 12.3 k, 22.1 M."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number:.0f}"


def size(number: int) -> str:
    """Return a number of bytes for reading: 1.2 MB."""
    return f"{short(number)}B" if number >= 1000 else f"{number} B"


def money(micros: int, *, cents: bool, currency: str = "USD") -> str:
    """Return an amount without cents, or with them."""
    return Currency(currency).shown(micros, cents=cents)


def fact(out: Console, label: str, text: str, *, wrap: bool = False) -> None:
    """Print one line of `label  text`; what is to be copied is never broken."""
    if wrap:
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=10)
        grid.add_column()
        grid.add_row(Text(label, style="bold"), text)
        print_plain(out, grid)
    else:
        out.print(Text.assemble((f"{label:11}", "bold"), text), soft_wrap=True)


def new_table(*, gap: int = 1, footer: bool = False) -> Table:
    """Return an empty table in the style of all tables."""
    padding = (0, gap, 0, 0)
    return Table(
        box=SIMPLE, show_edge=False, show_footer=footer, padding=padding, pad_edge=False, header_style="bold"
    )


def print_table(out: Console, table: Table) -> None:
    """Print a table whose numbers are never cut."""
    # Names wrap or are cut, numbers never: where they do not fit, the table is wider than the terminal.
    names = [column for column in table.columns if not column.no_wrap]
    for column in names:
        column.width = NAME
    least = Measurement.get(out, out.options.update(width=1000), table).minimum
    for column in names:
        column.width = None
    if least > out.width and not out.quiet:
        out = console(cast("TextIO", out.file), least)
    print_plain(out, table)


def print_plain(out: Console, table: Table) -> None:
    """Print a table, in a pipe or a file without the blanks that fill its last column."""
    if out.is_terminal or out.quiet:
        out.print(table)
        return
    with out.capture() as caught:
        out.print(table)
    for line in caught.get().splitlines():
        out.file.write(f"{line.rstrip()}\n")


def number(value: float | None, form: str) -> str:
    """Return a number in a format, or a dash for None."""
    return "–" if value is None else format(value, form)
