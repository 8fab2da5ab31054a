"""Plain lines on stdout and stderr, in which nothing moves a cursor, changes colours or turns text."""

from __future__ import annotations

import typer

from entities.messages import visible


def echo(text: object = "", *, err: bool = False, nl: bool = True) -> None:
    """Print *text*, its lines as they are, and what else is not printable made visible."""
    typer.echo(visible(str(text)), err=err, nl=nl)  # noqa: TID251 - the one place
