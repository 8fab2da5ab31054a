"""A study: markets that differ in a few terms, its arms, and how often and by what they are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from entities.errors import InputError, RefusedError
from entities.messages import hint, quoted, short
from scenarios import loader
from scenarios.layers import Layered, resolve
from scenarios.loader import Loaded
from scenarios.models import Description, Slug
from scenarios.precision import precision
from scenarios.problems import validated
from scenarios.scalars import text_of
from scenarios.selectors import split
from scenarios.unchanged import market_of
from scenarios.yaml_source import Key
from sim.family import Settings

STUDIES = Path(__file__).parent / "studies"
SAME = ("seed", "name", "market.start", "market.days", "market.timezone", "market.population")
"""What all arms of a study share: what sets the calendar, and who watches."""
MOST_ARMS = 1000

Arm = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^\S(.*\S)?$")]
Terms = Mapping[str, Any]
"""Values by their path, as `--set` has them."""


class Study(Settings):
    """What a study file says."""

    name: Slug = Field(description="What its results are kept under")
    description: Description = Field(default="", description="What is asked")
    finding: Description = Field(default="", description="What came out, in two sentences")
    base: str = Field(description="The scenario that all arms change, by name or as a file beside this one")
    terms: Terms = Field(
        default={}, alias="set", description="Values over the base in all arms, by their path"
    )
    arms: Mapping[Arm, Terms] = Field(default={}, description="The terms of each arm, by its name")
    grid: Mapping[str, tuple[Any, ...] | Mapping[Arm, Any]] = Field(
        default={}, description="The values of a path, listed or by name; every combination is an arm"
    )
    baseline: str | None = Field(default=None, description="The arm that others are held against; the first")
    replications: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=20, description="How many seeds each arm is played with"
    )
    seed: Annotated[int, Field(ge=0, lt=2**62)] | None = Field(
        default=None, description="The first of them, the others follow; that of the base"
    )
    precision: str | None = Field(
        default=None,
        description="Add seeds until every difference of the first metric is known to it: `0.5%` of the"
        " baseline's mean, or an amount; instead of replications",
    )
    line_item: str = Field(
        default="", description="Whose figures are compared, by name; those of all line items together"
    )
    metrics: tuple[str, ...] = Field(default=(), description="What is compared first; all by default")

    @model_validator(mode="after")
    def _arms_that_differ(self) -> Self:
        if bool(self.arms) == bool(self.grid):
            raise RefusedError("give a study either arms or a grid", path=("arms",))
        many = 1
        for path, values in self.grid.items():
            if len(values) < 1:
                raise RefusedError("has no values", path=("grid", path))
            many *= len(values)
        if many > MOST_ARMS:
            raise RefusedError(f"makes {many:,} arms; at most {MOST_ARMS:,}", path=("grid",))
        names = [name for name, _, _ in self.each()]
        if len(names) < 2:
            raise RefusedError("a study compares two arms or more", path=("arms" if self.arms else "grid",))
        if twice := sorted(name for name, times in Counter(names).items() if times > 1):
            raise RefusedError(f"two arms are called {quoted(twice[0])}; name the values", path=("grid",))
        if self.baseline is not None and self.baseline not in names:
            instead = hint(self.baseline, names)
            raise RefusedError(f"no arm {quoted(self.baseline)}; {instead}", path=("baseline",))
        return self

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.precision is not None and "replications" in self.model_fields_set:
            raise RefusedError("give a study either replications or a precision", path=("precision",))
        return self

    @field_validator("precision")
    @classmethod
    def _above_zero(cls, text: str | None) -> str | None:
        try:
            if text is not None:
                precision(text)
        except InputError as error:
            raise RefusedError(str(error)) from None
        return text

    @field_validator("metrics")
    @classmethod
    def _each_once(cls, metrics: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(metrics))

    @property
    def held_against(self) -> str:
        """Return the name of the arm that others are held against."""
        return self.baseline or next(name for name, _, _ in self.each())

    def each(self) -> Iterator[tuple[str, Terms, Key]]:
        """Yield the name of each arm, its terms, and where they are written."""
        for name, terms in self.arms.items():
            yield name, terms, ("arms", name)
        if self.grid:
            for chosen in product(*map(_by_name, self.grid.values())):
                terms = dict(zip(self.grid, (value for _, value in chosen), strict=True))
                yield ", ".join(name for name, _ in chosen), terms, ("grid",)


@dataclass(frozen=True)
class LoadedArm:
    """An arm, checked: its scenario, and the campaigns that it names."""

    name: str
    loaded: Loaded


@dataclass(frozen=True)
class LoadedStudy:
    """A study with all of its arms checked."""

    study: Study
    source: Layered
    arms: tuple[LoadedArm, ...]
    first_seed: int
    other_metrics: bool = False
    """Whether its metrics were asked for beside the file."""

    @property
    def currency(self) -> str:
        """Return the sign of its money; empty where arms differ in it."""
        each = (listing for arm in self.arms for listing in arm.loaded.listings.values())
        signs = {listing.campaign.currency.symbol for listing in each}
        return signs.pop() if len(signs) == 1 else ""


def load_study(name: str, *, replications: int | None = None, metrics: Sequence[str] = ()) -> LoadedStudy:
    """Return the study of a name or path, with other *replications* and *metrics* if they are asked for.

    Each arm is a checked scenario.

    InputError for what is unknown or out of bounds, for arms that differ in what must be the SAME, and for
    two arms that are one market.
    """
    source = resolve(_file(name), _ours, Study)
    if "base" not in source.data and ({*source.data} & {"market", "campaigns", "bidders"}):
        raise InputError(f"{source.path}: {_SCENARIO}")
    study = validated(Study, source)
    if replications is not None:
        study = study.model_copy(update={"replications": replications, "precision": None})
    if metrics:
        study = study.model_copy(update={"metrics": tuple(dict.fromkeys(metrics))})
    arms = tuple(_arms(study, source))
    seed = arms[0].loaded.scenario.seed if study.seed is None else study.seed
    return LoadedStudy(study, source, arms, seed, bool(metrics))


def names() -> list[str]:
    """Return the names of our studies, in alphabetical order."""
    return loader.names(STUDIES)


def _arms(study: Study, source: Layered) -> Iterator[LoadedArm]:
    markets: list[tuple[str, Any]] = []
    shared: list[Any] = []
    for name, terms, key in study.each():
        loaded = _loaded(study, source, terms, name, key)
        where = f"{source.origin(key)}: {source.name(key)}: "
        own = [_value(loaded, path) for path in SAME if path != "name"]
        shared = shared or own
        for path, one, other in zip([path for path in SAME if path != "name"], shared, own, strict=True):
            if one != other:
                raise InputError(f"{where}arms share their {path}; change it under `set`, or in the base")
        market = market_of(loaded, apart=("name", "description"))
        for before, there in markets:
            if there == market:
                same = f"{quoted(name)} is the market of {quoted(before)}; two arms must differ"
                raise InputError(f"{where}{same}")
        markets.append((name, market))
        yield LoadedArm(name, loaded)


def _value(loaded: Loaded, path: str) -> Any:
    value: Any = loaded.scenario
    for step in path.split("."):
        value = getattr(value, step)
    return value


def _loaded(study: Study, source: Layered, terms: Terms, name: str, key: Key) -> Loaded:
    in_all = [(path, value, ("set", path)) for path, value in study.terms.items()]
    its_own = [(path, value, (*key, path)) for path, value in terms.items()]
    settings = []
    for path, value, here in (*in_all, *its_own):
        where = f"{source.origin(here)}: {source.name(here)}"
        steps, rest = split(f"{path}=") or ([], "")
        if not steps or rest:
            raise InputError(f"{where}: is not a path; its value stands beside it")
        same = next((one for one in SAME if f"{'.'.join(steps)}.".startswith(f"{one}.")), None)
        if same and here[0] != "set":
            raise InputError(f"{where}: arms share their {same}; change it under `set`, or in the base")
        settings.append(f"{path}={text_of(value)}")
    return loader.load(_base(study, source), settings, f"{source.origin(key)}: arm {quoted(name)}")


def _base(study: Study, source: Layered) -> str:
    own = study.base.endswith((".yml", ".yaml"))
    base = str(source.path.parent / study.base) if own else study.base
    if not (own or base in loader.names(loader.MARKETS)):
        instead = hint(base, loader.names(loader.MARKETS))
        raise InputError(f"{source.origin(('base',))}: base: no scenario {quoted(base)}; {instead}")
    return base


def _by_name(values: tuple[Any, ...] | Mapping[Arm, Any]) -> list[tuple[str, Any]]:
    if isinstance(values, Mapping):
        return [*values.items()]
    return [(short(value if isinstance(value, str) else text_of(value), 60), value) for value in values]


_SCENARIO = "is a scenario; a study names one as its `base`, and arms that change it"


def _file(name: str) -> Path:
    path = Path(name)
    if path.suffix in {".yml", ".yaml"} or path.is_file():
        return path
    return _ours(name)


def _ours(name: str) -> Path:
    if name in loader.names(loader.MARKETS):
        raise InputError(f"{name}: {_SCENARIO}")
    if name not in names():
        raise InputError(f"no study {quoted(name)}; {hint(name, names())}")
    return STUDIES / f"{name}.yml"
