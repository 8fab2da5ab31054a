"""What goes by its name in a setting or under `overrides`, and how it is written: `line_item[TV drama]`.

A name may be a longer path, as in `market.changes`: `line_item[Spring / TV drama]`. A `*` stands for any text
within one name, and such a glob may mean several. In quotes, of either sort, a name is meant as it stands:
`line_item["50 * 2"]`; a quote of that sort within it is written twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from scenarios.yaml_source import Key, at
from sim.market.changes import goes_by

FIELD = "overrides"
NOUNS = ("campaign", "line_item", "bidder", "profile", "example")
NAMED = {"examples": "example", "profiles": "profile"}
"""The fields of a scenario that name campaigns of ours, each with its noun."""

_IN_QUOTES = r"""\s*(?:"(?:[^"]|"")*"|'(?:[^']|'')*')\s*"""
_QUOTED = re.compile(_IN_QUOTES, re.DOTALL)
_SELECTOR = re.compile(r"([^\[\]]*)\[(.+)\]", re.DOTALL)
_STEP = re.compile(rf"((?:[^.=\[\]]|\[(?:{_IN_QUOTES}|.*?)\](?=[.=]))*)([.=])", re.DOTALL)


@dataclass(frozen=True)
class Selector:
    """A noun, and the name or the glob that stood in its brackets."""

    noun: str
    name: str
    """Without quotes."""
    glob: bool

    def means(self, noun: str, path: str) -> bool:
        """Return whether it means what is of that *noun* and has that *path* of names."""
        if noun != self.noun:
            return False
        return any(map(_glob(self.name), _ends(self.name, path))) if self.glob else goes_by(self.name, path)


@cache
def parsed(text: str) -> Selector | None:
    """Return the selector that *text* is; None where it is none."""
    found = _SELECTOR.fullmatch(text)
    if found is None:
        return None
    noun, name = found.groups()
    if _QUOTED.fullmatch(name):
        quote, inner = name.strip()[0], name.strip()[1:-1]
        return Selector(noun, inner.replace(quote * 2, quote), glob=False)
    return Selector(noun, name, glob="*" in name)


def _glob(name: str) -> Any:
    return re.compile(re.escape(_spaced(name)).replace(r"\*", "[^\0]*"), re.DOTALL).fullmatch


def _spaced(name: str) -> str:
    return "\0".join(part.strip() for part in name.split("/"))


def _ends(name: str, path: str) -> Iterator[str]:
    # The last names of a path, as many as the glob has; a slash may also be part of one of them.
    many = name.count("/") + 1
    for names in (path.split(" / "), [part.strip() for part in path.split("/")]):
        if len(names) >= many:
            yield "\0".join(names[-many:])


def split(setting: str) -> tuple[list[str], str] | None:
    """Return the steps of the path of `PATH=VALUE`, and the value; a name in brackets is part of its step."""
    path, end = [], 0
    while step := _STEP.match(setting, end):
        path.append(step[1].strip())
        end = step.end()
        if step[2] == "=":
            by_name = path[0].startswith(tuple(f"{noun}[" for noun in NOUNS))
            return ([FIELD, *path] if by_name else path), setting[end:]
    return None


def unnamed(setting: str) -> str:
    """Return the noun that *setting* begins with where its brackets are empty or open, else nothing."""
    noun, bracket, rest = setting.partition("[")
    name, closed, _ = rest.partition("]")
    return noun.strip() if noun.strip() in NOUNS and bracket and not (name.strip() and closed) else ""


def means(selector: str, noun: str, path: str) -> bool:
    """Return whether *selector* means what is of that *noun* and has that *path* of names."""
    wanted = parsed(selector)
    return wanted is not None and wanted.means(noun, path)


def is_glob(selector: str) -> bool:
    """Return whether *selector* may mean several."""
    found = parsed(selector)
    return found is not None and found.glob


def laid(data: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the terms by name of a scenario in the order in which they are laid: names come after globs."""
    terms = data.get(FIELD)
    given = terms.items() if isinstance(terms, dict) else ()  # what is no mapping the model refuses
    found = [(selector, each) for selector, each in given if isinstance(each, dict)]
    return sorted(found, key=lambda pair: not is_glob(pair[0]))


def written(noun: str, name: str, quote: str = "") -> str:
    """Return the selector of what goes by *name*, in that *quote* or in quotes where they are needed."""
    bare = f"{noun}[{name}]"
    plain = parsed(bare) == Selector(noun, name, glob=False) and split(f"{bare}.x=") == (
        [FIELD, bare, "x"],
        "",
    )
    if plain and not quote:
        return bare
    quote = quote or '"'
    return f"{noun}[{quote}{name.replace(quote, quote * 2)}{quote}]"


def shortest(noun: str, path: str, others: Iterable[str], quote: str = "") -> str:
    """Return the selector of *path* by as few of its names as tell it from the *others* of that noun."""
    names, others = path.split(" / "), [other for other in others if other != path]
    ends = [" / ".join(names[-many:]) for many in range(1, len(names) + 1)]
    alone = (end for end in ends if not any(goes_by(end, other) for other in others))
    return written(noun, next(alone, path), quote)


def selector_of(name: str, there: Iterable[tuple[str, str]]) -> str | None:
    """Return the selector of the first of those *there*, each a noun and a path, that goes by *name*."""
    return next((written(noun, name) for noun, path in there if goes_by(name, path)), None)


def own(data: dict[str, Any]) -> Iterator[Key]:
    """Yield the key of each campaign and of the bidders that a scenario has written out."""
    for name in ("campaigns", "bidders"):
        items = data.get(name)
        yield from ((name, place) for place in range(len(items) if isinstance(items, list) else 0))


def targets(data: Any, key: Key, named: tuple[str, str] | None = None) -> Iterator[tuple[str, str, Key]]:
    """Yield the campaign and line items, or the bidders, at *key* of *data*: noun, path of names, key.

    An example or a profile is *named*, by its noun and name, and comes first.
    """
    data = at(data, key)
    if named:
        yield (*named, key)
    if not isinstance(data, dict):
        return  # what is no listing the model refuses
    if key[:1] == ("bidders",):
        yield "bidder", str(data.get("name")), key
        return
    advertiser, campaign = data.get("advertiser"), data.get("campaign")
    if not (isinstance(advertiser, dict) and isinstance(campaign, dict)):
        return
    path = f"{advertiser.get('name')} / {campaign.get('name')}"
    yield "campaign", path, (*key, "campaign")
    items = campaign.get("line_items")
    for place, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield "line_item", f"{path} / {item.get('name')}", (*key, "campaign", "line_items", place)
