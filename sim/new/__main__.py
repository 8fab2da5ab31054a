"""Writes a part of a family under a name of its own, and the schemas that now offer it."""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from entities.errors import InputError
from entities.messages import hint
from sim.ambient import AmbientDemand
from sim.auction import AuctionFormat
from sim.audience.pods import Pods
from sim.bidding import BiddingRule
from sim.deal import Deal
from sim.family import Part
from sim.pacing import PacingPolicy
from sim.valuation import Valuation

FAMILIES: dict[str, type[Part]] = {
    "ambient": AmbientDemand,
    "auction": AuctionFormat,
    "bidding": BiddingRule,
    "deal": Deal,
    "pacing": PacingPolicy,
    "pods": Pods,
    "valuation": Valuation,
}
"""What a part can be of, each with a template of its name in this folder."""
_ROOT = Path(__file__).parents[2]
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_MOST_LETTERS = 40


def write(kind: str, name: str) -> Path:
    """Return the new file of the part *name* of a family; InputError for a name that it cannot have."""
    if kind not in FAMILIES:
        raise InputError(f"KIND={kind}: there is no such family; {hint(kind, FAMILIES)}")
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > _MOST_LETTERS:
        allowed = (
            f"must be snake_case as in my_policy, at most {_MOST_LETTERS} letters and no word of Python's"
        )
        raise InputError(f"NAME={name}: is not allowed; {allowed}")
    family = FAMILIES[kind]
    path = _ROOT.joinpath(*family.__module__.split("."), f"{name}.py")
    if name in family.members() or path.exists():
        raise InputError(f"NAME={name}: {path.relative_to(_ROOT)} exists already; choose another name")
    if hasattr(sys.modules[family.__module__], name):
        raise InputError(f"NAME={name}: means something else in {family.__module__}; choose another name")
    path.write_text(named((Path(__file__).parent / f"{kind}.py").read_text(encoding="utf-8"), name), "utf-8")
    return path


def named(template: str, name: str) -> str:
    """Return the text of a *template* as that of the part *name*."""
    words = name.split("_")
    template = template.replace("class Template(", f"class {''.join(map(str.capitalize, words))}(", 1)
    template = template.replace('"""Template:', f'"""{" ".join(words).capitalize()}:', 1)
    return template.replace('"template"', f'"{name}"')


def main(words: Sequence[str]) -> int:
    """Return the exit code of `python -m sim.new KIND NAME`, having said what was written."""
    try:
        kind, name = words
    except ValueError:
        sys.stderr.write("error: say which: make new KIND=pacing NAME=my_policy\n")
        return 2
    try:
        path = write(kind, name)
    except InputError as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    # In a process of its own: this one looked for the members before there was one more.
    subprocess.run([sys.executable, "-m", "scenarios.schema"], cwd=_ROOT, check=True)
    sys.stdout.write(
        f"{path.relative_to(_ROOT)}: write what it does; then\n"
        f"  make test-one FILE=tests/contract K={name}   holds it against the contract of its family\n"
        "  make generated                 brings the pages up to date that list it\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
