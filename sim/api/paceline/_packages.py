"""The four packages behind this one, from their own place: a script's own `analysis` is never taken for ours.

They import each other by these names, and of one name a process has one package: sim/DESIGN.md says more.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

PACKAGES = ("entities", "sim", "scenarios", "analysis")
_HERE = Path(__file__).resolve().parent
ROOT = _HERE.parents[2] if _HERE.parts[-3:-1] == ("sim", "api") else _HERE.parent
"""The folder with the four: of a working copy, or else the one into which a wheel was installed."""


def claim() -> None:
    """Import the four packages from ROOT, whatever stands before it on `sys.path`.

    ImportError where a module of that name, and not ours, was imported before. A warning for each module that
    can no longer be imported, as it has one of their names.
    """
    for name in PACKAGES:
        module = sys.modules.get(name)
        if module and _place(module) != ROOT / name / "__init__.py":
            line = f"{name!r} was imported from {_place(module)} before paceline, {_ours_of(name)}"
            raise ImportError(line, name=name)
    for name in PACKAGES:
        if name not in sys.modules:
            _import(name)
    if not any(isinstance(finder, _Explains) for finder in sys.meta_path):
        sys.meta_path.append(_Explains())
    from entities.errors import PacelineWarning  # noqa: PLC0415 - ours by now

    for name in PACKAGES:
        if hidden := next(_hidden(name, folders_too=False), None):
            warnings.warn(_not_that(name, hidden), PacelineWarning, stacklevel=3)


def _import(name: str) -> None:
    spec = PathFinder.find_spec(name, [str(ROOT)])
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["__getattr__"] = lambda attribute: _no_attribute(name, attribute)


def _no_attribute(name: str, attribute: str) -> None:
    hidden = None if attribute.startswith("__") else next(_hidden(name), None)
    why = f"; {_not_that(name, hidden)}" if hidden else ""
    raise AttributeError(f"module {name!r} has no attribute {attribute!r}{why}", name=attribute)


class _Explains:
    """Comes last, and says why `analysis.mine` is not found where the script's own `analysis` may have it."""

    @staticmethod
    def find_spec(fullname: str, _path: object, _target: object = None, /) -> None:
        """Return nothing; ImportError where another package than ours may have been asked for."""
        name, _, inside = fullname.partition(".")
        if inside and name in PACKAGES and (hidden := next(_hidden(name), None)):
            raise ImportError(f"no module named {fullname!r}; {_not_that(name, hidden)}", name=fullname)


def _not_that(name: str, other: Path) -> str:
    return f"{other} cannot be imported beside paceline, {_ours_of(name)}"


def _ours_of(name: str) -> str:
    return f"which has its own {name!r} ({ROOT / name}); rename yours"


def _hidden(name: str, *, folders_too: bool = True) -> Iterator[Path]:
    """Yield every module *name* found before ours; a folder without `__init__.py` only if it has code."""
    for place in sys.path:
        with suppress(FileNotFoundError):  # the working folder may be removed
            if Path(place).resolve() == ROOT:
                return
        spec = PathFinder.find_spec(name, [place])
        if spec is None:
            continue
        if spec.origin:
            found = Path(spec.origin).resolve()
            if found != ROOT / name / "__init__.py" and found not in _scripts():
                yield found
        elif folders_too:
            folders = map(Path, spec.submodule_search_locations or ())
            yield from (folder for folder in folders if any(folder.glob("*.py")))


def _scripts() -> set[Path]:
    """Return the script that is run: it is not imported, and may have any name."""
    mains = (sys.modules.get(name) for name in ("__main__", "__mp_main__"))
    return {Path(file).resolve() for main in mains if (file := getattr(main, "__file__", None))}


def _place(module: ModuleType) -> Path:
    places = [module.__file__] if getattr(module, "__file__", None) else list(getattr(module, "__path__", ()))
    return Path(places[0] or "").resolve() if places else Path(f"<{module.__name__}>")
