"""The registry is the single door: it has everything, and the design's own lines run."""

import inspect
from datetime import date
from enum import Enum
from types import ModuleType

import pytest
from pydantic import BaseModel

import entities.database
import entities.enums
import entities.errors
import entities.factories
import entities.models
import entities.schemas
from entities import registry

PACKAGES = (
    entities.enums, entities.models, entities.schemas, entities.factories, entities.database, entities.errors
)  # fmt: skip


def under(base: type) -> set[type]:
    """Return every class below *base* that Paceline's entities define."""
    below: set[type] = set()
    for child in base.__subclasses__():
        below |= under(child) | {child}
    return {
        child for child in below if child.__module__.startswith("entities.") and "[" not in child.__name__
    }


def test_every_mapper_is_exported() -> None:
    mapped = {mapper.class_ for mapper in registry.Base.registry.mappers}
    assert len(mapped) == 16
    assert {getattr(registry, row.__name__, None) for row in mapped} == mapped


def test_every_schema_is_exported() -> None:
    inner = {"Spending"}  # what line items and campaigns share
    schemas = {schema for schema in under(BaseModel) if schema.__name__ not in inner}
    assert len(schemas) > 10
    assert {getattr(registry, schema.__name__, None) for schema in schemas} == schemas


def test_every_enum_is_exported() -> None:
    found = under(Enum)
    assert len(found) > 15
    assert {getattr(registry, word.__name__, None) for word in found} == found


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
def test_everything_that_a_package_exports_passes_the_door(package: ModuleType) -> None:
    for name in package.__all__:
        assert getattr(registry, name) is getattr(package, name)
        assert name in registry.__all__


def test_no_two_packages_export_one_name() -> None:
    exported = [name for package in PACKAGES for name in package.__all__]
    assert len(set(exported)) == len(exported)


def test_nothing_else_passes_the_door() -> None:
    public = {name for name in vars(registry) if not name.startswith("_")}
    assert public == set(registry.__all__)


def test_the_groups() -> None:
    assert registry.enums is entities.enums
    assert registry.orm is entities.models
    assert registry.schemas is entities.schemas
    assert registry.utils is entities.factories
    assert registry.orm.Campaign is registry.Campaign
    assert registry.utils.fake_targeting_v2 is registry.fake_targeting_v2


def test_the_lines_of_the_design() -> None:
    assert registry.Campaign.__tablename__ == "campaigns"
    assert registry.BudgetType.lifetime.value == "lifetime"
    creative = registry.CreativeCreate(
        asset_url="https://cdn.example.com/spot.mp4", mime_type=registry.CreativeMimeType.mp4
    )
    assert creative.name == "spot"
    assert registry.Advertiser(name="Luxury Auto Co").name == "Luxury Auto Co"

    def length(campaign: registry.Campaign) -> int:  # a module is valid in annotations
        return (campaign.end_date - campaign.start_date).days

    day = date(2026, 11, 2)
    assert length(registry.CampaignCreate(name="Launch", start_date=day, end_date=day).row()) == 0


def test_every_public_function_says_what_it_returns() -> None:
    for package in PACKAGES:
        for name in package.__all__:
            thing = getattr(package, name)
            if inspect.isfunction(thing) or inspect.isclass(thing):
                assert inspect.getdoc(thing), name
