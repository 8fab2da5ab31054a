"""Ctrl-C and a request to terminate: one line, and the exit code 1, whenever they come."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stops:
    """Turns Ctrl-C and a request to terminate into one KeyboardInterrupt, never two.

    While no command is at work there is nothing to clean up, and the process just ends. A second signal
    during the clean-up would leave files behind. A run that is being committed is complete, so signals are
    held back then.
    """

    CLEANING_S = 5.0

    def __init__(self) -> None:
        self.held = False
        self.working = False
        """Whether a command is at work, whose clean-up an interruption must not skip."""
        self._last: float | None = None

    def install(self) -> Self:
        """Handle the signals of this process until it ends; those that it ignores stay ignored."""
        ignored = {number for number in NUMBERS if signal.getsignal(number) is signal.SIG_IGN}
        # Libraries add handlers of their own, Polars one for Ctrl-C: what is blocked reaches none of them.
        signal.pthread_sigmask(signal.SIG_BLOCK, ignored)
        for number in set(NUMBERS) - ignored:
            signal.signal(number, self._stop)
        sys.unraisablehook = self._raise_again
        # Or SQLAlchemy prints a traceback of what breaks off its own clean-up, beside our line.
        logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
        return self

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Raise KeyboardInterrupt for a signal in this block; then comes the exit, which goes on."""
        self.working = True
        try:
            yield
        finally:
            self.held = True

    def ignore(self) -> None:
        """Ignore signals, so that none breaks off the exit of a process that has printed its result."""
        self.held = True
        for number in NUMBERS:
            signal.signal(number, signal.SIG_IGN)

    @contextmanager
    def held_by(self, engine: Engine) -> Iterator[None]:
        """Hold signals back from the commit on: the run is complete then, and is reported as complete."""
        from sqlalchemy import event

        def hold(connection: Connection) -> None:
            self.held = bool(connection.get_execution_options().get("paceline_writes"))

        def let_go(_: Connection) -> None:
            self.held = False  # it was refused, and may be tried again

        event.listen(engine, "commit", hold)
        event.listen(engine, "rollback", let_go)
        try:
            yield
        except BaseException:
            self.held = False
            raise
        finally:
            event.remove(engine, "commit", hold)
            event.remove(engine, "rollback", let_go)

    def _raise_again(self, lost: sys.UnraisableHookArgs) -> None:
        # Python drops what is raised while it frees an object, so the signal is sent once more.
        if not isinstance(lost.exc_value, KeyboardInterrupt):
            sys.__unraisablehook__(lost)
            return
        self._last = None
        main = threading.main_thread().ident or 0
        threading.Timer(0.01, signal.pthread_kill, (main, signal.SIGINT)).start()

    def _stop(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if self.held or (self._last is not None and now - self._last < self.CLEANING_S):
            return
        self._last = now
        word = "interrupted" if number == signal.SIGINT else "terminated"
        if self.working:
            raise KeyboardInterrupt(word)
        with suppress(OSError):
            os.write(2, f"error: {word}\n".encode())
        os._exit(1)
