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
        return getattr(self._package(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._package(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._package(), name)

    def _package(self) -> ModuleType:
        # Kept, for a run asks thousands of times, and `import_module` takes its time to find what is there.
        own = self.__dict__
        if "_found" not in own:
            own["_found"] = import_module(self.__name__)
        found: ModuleType = own["_found"]
        return found
