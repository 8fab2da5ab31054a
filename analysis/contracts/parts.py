"""What every part promises, of whichever family: a scenario can have it, a book keep it, a run name it."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from analysis.contracts.checks import Check, Draw, promised
from entities.errors import InputError
from sim.family import Part


def _it_is_frozen_and_refuses_what_it_does_not_know(part: Part, draw: Draw) -> None:
    del draw
    try:
        type(part).model_validate({"nobody_knows": 1})
    except ValidationError as error:
        promised(any(one["type"] == "extra_forbidden" for one in error.errors()), "took an unknown parameter")
    else:
        promised(False, "took the parameter nobody_knows")
    try:
        untyped: Any = part  # as it is to whoever writes a script
        untyped.kind = "other"
    except (InputError, ValidationError):
        return
    promised(False, "one could change it")


def _it_comes_back_from_what_a_book_keeps_of_it(part: Part, draw: Draw) -> None:
    del draw
    own = part.model_dump(mode="json")
    again = type(part).model_validate(own)
    promised(again == part, f"{own} is {again!r} when it is read again")
    again = type(part).model_validate_json(part.model_dump_json())
    promised(again == part, f"its JSON is {again!r} when it is read again")


def _its_parameters_are_values_that_do_not_change(part: Part, draw: Draw) -> None:
    del draw
    try:
        set[Part]().add(part)  # as what is made of it is kept by it
    except TypeError as error:
        promised(False, f"{error}: a parameter must be a number, text or a tuple, not a list or a mapping")


def _it_says_what_it_is(part: Part, draw: Draw) -> None:
    del draw
    family = next(each for each in type(part).__mro__ if Part in each.__bases__)
    told = (type(part).__doc__ or "").strip()
    promised(told not in {"", (family.__doc__ or "").strip()}, "it has no docstring")


ANY: tuple[Check[Part], ...] = tuple(
    Check(each, 1)
    for each in (
        _it_says_what_it_is,
        _it_is_frozen_and_refuses_what_it_does_not_know,
        _it_comes_back_from_what_a_book_keeps_of_it,
        _its_parameters_are_values_that_do_not_change,
    )
)
"""The contract of any part, as far as it can be asked of a class of the user's own."""
