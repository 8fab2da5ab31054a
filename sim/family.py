"""Families of parts: a part is one file, found in its folder, chosen in a scenario by its `kind`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Self, TypeVar, Union, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    TypeAdapter,
)
from pydantic_core import CoreSchema

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0)]
"""A part of a whole that the weights beside it make up."""
Scale = Annotated[float, Field(ge=0, le=100)]
"""What something is multiplied with."""
Weights = TypeVar("Weights", bound=Iterable[Any])


def _some(weights: Weights) -> Weights:
    if not any(weights.values() if isinstance(weights, Mapping) else weights):
        raise ValueError("one of the weights must be above zero")
    return weights


SOME = AfterValidator(_some)
"""Marks weights of which one must be above zero, or they divide nothing."""


SHARES_A_WHOLE = "x-shares-a-whole"
"""Where a JSON Schema keeps the mark of SHARES."""
SHARES = Field(json_schema_extra={SHARES_A_WHOLE: True})
"""Marks a mapping whose entries share a whole: it is written in full, and replaces what stood there.

Merged, an entry that is not named again would keep its share.
"""


def over(default: Mapping[Any, Any] | BaseModel) -> Any:
    """Return the mark of a table or of nested settings: what is not said is as in *default*."""
    if isinstance(default, BaseModel):
        usual = default.model_dump()
        return BeforeValidator(lambda given: {**usual, **given} if isinstance(given, Mapping) else given)
    return AfterValidator(lambda given: {**default, **given})


class Settings(BaseModel):
    """Configuration that is frozen and refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


P = TypeVar("P", bound="Part")


class Part(Settings):
    """A member of a family; the family's base is declared in its package's `__init__`.

    A field annotated with the base takes any member as `{kind: name, ...}`, or `name` alone where every
    parameter has a default.
    """

    usual: ClassVar[str] = ""
    """The kind of a member whose parameters are given without one; a family without a usual one asks."""

    @classmethod
    def members(cls) -> dict[str, type[Self]]:
        """Return the family by kind, in alphabetical order, importing each file of the package once."""
        package = importlib.import_module(cls.__module__)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{cls.__module__}.{module.name}")
        found = {kind_of(member): member for member in cls.__subclasses__()}
        return dict(sorted(found.items()))

    @classmethod
    def adapter(cls) -> TypeAdapter[Self]:
        """Return what validates any member of the family, the same for as long as it has the same members."""
        return _adapter(cls, tuple(cls.members().values()))

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse a second member of the same kind."""
        super().__pydantic_init_subclass__(**kwargs)
        if "kind" not in cls.model_fields:
            return
        base: type[BaseModel] = cls.__mro__[1]
        if "kind" in base.model_fields:
            return  # a member's child is no member
        for other in base.__subclasses__():
            same = (other.__module__, other.__qualname__) == (cls.__module__, cls.__qualname__)
            if not same and "kind" in other.model_fields and kind_of(other) == kind_of(cls):
                raise TypeError(f"{cls.__module__}.{cls.__name__} and {other.__module__}.{other.__name__} "
                                f"are both of kind {kind_of(cls)!r}")  # fmt: skip

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the tagged union of all members for a family's base, and a member's own schema for it."""
        # A base that is still being defined has no members yet: it is asked for its own schema.
        if "kind" in cls.__annotations__ or not cls.__pydantic_complete__:
            return handler(source)
        members = tuple(cls.members().values())
        # A union of classes known only at run time: the static type of such a field is the base itself.
        tagged = Annotated[Union[members], Field(discriminator="kind")]  # type: ignore[valid-type]  # noqa: UP007
        return handler.generate_schema(Annotated[tagged, BeforeValidator(cls._from_name)])

    @classmethod
    def _from_name(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"kind": value}
        if cls.usual and isinstance(value, Mapping) and "kind" not in value:
            return {"kind": cls.usual, **value}
        return value


@cache
def _adapter(base: type[P], members: tuple[type[P], ...]) -> TypeAdapter[P]:
    # Annotated, because of a bare model TypeAdapter takes the schema that it was born with.
    del members
    family: Any = Annotated[base, Field()]
    return TypeAdapter(family)


def kind_of(member: type[BaseModel]) -> str:
    """Return the `kind` that a scenario calls *member* by."""
    return str(get_args(member.model_fields["kind"].annotation)[0])
