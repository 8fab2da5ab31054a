"""The command that holds a policy of the user's own against the contract of its family."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.commands import terms
from sim.cli.errors import FOUND
from sim.cli.options import Output, argument

if TYPE_CHECKING:
    from rich.console import Console

    from analysis.contracts.checks import Verdict


def _print(out: Console, name: str, found: list[Verdict]) -> None:
    from rich.text import Text

    from sim.cli.terminal import fact

    for one in found:
        tried = f", on {one.examples} examples" if one.examples > 1 else ""
        if one.broken:
            out.print(Text(f"broken  {one.name}", "bold red"), soft_wrap=True)
            out.print(Text(f"        {one.broken}"), soft_wrap=True)
        else:
            out.print(Text(f"kept    {one.name}{tried}"), soft_wrap=True)
    broken = sum(bool(one.broken) for one in found)
    result = f"{broken} of {len(found)} promises broken" if broken else f"all {len(found)} promises kept"
    fact(out, "Policy", name)
    fact(out, "Result", result)


def check_policy(
    policy: Annotated[
        str, argument("POLICY", "A class, module:Class, with parameters as module:Class,KEY=VALUE.")
    ],
    *,
    output: Output,
) -> None:
    """Run a policy of your own through the contract of its family; exit with 3 where it breaks one.

    Its module is a file in the working directory, and runs. Pacing policies and bidding rules have a
    contract; what they promise is in sim/pacing/README.md.
    """
    from analysis.contracts import policies

    name = policy.partition(",")[0]
    part = policies.policy_of(name, terms.parameters("POLICY", policy))
    found = list(policies.verdicts(part))
    broken = [one for one in found if one.broken]
    checks = [
        {"name": one.name, "kept": not one.broken, "examples": one.examples, "broken": one.broken}
        for one in found
    ]
    data = {**part.named, "parameters": part.as_booked()["parameters"], "checks": checks}
    output.answer(data, lambda out: _print(out, name, found), (one.name for one in broken))
    if broken:
        raise typer.Exit(FOUND)
