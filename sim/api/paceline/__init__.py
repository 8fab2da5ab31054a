"""Paceline for people who program."""

from typing import TYPE_CHECKING

from paceline._packages import claim

claim()

__all__ = ["InputError", "Scenario"]

if TYPE_CHECKING:
    from paceline._api import InputError, Scenario
else:

    def __getattr__(name: str) -> object:
        # Numba and Polars take a second to import, for which nobody waits who asks the command for help.
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        from paceline import _api  # noqa: PLC0415 - only now

        return getattr(_api, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
