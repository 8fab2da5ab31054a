"""Files that anybody may have made, read with Polars: what is wrong with one is one line that names it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from tempfile import TemporaryFile
from threading import RLock

from entities.errors import InputError
from entities.messages import short

_DAMAGED = "it is damaged, or of a kind that Polars does not know"
_STDERR, _ONE = 2, RLock()


@contextmanager
def reading(name: str, fault: str = "cannot be read") -> Iterator[None]:
    """Make an InputError of what Polars says while the file *name* is read, and of its panics; see *fault*.

    A panic is no Exception, and prints pages on stderr: these are dropped.
    """
    import polars as pl  # noqa: PLC0415 - takes a moment, and few scenarios name a file

    panic: type[BaseException] = pl.exceptions.PanicException
    try:
        with _panics_unsaid(panic):
            yield
    except panic:
        raise InputError(f"{name}: {fault}: {_DAMAGED}") from None
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        why = short(str(error).partition("\n")[0], 120)
        raise InputError(f"{name}: {fault}: {why}") from None


@contextmanager
def _panics_unsaid(panic: type[BaseException]) -> Iterator[None]:
    # Rust prints on the descriptor itself, from whatever thread; what else is said there comes a bit later.
    with _ONE, ExitStack() as opened:
        try:
            said = opened.enter_context(TemporaryFile())
            real = os.dup(_STDERR)
        except OSError:  # no stderr, or no room for a file: then as it is
            yield
            return
        os.dup2(said.fileno(), _STDERR)
        panicked = False
        try:
            yield
        except panic:
            panicked = True
            raise
        finally:
            os.dup2(real, _STDERR)
            os.close(real)
            if not panicked and said.seek(0, os.SEEK_END):
                said.seek(0)
                with suppress(OSError):
                    os.write(_STDERR, said.read())
