"""Arguments of public functions, held to their annotations: a wrong one is an InputError of one line."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from typing import Annotated, Any, ParamSpec, TypeVar, get_origin, get_type_hints

from pydantic import ConfigDict, InstanceOf, TypeAdapter, ValidationError

from entities.errors import InputError
from entities.messages import short

File = Annotated[str | InstanceOf[os.PathLike[str]], "the path of a file"]
Folder = Annotated[str | InstanceOf[os.PathLike[str]] | None, "the path of a folder"]

P = ParamSpec("P")
R = TypeVar("R")
_STRICT = ConfigDict(strict=True, arbitrary_types_allowed=True)


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """Return *function*, which refuses an argument that is not what its annotation says.

    Checked is what is annotated with a sentence: `Annotated[int, "a whole number"]`.
    """
    signature = inspect.signature(function)

    @functools.cache
    def allowed() -> dict[str, tuple[TypeAdapter[Any], str]]:
        hints = get_type_hints(function, include_extras=True)
        said = {name: hint for name, hint in hints.items() if get_origin(hint) is Annotated}
        return {
            name: (TypeAdapter(hint, config=_STRICT), hint.__metadata__[-1]) for name, hint in said.items()
        }

    @functools.wraps(function)
    def call(*args: P.args, **given: P.kwargs) -> R:
        for name, value in signature.bind(*args, **given).arguments.items():
            adapter, sentence = allowed().get(name, (None, ""))
            try:
                if adapter:
                    adapter.validate_python(value)
            except ValidationError:
                refused = f"{name}: {short(repr(value), 60)} is not allowed; must be {sentence}"
                raise InputError(refused) from None
        return function(*args, **given)

    return call
