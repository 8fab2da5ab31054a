"""Families of parts: a part is one file, found in its folder, chosen in a scenario by its `kind`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self, TypeVar, Union, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import CoreSchema

from entities.errors import InputError, PacelineError

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
"""A share, in proportion to the weights beside it."""
Scale = Annotated[float, Field(ge=0, le=100)]
"""A factor."""
Weights = TypeVar("Weights", bound=Iterable[Any])


def _some(weights: Weights) -> Weights:
    if not any(weights.values() if isinstance(weights, Mapping) else weights):
        raise ValueError("one of the weights must be above zero")
    return weights


SOME = AfterValidator(_some)
"""Marks weights of which one must be above zero."""


SHARES_A_WHOLE = "x-shares-a-whole"
"""Where a JSON Schema keeps the mark of SHARES."""
SHARES = Field(json_schema_extra={SHARES_A_WHOLE: True})
"""Marks a mapping whose entries are shares of a whole: written in full, it replaces another one.

Merged, an entry that is not named would keep its share.
"""


def over(default: Mapping[Any, Any] | BaseModel) -> Any:
    """Return the mark of a table or of nested settings: keys that are not given are as in *default*."""
    if isinstance(default, BaseModel):
        usual = default.model_dump()
        return BeforeValidator(lambda given: {**usual, **given} if isinstance(given, Mapping) else given)
    return AfterValidator(lambda given: {**default, **given})


class Settings(BaseModel):
    """Configuration that is frozen and refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    if not TYPE_CHECKING:  # who knows that it is frozen

        def __setattr__(self, name: str, value: object) -> None:
            change = 'load it with other values, as in load("smoke", set={"seed": 8})'
            raise InputError(f"{type(self).__name__}: {name}: is frozen; {change}")


class Written(Settings):
    """Settings that programs write as well as files: either way what is wrong with them is an InputError."""

    refused: ClassVar[Callable[[type[BaseModel], Any, ValidationError], Exception] | None] = None
    """What makes the error of a class, of what it was given, and of what Pydantic says of that."""

    if not TYPE_CHECKING:  # whose own signature has the fields

        def __init__(self, /, **given: Any) -> None:
            with self._refusing(given):
                super().__init__(**given)

        # Says to Pydantic that it need not be called where a file is validated.
        __init__.__pydantic_base_init__ = True

        @classmethod
        def model_validate(cls, obj: object, **how: Any) -> Self:
            """Return the settings that *obj* says, a mapping; what is wrong with it is an InputError."""
            with cls._refusing(obj):
                return super().model_validate(obj, **how)

        @classmethod
        @contextmanager
        def _refusing(cls, given: object) -> Iterator[None]:
            try:
                yield
            except ValidationError as error:
                if Written.refused is None:
                    raise
                raise Written.refused(cls, given, error) from None


P = TypeVar("P", bound="Part")
Found = TypeVar("Found")

EXTERNAL = "external:"
"""What the name of a module of a user's own begins with; its classes are members of no family."""


class Part(Settings):
    """A member of a family; the family's base is declared in its package's `__init__`.

    A field annotated with the base takes any member as `{kind: name, ...}`, or as `name` with its defaults.
    """

    usual: ClassVar[str] = ""
    """The kind of a member whose parameters are given without one; a family without a usual one asks."""
    used: ClassVar[str] = ""
    """How a user chooses one of a family."""
    described: ClassVar[bool] = False
    """Whether it only names a class of the user's own, which plays for it."""
    named: ClassVar[Mapping[str, Any]] = {}
    """How a scenario names a class of the user's own: its kind, its policy and the hash of its source."""

    @classmethod
    def members(cls) -> dict[str, type[Self]]:
        """Return the family by kind, in alphabetical order, importing each file of the package once."""
        return {kind_of(member): member for member in cls._chosen() if not member.described}

    @classmethod
    def adapter(cls) -> TypeAdapter[Self]:
        """Return what validates any member of the family, the same for as long as it has the same members."""
        return _adapter(cls, tuple(cls._chosen()))

    def player(self) -> Self:
        """Return what plays for it: itself, or an object of the class that it names, where that may run."""
        return self

    def as_booked(self) -> dict[str, Any]:
        """Return its kind and all of its parameters, as a book has them."""
        own = self.model_dump(mode="json")
        if not self.named:
            return own
        own.pop("kind", None)
        return {**self.named, "parameters": own}

    @classmethod
    def _chosen(cls) -> list[type[Self]]:
        _import_all(cls.__module__)
        own = (member for member in cls.__subclasses__() if not member.__module__.startswith(EXTERNAL))
        return sorted(own, key=kind_of)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a member that lacks a kind or a method, has the kind of another, or extends another."""
        super().__pydantic_init_subclass__(**kwargs)
        base: type[BaseModel] = cls.__mro__[1]
        if base is Part or cls.__module__.startswith(EXTERNAL):
            return  # a family, or no member of one
        kind = kind_of(cls)
        family = next(each for each in cls.__mro__ if Part in each.__bases__)
        if base is not family:
            # A child of a member may stand in for it, in a test; as a part it would be in no list.
            stands_in = "kind" in base.model_fields and kind == kind_of(base)
            if not stands_in or cls.__module__.startswith(f"{family.__module__}."):
                raise InputError(
                    f"{_place(cls)} of kind {kind!r} extends {_place(base)}, and is no member of"
                    f" {family.__name__} by that; it must extend {family.__name__} itself"
                )
            return
        if cls.__abstractmethods__:
            missing = " and no ".join(sorted(cls.__abstractmethods__))
            raise InputError(f"{_place(cls)} of kind {kind!r} has no {missing}; every {family.__name__} has")
        for other in base.__subclasses__():
            same = (other.__module__, other.__qualname__) == (cls.__module__, cls.__qualname__)
            same |= other.__module__.startswith(EXTERNAL)
            if not same and kind_of(other) == kind:
                raise InputError(f"{_place(cls)} and {_place(other)} are both of kind {kind!r}")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the tagged union of all members for a family's base, and a member's own schema for it."""
        # A base that is still being defined has no members yet: it is asked for its own schema.
        if "kind" in cls.__annotations__ or not cls.__pydantic_complete__:
            return handler(source)
        members = tuple(cls._chosen())
        # A union of classes known only at run time: the static type of such a field is the base itself.
        tagged = Annotated[Union[members], Field(discriminator="kind")]  # type: ignore[valid-type]  # noqa: UP007
        players = AfterValidator(lambda part: part.player())
        return handler.generate_schema(Annotated[tagged, BeforeValidator(cls._from_name), players])

    @classmethod
    def _from_name(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"kind": value}
        if cls.usual and isinstance(value, Mapping) and "kind" not in value:
            return {"kind": cls.usual, **value}
        return value


def family_in(package: str) -> type[Part]:
    """Return the family that is declared in *package*."""
    declared = vars(importlib.import_module(package)).values()
    return next(each for each in declared if isinstance(each, type) and Part in each.__bases__)


@cache
def _import_all(package: str) -> None:
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        with blamed(f"{_file(module.name)}: its import", InputError):
            importlib.import_module(module.name)


@cache
def _adapter(base: type[P], _members: tuple[type[P], ...]) -> TypeAdapter[P]:
    # Annotated, because of a bare model TypeAdapter takes the schema that it was born with.
    family: Any = Annotated[base, Field()]
    return TypeAdapter(family)


def kind_of(member: type[BaseModel]) -> str:
    """Return the `kind` that a scenario calls *member* by, or raise InputError where it has none."""
    kind = member.model_fields.get("kind")
    names = get_args(kind.annotation) if kind else ()
    if len(names) != 1 or kind is None or kind.default != names[0]:
        name = member.__module__.rpartition(".")[2]
        raise InputError(f'{_place(member)} has no kind; it needs kind: Literal["{name}"] = "{name}"')
    return str(names[0])


def name_of(part: Part) -> str:
    """Return what a scenario calls a part: its kind, or the path of a user's own class."""
    return str(part.named["policy"]) if part.named else kind_of(type(part))


def source_of(part: Part) -> str:
    """Return which file a part is written in, and its kind: `sim/pacing/even.py (even)`.

    Of a user's own class it is the name of the class: `my_module.py (MyPacer)`.
    """
    kind = type(part).__name__ if part.named else vars(part)["kind"]
    return f"{_file(type(part).__module__)} ({kind})"


@contextmanager
def blamed(where: str, refusal: type[PacelineError] = PacelineError) -> Iterator[None]:
    """Raise a *refusal* that begins with *where* for whatever else is raised within."""
    try:
        yield
    except PacelineError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        at = extract_tb(error.__traceback__)[-1]
        place = "" if isinstance(error, SyntaxError) else f", at {Path(at.filename).name}:{at.lineno}"
        raise refusal(f"{where} raised {what}{place}") from error


def attributed(find: Callable[[], Found], where: Callable[[], str]) -> Found:
    """Return what is found; what is raised is `blamed` on *where*, which is asked for only then."""
    try:
        return find()
    except Exception:
        with blamed(where()):
            raise


def _file(module: str) -> str:
    own = module.removeprefix(EXTERNAL).partition("@")[0]  # without the hash of its source
    return own.replace(".", "/") + ".py"


def _place(member: type[BaseModel]) -> str:
    return f"{member.__name__} in {_file(member.__module__)}"
