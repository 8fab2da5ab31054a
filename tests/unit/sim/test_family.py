"""A part is a file in its family's folder, chosen by kind, and a kind belongs to one part."""

from __future__ import annotations

import importlib
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import ValidationError

from entities.errors import InputError

BASE = '''
from abc import abstractmethod
from sim.family import Part

class Shape(Part):
    """A shape."""

    @abstractmethod
    def area(self) -> float:
        """Return it."""
'''
MEMBER = '''
from typing import Literal
from {package} import Shape

class {name}(Shape):
    """One of them."""

    kind: Literal["{kind}"] = "{kind}"
    {fields}

    def area(self) -> float:
        return self.side ** 2
'''
HOLDER = '''
from {package} import Shape
from sim.family import Settings

class Drawing(Settings):
    """It holds a part."""

    shape: Shape
'''

Family = Callable[..., ModuleType]


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Family]:
    """Return a maker of families: a package of the given name, with a file for each (file, class, kind)."""

    def make(package: str, *members: tuple[str, str, str], fields: str = "side: float = 1.0") -> ModuleType:
        folder = tmp_path / package
        folder.mkdir()
        (folder / "__init__.py").write_text(BASE)
        for file, name, kind in members:
            source = MEMBER.format(package=package, name=name, kind=kind, fields=fields)
            (folder / f"{file}.py").write_text(source)
        (tmp_path / f"{package}_holder.py").write_text(HOLDER.format(package=package))
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        return importlib.import_module(package)

    before = set(sys.modules)
    yield make
    for name in set(sys.modules) - before:
        if name.startswith("family_of_"):
            del sys.modules[name]


def test_members_are_the_files_of_the_folder_by_kind(family: Family) -> None:
    shapes = family("family_of_three", ("b", "Square", "square"), ("a", "Tile", "tile"), ("c", "Box", "box"))
    assert list(shapes.Shape.members()) == ["box", "square", "tile"]
    assert shapes.Shape.members()["square"].__name__ == "Square"


def test_a_kind_belongs_to_one_part(family: Family) -> None:
    shapes = family("family_of_twins", ("a", "Square", "square"), ("b", "Quadrat", "square"))
    both = "Quadrat in family_of_twins/b.py and Square in family_of_twins/a.py are both of kind 'square'"
    with pytest.raises(InputError, match=f"^{both}$"):
        shapes.Shape.members()


def test_a_part_needs_a_kind(family: Family) -> None:
    for package, kind in (("family_of_none", ""), ("family_of_any", 'kind: str = "square"')):
        shapes = family(package)
        (Path(str(shapes.__file__)).parent / "plain.py").write_text(
            f'from {package} import Shape\nclass Plain(Shape):\n    """One."""\n    {kind}\n'
        )
        needs = f'Plain in {package}/plain.py has no kind; it needs kind: Literal["plain"] = "plain"'
        with pytest.raises(InputError, match=f"^{re.escape(needs)}$"):
            shapes.Shape.members()


def test_a_kind_of_its_own_that_extends_a_member_is_no_member_and_says_so(family: Family) -> None:
    shapes = family("family_of_heirs", ("a", "Square", "square"))
    heir = MEMBER.format(package="family_of_heirs.a", name="Tile", kind="tile", fields="size: int = 1")
    file = Path(str(shapes.__file__)).parent / "tile.py"
    file.write_text(heir.replace("Shape", "Square"))
    told = (
        "Tile in family_of_heirs/tile.py of kind 'tile' extends Square in family_of_heirs/a.py, and is no"
        " member of Shape by that; it must extend Shape itself"
    )
    with pytest.raises(InputError, match=f"^{told}$"):
        shapes.Shape.members()


def test_a_child_of_a_member_in_the_family_s_folder_is_refused_without_a_kind_of_its_own(
    family: Family,
) -> None:
    shapes = family("family_of_children", ("a", "Square", "square"))
    file = Path(str(shapes.__file__)).parent / "bad.py"
    file.write_text('from family_of_children.a import Square\nclass Bad(Square):\n    """One."""\n')
    told = (
        r"^Bad in family_of_children/bad\.py of kind 'square' extends Square in .*must extend Shape itself$"
    )
    with pytest.raises(InputError, match=told):
        shapes.Shape.members()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            'from typing import Literal\nfrom {package} import Shape\nclass Bad(Shape):\n    kind: Literal["bad"] = "bad"\n',
            "Bad in {package}/bad.py of kind 'bad' has no area; every Shape has",
        ),
        ("class Bad(:\n", "{package}/bad.py: its import raised SyntaxError: invalid syntax (bad.py, line 1)"),
        ("\n1 / 0\n", "{package}/bad.py: its import raised ZeroDivisionError: division by zero, at bad.py:2"),
    ],
    ids=["without a method", "no Python", "fails"],
)
def test_a_file_that_is_no_part_is_named(family: Family, source: str, told: str) -> None:
    package = f"family_of_bad_{zlib.crc32(source.encode())}"
    shapes = family(package)
    (Path(str(shapes.__file__)).parent / "bad.py").write_text(source.format(package=package))
    with pytest.raises(InputError, match=f"^{re.escape(told.format(package=package))}$"):
        shapes.Shape.members()


def test_a_stand_in_of_a_member_s_own_kind_is_no_member(family: Family) -> None:
    square = family("family_of_stand_ins", ("a", "Square", "square")).Shape.members()["square"]
    stand_in = type("StandIn", (square,), {"__module__": __name__})
    assert stand_in().kind == "square"
    assert square.__mro__[1].members() == {"square": square}  # type: ignore[attr-defined]


def test_a_part_is_chosen_by_kind_or_by_name_alone(family: Family) -> None:
    family("family_of_two", ("a", "Square", "square"), ("b", "Tile", "tile"))
    drawing = importlib.import_module("family_of_two_holder").Drawing
    by_name = drawing.model_validate({"shape": "tile"})
    assert by_name == drawing.model_validate({"shape": {"kind": "tile"}})
    assert type(by_name.shape).__name__ == "Tile"
    assert drawing.model_validate({"shape": {"kind": "square", "side": 3}}).shape.area() == 9
    assert drawing.model_validate_json(by_name.model_dump_json()) == by_name


def test_an_unknown_kind_is_told_the_known_ones(family: Family) -> None:
    family("family_of_known", ("a", "Square", "square"), ("b", "Tile", "tile"))
    drawing = importlib.import_module("family_of_known_holder").Drawing
    for unknown in ("circle", {"kind": "circle"}):
        with pytest.raises(ValidationError, match=r"'circle' found using 'kind'.*'square', 'tile'"):
            drawing.model_validate({"shape": unknown})


def test_a_name_alone_is_refused_where_a_parameter_has_no_default(family: Family) -> None:
    family("family_of_one", ("a", "Square", "square"), fields="side: float")
    drawing = importlib.import_module("family_of_one_holder").Drawing
    with pytest.raises(ValidationError, match=r"shape\.square\.side\n  Field required"):
        drawing.model_validate({"shape": "square"})


def test_a_part_is_frozen_and_refuses_what_it_does_not_know(family: Family) -> None:
    square = family("family_of_frozen", ("a", "Square", "square")).Shape.members()["square"]
    part = square()
    with pytest.raises(InputError, match="frozen"):
        part.side = 2.0
    with pytest.raises(ValidationError, match="colour\n  Extra inputs are not permitted"):
        square(colour="red")
    with pytest.raises(ValidationError, match="finite number"):
        square(side=float("nan"))
