"""The front of the command: signals, options that are checked, and one message for whatever goes wrong."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import Any, Self

import typer
from typer.core import TyperGroup

from entities.errors import PacelineError
from entities.messages import did_you_mean, nearest, printable

FAILED, FOUND = 1, 3
"""Exit codes of a run that failed, and of an audit that found something; 2 is input that is refused."""
DEBUG = "paceline.debug"
"""Where a context keeps that tracebacks are wanted."""


class Stops:
    """Turns Ctrl-C and a request to terminate into one KeyboardInterrupt, and never into two.

    A second signal that comes while the first is cleaned up after would leave files behind. While a run is
    being committed signals wait: it is complete by then.
    """

    CLEANING_S = 5.0

    def __init__(self) -> None:
        self.held = False
        self._last: float | None = None

    def install(self) -> Self:
        """Take the signals of this process, to its end; those that it was told to ignore stay ignored."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._stop)
        sys.unraisablehook = self._again
        return self

    def ignore(self) -> None:
        """Let no signal break off the exit of a process that has said how it went."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    def _again(self, lost: sys.UnraisableHookArgs) -> None:
        # Python drops what is raised while an object is being freed: the signal must come once more.
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            sys.__unraisablehook__(lost)
            return
        self._last = None
        main = threading.main_thread().ident or 0
        threading.Timer(0.01, signal.pthread_kill, (main, signal.SIGINT)).start()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        del frame
        now = time.monotonic()
        if self.held or (self._last is not None and now - self._last < self.CLEANING_S):
            return
        self._last = now
        raise KeyboardInterrupt("interrupted" if number == signal.SIGINT else "terminated")


class Front(TyperGroup):
    """The commands, and what becomes of everything that goes wrong in them: one message, one exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line; where it stands alone, exit with its code."""
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except typer.Abort:
            code = FAILED
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - before the command; the rest is in invoke
            code = _tell(error, debug=False)
        if standalone_mode:
            sys.exit(code)
        return code

    def invoke(self, ctx: Any) -> Any:
        """Run the command of *ctx*, and tell what goes wrong with it."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except (typer.Exit, typer.Abort):
            raise
        except BrokenPipeError:  # whoever read us has seen enough
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(FAILED) from None
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - nobody is shown a traceback
            raise typer.Exit(_tell(error, debug=bool(ctx.meta.get(DEBUG)))) from None


def _tell(error: BaseException, *, debug: bool) -> int:
    """Say on stderr what went wrong and return the exit code."""
    if debug or os.environ.get("PACELINE_DEBUG", "0") not in {"", "0"}:
        traceback.print_exception(error)
    message, code = _message(error)
    lines = [printable(line) for line in message.splitlines() if line.strip()]
    first, *rest = lines or [type(error).__name__]
    with suppress(OSError):
        typer.echo("\n".join([f"error: {first}", *(f"       {line}" for line in rest)]), err=True)
    return code


def _message(error: BaseException) -> tuple[str, int]:
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
        return f"{_option(parameter)}: {error.message}"
    near = getattr(error, "possibilities", None)
    text = error.message if near else error.format_message()
    text = (text[:1].lower() + text[1:]).rstrip(".").replace(". Did", "; did")
    if near:
        return f"{text}; did you mean {near[0]}?"
    if text.endswith("?"):
        return text
    return f"{text}; see: {context.command_path if context else 'paceline'} --help"


def _option(parameter: Any) -> str:
    long = [name for name in parameter.opts if name.startswith("--")]
    return str(long[0] if long else parameter.name.upper())


def reason(error: OSError) -> str:
    """Return why the system refused, in words."""
    return (error.strerror or str(error)).lower()


def warn(text: str) -> None:
    """Say on stderr what is allowed and yet probably not meant."""
    with suppress(OSError):
        typer.echo(f"warning: {printable(text)}", err=True)


def unheard(text: str) -> None:
    """Say nothing: whoever asked for quiet hears of errors only."""


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return what reads an option as a whole number between two others."""

    def parse(text: str) -> int:
        if text.isascii() and text.isdecimal() and len(text) < 20 and least <= int(text) <= most:
            return int(text)
        raise typer.BadParameter(f'"{text}" is not allowed; must be a whole number from {least} to {most}')

    return parse


def choice(words: Sequence[str]) -> Callable[[str], str]:
    """Return what reads an option as one of several words."""

    def parse(text: str) -> str:
        if text in words:
            return text
        near = did_you_mean(nearest(text, words))
        raise typer.BadParameter(f'"{text}" is not allowed; must be one of {", ".join(words)}{near}')

    return parse


def tag_name(text: str) -> str:
    """Return a tag, which is one word."""
    if re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,39}", text):
        return text
    allowed = "must be a word of up to 40 lowercase letters, digits, `_`, `.` and `-`"
    raise typer.BadParameter(f'"{printable(text)}" is not allowed; {allowed}')


def note_text(text: str) -> str:
    """Return a note, which is one line."""
    if len(text) <= 500 and text.isprintable():
        return text.strip()
    raise typer.BadParameter("must be one line of at most 500 printable characters")


def no_option(value: object) -> object:
    """Return the value of an option that names a file, unless it is the next option, typed too soon."""
    if str(value).startswith("--"):
        raise typer.BadParameter(f'"{value}" is an option; a file of that name is written ./{value}')
    return value
