"""Packages that are imported when something of them is first used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any


class Later(ModuleType):
    """Stands for the package of its name, which it imports for whoever uses an attribute of it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what tools look for that only pass it on
            raise AttributeError(name)
        return getattr(import_module(self.__name__), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(import_module(self.__name__), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(import_module(self.__name__), name)
