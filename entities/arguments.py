"""Arguments of public functions, held to their annotations: a wrong one is an InputError of one line."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any, ParamSpec, TypeVar, get_origin, get_type_hints

from pydantic import AfterValidator, ConfigDict, InstanceOf, TypeAdapter, ValidationError

from entities.errors import InputError
from entities.messages import did_you_mean, nearest, short


def _possible(path: str | os.PathLike[str]) -> str | os.PathLike[str]:
    with suppress(FileNotFoundError, NotADirectoryError, PermissionError):  # whoever opens it says so
        os.lstat(path)
    return path


AnyPath = Annotated[str | InstanceOf[os.PathLike[str]], AfterValidator(_possible)]
File = Annotated[AnyPath, "the path of a file"]
Folder = Annotated[AnyPath | None, "the path of a folder"]

P = ParamSpec("P")
R = TypeVar("R")
_STRICT = ConfigDict(strict=True, arbitrary_types_allowed=True)


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Return *function*, which refuses an argument that is not what its annotation says.

    Checked is what is annotated with a sentence: `Annotated[int, "a whole number"]`.
    """
    signature, types = inspect.signature(function), get_type_hints(function)

    @functools.cache
    def allowed() -> dict[str, tuple[TypeAdapter[Any], str]]:
        hints = get_type_hints(function, include_extras=True)
        said = {name: hint for name, hint in hints.items() if get_origin(hint) is Annotated}
        return {
            name: (TypeAdapter(hint, config=_STRICT), hint.__metadata__[-1]) for name, hint in said.items()
        }

    @functools.wraps(function)
    def call(*args: P.args, **given: P.kwargs) -> R:
        try:
            bound = signature.bind(*args, **given)
        except TypeError as error:
            unknown = next((name for name in given if name not in signature.parameters), "")
            near = did_you_mean(nearest(unknown, signature.parameters))
            raise TypeError(f"{function.__qualname__}() {error}{near}") from None
        for name, value in bound.arguments.items():
            adapter, sentence = allowed().get(name, (None, ""))
            try:
                if adapter:
                    adapter.validate_python(value)
            except (ValidationError, OSError):
                refused = f"{name}: {short(repr(value), 60)} is not allowed; must be {sentence}"
                raise InputError(refused) from None
        return function(*args, **given)

    # For `help`: types in full, and not the names that they have in the source.
    shown = [one.replace(annotation=types.get(one.name, one.empty)) for one in signature.parameters.values()]
    vars(call)["__signature__"] = signature.replace(parameters=shown, return_annotation=types["return"])
    return call
