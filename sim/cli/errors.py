"""Checked options, and one message for every error of a command."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import Any

import typer
from typer.core import TyperGroup

from entities.errors import PacelineError
from entities.messages import did_you_mean, nearest, printable, reason
from sim.cli.echo import echo
from sim.cli.stops import Stops

FAILED, FOUND = 1, 3
"""Exit codes of a failed run, and of an audit that found something; 2 is refused input."""
DEBUG = "paceline.debug"
"""Key of a context's flag for tracebacks."""
PANIC = "PanicException"
"""Of Polars, and no Exception; its import takes a moment."""
_SECRET = re.compile(r"(\b\w[\w+]*:/{1,2}[^\s/:@]*:)[^\s@]+@")
"""The password of an address, also where one was given for something else, or taken for a path."""
STORED = "paceline.stored"
"""Key of the run that a context's command has stored: it is there, whatever comes after."""


class CommandGroup(TyperGroup):
    """The commands, each of whose errors is one message and one exit code."""

    def main(self, args: Any = None, *, standalone_mode: bool = True, **more: Any) -> Any:  # type: ignore[override]  # Typer's other parameters pass through in more
        """Run a command line; where it stands alone, exit with its code."""
        try:
            code = super().main(args, standalone_mode=False, **more)
        except typer.Abort:
            code = FAILED
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - before the command; the rest is in invoke
            code = _report(error, debug=False)
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: Any) -> Any:
        """Run the command of *ctx*, and print its error if it fails."""
        try:
            with ctx.obj.at_work() if isinstance(ctx.obj, Stops) else nullcontext():
                result = super().invoke(ctx)
                sys.stdout.flush()
                return result
        except (typer.Exit, typer.Abort):
            raise
        except BaseException as error:
            if not isinstance(error, Exception | KeyboardInterrupt) and type(error).__name__ != PANIC:
                raise
            raise typer.Exit(_ended(error, ctx.meta)) from None


def _ended(error: BaseException, meta: Mapping[str, Any]) -> int:
    run, debug = meta.get(STORED), bool(meta.get(DEBUG))
    if run or isinstance(error, BrokenPipeError):
        # Nobody reads what is left, and Python shall not try once more to write it.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):  # the reader has closed the pipe
        return 0 if run else FAILED
    if not run:
        return _report(error, debug=debug)
    _trace(error, debug=debug)
    with suppress(OSError):
        line = f"warning: run {run} is stored, and could not be shown: {_message(error)[0]}"
        echo(printable(" ".join(line.split())), err=True)
    return 0


def _report(error: BaseException, *, debug: bool) -> int:
    _trace(error, debug=debug)
    message, code = _message(error)
    message = "; ".join([message, *getattr(error, "__notes__", ())])
    lines = [printable(line) for line in message.splitlines() if line.strip()]
    first, *rest = lines or [type(error).__name__]
    with suppress(OSError):
        echo("\n".join([f"error: {first}", *(f"       {line}" for line in rest)]), err=True)
    return code


def _trace(error: BaseException, *, debug: bool) -> None:
    if debug or os.environ.get("PACELINE_DEBUG", "0") not in {"", "0"}:
        traceback.print_exception(error)


def without_password(text: str) -> str:
    """Return *text* with *** for the password of each address in it."""
    return _SECRET.sub(r"\1***@", text)


def _message(error: BaseException) -> tuple[str, int]:
    text, code = _told(error)
    return without_password(text), code


def _told(error: BaseException) -> tuple[str, int]:
    if isinstance(error, PacelineError):
        return str(error), error.exit_code
    if isinstance(error, typer.TyperException):
        return _usage(error), error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return str(error) or "interrupted", FAILED
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename is not None else ""
        return where + reason(error), FAILED
    if isinstance(error, MemoryError):
        return "out of memory", FAILED
    cause = getattr(error, "orig", None) or error  # what SQLAlchemy wraps
    first = next(iter(str(cause).splitlines()), "")
    return f"unexpected {type(cause).__name__}: {first}; --debug shows where", FAILED


def _usage(error: typer.TyperException) -> str:
    parameter, context = getattr(error, "param", None), getattr(error, "ctx", None)
    if isinstance(error, typer.BadParameter) and parameter is not None and error.message:
        name = next((name for name in parameter.opts if name.startswith("--")), parameter.name.upper())
        return f"{name}: {error.message}"
    near = getattr(error, "possibilities", None)
    text = error.message if near else error.format_message()
    text = (text[:1].lower() + text[1:]).rstrip(".").replace(". Did", "; did")
    if near:
        return f"{text}; did you mean {near[0]}?"
    if text.endswith("?"):
        return text
    return f"{text}; see: {context.command_path if context else 'paceline'} --help"


def integer(least: int, most: int) -> Callable[[str], int]:
    """Return a parser of whole numbers from *least* to *most*."""

    def parse(text: str) -> int:
        if text.isascii() and text.isdecimal() and len(text) < 20 and least <= int(text) <= most:
            return int(text)
        raise typer.BadParameter(f'"{text}" is not allowed; must be a whole number from {least} to {most}')

    return parse


def share(text: str) -> float:
    """Return a share of one, more than none of it."""
    with suppress(ValueError):
        if 0 < float(text) <= 1:
            return float(text)
    raise typer.BadParameter(f'"{text}" is not allowed; must be above 0 and at most 1, such as 0.9')


def choice(words: Sequence[str]) -> Callable[[str], str]:
    """Return a parser of one of several words."""

    def parse(text: str) -> str:
        if text in words:
            return text
        near = did_you_mean(nearest(text, words))
        raise typer.BadParameter(f'"{text}" is not allowed; must be one of {", ".join(words)}{near}')

    return parse


is_tag = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}").fullmatch
TAGS = "a word of up to 40 lowercase letters, digits, `_`, `.` and `-`"
NOTES = "one line of at most 500 printable characters"


def is_note(text: str) -> bool:
    """Return whether *text* is NOTES."""
    return len(text) <= 500 and text.isprintable()


def held_to(fits: Callable[[str], Any], allowed: str) -> Callable[[str], str]:
    """Return a parser of text that *fits*, which is what is *allowed* in words."""

    def parse(text: str) -> str:
        if fits(text):
            return text.strip()
        raise typer.BadParameter(f'"{printable(text)}" is not allowed; must be {allowed}')

    return parse


tag_name, note_text = held_to(is_tag, TAGS), held_to(is_note, NOTES)


def events_form(text: str) -> str:
    """Return *text*, which says of which events a folder is kept."""
    if text == "all":  # the default, which is read even to complete a word; what follows imports NumPy
        return text
    from analysis.rows.events_of import FORMS, is_form

    return held_to(is_form, FORMS)(text)


def keep_form(text: str) -> str:
    """Return *text*, which says how often a run is kept."""
    if text == "minutes:5":  # the default, which is read even to complete a word
        return text
    from analysis.runs.checkpoints import FORMS, is_form

    return held_to(is_form, FORMS)(text)


def no_option(value: object) -> object:
    """Return the value of an option that names a file; refuse one that looks like an option."""
    if str(value).startswith("--"):
        raise typer.BadParameter(f'"{value}" is an option; a file of that name is written ./{value}')
    return value
