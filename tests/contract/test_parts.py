"""What every part of every family promises, whoever wrote it: a new file is tested before its tests are."""

from __future__ import annotations

import pickle

import pytest
from pydantic import BaseModel, ValidationError, create_model

from entities.errors import InputError
from sim import FAMILIES
from sim.family import Part, family_in, kind_of

BASES: tuple[type[Part], ...] = tuple(map(family_in, FAMILIES.values()))
PARTS = [
    pytest.param(family, member, id=f"{family.__name__}-{kind}")
    for family in BASES
    for kind, member in family.members().items()
]
each = pytest.mark.parametrize(("family", "member"), PARTS)


def holder(family: type[Part]) -> type[BaseModel]:
    """Return a model with one field, `part`, that takes any member of *family*."""
    return create_model("Holder", part=(family, ...))


@pytest.mark.parametrize("family", BASES)
def test_a_family_has_members(family: type[Part]) -> None:
    assert len(family.members()) >= 2


@each
def test_it_is_made_without_parameters_and_knows_its_kind(family: type[Part], member: type[Part]) -> None:
    assert member().model_dump()["kind"] == kind_of(member)
    assert family.members()[kind_of(member)] is member


@each
def test_its_file_bears_its_kind(family: type[Part], member: type[Part]) -> None:
    assert member.__module__ == f"{family.__module__}.{kind_of(member)}"


@each
def test_it_says_what_it_is(family: type[Part], member: type[Part]) -> None:
    assert (member.__doc__ or "").strip() not in {"", (family.__doc__ or "").strip()}


@each
def test_it_is_frozen_and_refuses_what_it_does_not_know(family: type[Part], member: type[Part]) -> None:
    with pytest.raises(InputError, match="frozen"):
        member().kind = "other"  # type: ignore[attr-defined]
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        member.model_validate({"nobody_knows": 1})


@each
def test_it_comes_back_from_json_and_from_its_name(family: type[Part], member: type[Part]) -> None:
    part, scenario = member(), holder(family)
    assert member.model_validate_json(part.model_dump_json()) == part
    held = scenario.model_validate({"part": part})
    again = scenario.model_validate_json(held.model_dump_json())
    by_name = scenario.model_validate({"part": kind_of(member)})
    assert held == again == by_name
    assert type(again.part) is type(by_name.part) is member  # type: ignore[attr-defined]


@each
def test_it_travels_between_processes(family: type[Part], member: type[Part]) -> None:
    part = member()
    copy = pickle.loads(pickle.dumps(part))
    assert copy == part
    assert type(copy) is member


@each
def test_it_is_described_for_editors(family: type[Part], member: type[Part]) -> None:
    schema = holder(family).model_json_schema()
    assert kind_of(member) in schema["properties"]["part"]["discriminator"]["mapping"]
