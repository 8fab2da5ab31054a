"""Classes of the user's own: parts that lie in a file of theirs, and are code that a scenario names.

A scenario is data, so a file is run only where the command line or the caller says so; anywhere else the
part stays a description, which can be shown, stored and compared, and not played.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, ClassVar, Self, cast

from pydantic import AfterValidator, Field, ValidationError

from entities.errors import InputError, RefusedError
from entities.messages import did_you_mean, listed, nearest, printable, quoted, reason
from sim.family import EXTERNAL, Part, blamed

FLAG = "--allow-code (in Python allow_code=True)"
_TEXT = "__source__"
_PATH = re.compile(r"[A-Za-z_]\w{0,63}(\.[A-Za-z_]\w{0,63}){0,7}:[A-Za-z_]\w{0,63}", re.ASCII)


class UnplayableError(RefusedError):
    """Why a class of the user's own does not play: it may not run, is missing, has changed or is wrong."""


@dataclass(frozen=True, slots=True)
class _Permission:
    given: bool
    folders: tuple[Path, ...] = ()
    loaded: dict[str, type[Part]] = field(default_factory=dict)


_permission: ContextVar[_Permission | None] = ContextVar("permission", default=None)


@contextmanager
def code(allowed: bool, beside: Path | None = None, loaded: Iterable[Part] = ()) -> Iterator[None]:
    """Let external classes be loaded in the block, or refuse each of them, where it is not *allowed*.

    They are looked for in the folder of the file *beside* which they lie, and then in the working directory.
    Those of parts that were *loaded* before play in any case. Outside of such a block nobody does: what names
    a class stays a description.
    """
    here = Path.cwd()
    folders = (here,) if beside is None else (beside.resolve().parent, here)
    known = {part.named["policy"]: type(part) for part in loaded if part.named}
    with _permitted(_Permission(allowed, tuple(dict.fromkeys(folders)), known)):
        yield


@contextmanager
def described() -> Iterator[None]:
    """Leave external classes descriptions in the block, whatever is allowed around it."""
    with _permitted(None):
        yield


@contextmanager
def _permitted(permission: _Permission | None) -> Iterator[None]:
    token = _permission.set(permission)
    try:
        yield
    finally:
        _permission.reset(token)


def _named(text: str) -> str:
    if not _PATH.fullmatch(text):
        allowed = "must be module:Class, such as my_module:MyPacer for the class MyPacer in my_module.py"
        raise RefusedError(f"{text or quoted(text)}: {allowed}", value=text, allowed=allowed)
    return text


def _hash(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", text):
        allowed = "must be a SHA-256 of 64 hexadecimal digits, lowercase"
        raise RefusedError(f"{text or quoted(text)}: {allowed}", value=text, allowed=allowed)
    return text


class External(Part):
    """What a scenario says of a class of the user's own."""

    described: ClassVar[bool] = True
    policy: Annotated[str, AfterValidator(_named)] = Field(
        description="The class, `module:Class`, of a file beside the scenario's or in the working directory"
    )
    parameters: dict[str, Any] = Field(default={}, description="Those of the class, which checks them")
    sha256: Annotated[str, AfterValidator(_hash)] | None = Field(
        default=None,
        exclude_if=lambda text: text is None,
        description="Of the file; where it is given, another file is refused",
    )

    def player(self) -> Self:
        """Return an object of the class with the parameters; the description itself where nobody plays.

        UnplayableError where code may not run, and for whatever is wrong with file, class or parameters.
        """
        permission = _permission.get()
        if permission is None:
            return self
        family: type[Self] = next(each for each in type(self).__mro__ if Part in each.__bases__)
        found: type[Part] | None = permission.loaded.get(self.policy)
        if found is None:
            if not permission.given:
                raise UnplayableError(str(self.unplayable()))
            try:
                found = load(self.policy, family, self.sha256)
            except InputError as error:
                raise UnplayableError(str(error)) from error
        try:
            return cast("Self", found.model_validate(self.parameters))
        except ValidationError as error:
            raise _refused(found, error) from None

    def unplayable(self) -> InputError:
        """Return the error of playing a description."""
        return InputError(f"{self.policy} is code, and a scenario is data; {FLAG} lets it run")


def load(policy: str, family: type[Part], sha256: str | None = None) -> type[Part]:
    """Return the class of *family* that `module:Class` names, where code is allowed.

    InputError for what is wrong with it; with *sha256*, that of its file, for another file, too.
    """
    permission = _permission.get()
    if permission is None or not permission.given:
        raise InputError(f"{policy} is code; {FLAG} lets it run")
    try:
        source = _source(_named(policy), permission.folders)
    except RefusedError as error:
        raise InputError(str(error)) from None
    try:
        text = source.read_bytes()
    except OSError as error:
        raise InputError(f"{policy}: {printable(str(source))}: {reason(error)}") from None
    now = hashlib.sha256(text).hexdigest()
    if sha256 not in (None, now):
        was = f"its SHA-256 was {str(sha256)[:12]}…, and is {now[:12]}… now"
        raise InputError(f"{policy}: {printable(str(source))} has changed: {was}")
    return _class(policy, source, text, now, family)


def _source(policy: str, folders: tuple[Path, ...]) -> Path:
    module, _, name = policy.partition(":")
    if module.endswith(".py"):
        raise InputError(f"{policy}: a module goes by its name alone, {module.removesuffix('.py')}:{name}")
    file = Path(*module.split(".")).with_suffix(".py")
    for folder in folders:
        if (folder / file).is_file():
            return folder / file
    places = " and ".join(printable(str(folder)) for folder in folders)
    known = [path.stem for folder in folders for path in folder.glob("*.py")]
    near = did_you_mean(nearest(module, known))
    raise InputError(f"{policy}: there is no {file.as_posix()} in {places}{near}")


def _class(policy: str, source: Path, text: bytes, sha256: str, family: type[Part]) -> type[Part]:
    module_name, _, name = policy.partition(":")
    module = _module(module_name, source, text, sha256)
    found, file = vars(module).get(name), source.name
    own = [each for each in vars(module).values() if _is_own(each, module)]
    if found is None:
        known = [each.__name__ for each in own]
        near = did_you_mean(nearest(name, known)) or (f"; it has {listed(known)}" if known else "")
        raise InputError(f"{policy}: {file} has no class {name}{near}")
    if not (inspect.isclass(found) and issubclass(found, family)):
        base = "part of any family" if family is Part else f"{family.__name__}, which it must extend"
        raise InputError(f"{policy}: is no {base}")
    if not _is_own(found, module):
        raise InputError(f"{policy}: is of {found.__module__}; a scenario names it by its kind")
    if found.__abstractmethods__:
        missing = " and no ".join(sorted(found.__abstractmethods__))
        owner = next(each for each in found.__mro__ if Part in each.__bases__)
        raise InputError(f"{policy}: has no {missing}; every {owner.__name__} has")
    found.named = {"kind": "external", "policy": policy, "sha256": sha256}
    found.__reduce__ = _reduced  # type: ignore[method-assign, assignment]  # to another process, where no module has its name
    return found


def _reduced(part: Part) -> tuple[Any, ...]:
    module = sys.modules[type(part).__module__]
    return _again, (part.named["policy"], module.__file__, vars(module)[_TEXT], part.model_dump(mode="json"))


def _again(policy: str, file: str, text: bytes, own: dict[str, Any]) -> Part:
    # Whoever pickled it was allowed to run it.
    found = _class(policy, Path(file), text, hashlib.sha256(text).hexdigest(), Part)
    return found.model_validate(own)


def _is_own(each: object, module: ModuleType) -> bool:
    return inspect.isclass(each) and issubclass(each, Part) and each.__module__ == module.__name__


def _module(name: str, source: Path, text: bytes, sha256: str) -> ModuleType:
    # The bytes that are hashed are the bytes that run. An edited file is another module beside the first.
    known = f"{EXTERNAL}{name}@{sha256}"
    if known in sys.modules:
        return sys.modules[known]
    module = ModuleType(known)
    module.__file__ = str(source)
    vars(module)[_TEXT] = text
    sys.modules[known] = module  # where Pydantic looks annotations up
    try:
        with blamed(f"{source.name}: its import", InputError):
            try:
                exec(compile(text, str(source), "exec"), vars(module))  # noqa: S102 - which the user allows
            except SystemExit as error:
                raise InputError(f"{source.name}: its import ended the process ({error})") from error
    except BaseException:
        del sys.modules[known]
        raise
    return module


def _refused(found: type[Part], error: ValidationError) -> UnplayableError:
    first = error.errors(include_url=False)[0]
    path = ("parameters", *first["loc"])
    place = ".".join(map(str, path))
    if first["type"] == "extra_forbidden":
        known = [key for key in found.model_fields if key != "kind"]
        near = (
            did_you_mean(nearest(str(path[-1]), known)) or f"; {found.__name__} has {listed(known) or 'none'}"
        )
        return UnplayableError(f"{place}: unknown key{near}", path=path)
    text = first["msg"].removeprefix("Value error, ")
    text = text.replace("Input should", "must", 1)
    return UnplayableError(f"{place}: {text}", value=first["input"], allowed=text, path=path)
