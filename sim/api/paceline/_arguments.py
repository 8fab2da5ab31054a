"""What the functions of `paceline` take, and how it is told to whoever gives something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from annotated_types import Predicate
from pydantic import BeforeValidator, Field, InstanceOf

from analysis.runs.checkpoints import FORMS, is_form
from analysis.runs.run import Run
from analysis.study.run import OnProgress as OnEachOne
from entities.arguments import File
from scenarios.models import Scenario
from scenarios.scalars import plain
from sim.cli.errors import NOTES, TAGS, is_note, is_tag
from sim.cli.options import MOST_WORKERS
from sim.engine.executors import EXECUTORS

Source = Annotated[File | Mapping[str, Any], "the name of a scenario, a YAML file or a mapping"]
AnySource = Annotated[
    Source | InstanceOf[Scenario], "the name of a scenario, a YAML file, a mapping or a Scenario"
]
Changes = Annotated[Mapping[str, object] | None, 'a mapping of dotted paths, such as {"seed": 7}']
Workers = Annotated[
    int | None,
    BeforeValidator(plain),  # a whole number of NumPy's is one
    Field(ge=1, le=MOST_WORKERS),
    f"a whole number from 1 to {MOST_WORKERS}, or None",
]
ExecutorName = Annotated[str, Predicate(EXECUTORS.__contains__), f"one of {', '.join(EXECUTORS)}"]
Address = Annotated[str | None, "HOST:PORT of a Ray cluster, or None"]
Store = Annotated[File | None, "the file of a database, or a Database"]
Note = Annotated[str, Predicate(is_note), NOTES]
Tags = Annotated[Sequence[Annotated[str, Predicate(is_tag)]], f"a list, each tag {TAGS}"]
RunId = Annotated[str | None, "the id of a run"]
Ranges = Annotated[
    Mapping[str, tuple[float, float]] | None, 'a mapping of names to ends, such as {"fill": (0.6, 0.9)}'
]
AnyRun = Annotated[Run, "a run of a database"]
Name = Annotated[str, "the name of a line item, or a longer path such as 'campaign / line item'"]
Flag = Annotated[bool, "True or False"]
KeepForm = Annotated[str, Predicate(is_form), FORMS]
Replications = Annotated[int | None, Field(ge=1, le=100_000), "a whole number from 1 to 100,000, or None"]
OnStudy = Annotated[OnEachOne | None, "a function that takes a Progress, or None"]
Days = Annotated[int | None, Field(ge=1), "a whole number of days, or None"]
