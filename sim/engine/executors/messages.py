"""Calls and answers as bytes, and what answers them where something is hosted."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from entities.errors import InputError

_CODE = "code of your own must be in a module that workers can import, or run in threads"


def asking(method: Callable[..., Any], given: tuple[Any, ...], named: dict[str, Any]) -> bytes:
    """Return a call as bytes; InputError for what cannot be sent."""
    try:
        return pickle.dumps((method, given, named), pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InputError(f"workers cannot be sent all of this market: {error}; {_CODE}") from error


def answered(answer: bytes) -> Any:
    """Return what the answer to a call says; raises what the call raised."""
    found, error = pickle.loads(answer)  # noqa: S301 - of a worker of our own
    if error is not None:
        raise error
    return found


def _loaded(message: bytes) -> Any:
    try:
        return pickle.loads(message)  # noqa: S301 - of who began this worker
    except (ImportError, AttributeError) as error:
        raise InputError(f"a worker cannot load all of this market: {error}; {_CODE}") from error


class Answers:
    """Answers calls in order: the first one makes what is hosted here, all others are methods of it.

    Where one of them failed, so do those that follow.
    """

    def __init__(self) -> None:
        self._hosted: tuple[Any, ...] = ()
        self._error: BaseException | None = None

    def __call__(self, message: bytes) -> bytes:
        """Return the answer as bytes."""
        found = None
        if self._error is None:
            try:
                method, given, named = _loaded(message)
                found = method(*self._hosted, *given, **named)
                if not self._hosted:
                    self._hosted, found = (found,), None
                return pickle.dumps((found, None), pickle.HIGHEST_PROTOCOL)
            except BaseException as error:  # noqa: BLE001 - the caller judges, and this worker goes on
                self._error = error
        try:
            return pickle.dumps((None, self._error), pickle.HIGHEST_PROTOCOL)
        except Exception:  # noqa: BLE001 - whatever it holds that cannot be sent
            return pickle.dumps((None, RuntimeError(repr(self._error))), pickle.HIGHEST_PROTOCOL)
