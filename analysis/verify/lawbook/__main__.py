"""`python -m analysis.verify.lawbook`: the laws over random markets; a market that breaks one is printed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Annotated

import typer

from analysis.verify.lawbook.metamorphic import MetamorphicLaw, all_laws
from analysis.verify.lawbook.trials import LAWBOOK_SEED, broken_in


def main(
    markets: Annotated[int, typer.Option(min=1, help="How many markets.")] = 100,
    seed: Annotated[int, typer.Option(min=0)] = LAWBOOK_SEED,
    first: Annotated[int, typer.Option(min=0, help="Number of the first market.")] = 0,
    law: Annotated[
        str, typer.Option(metavar="WORDS", help="Metamorphic laws with these words, or `all`.")
    ] = "",
) -> None:
    """Play random markets, check every law on them, and exit with 3 where one is broken."""
    words = [] if law == "all" else law.split()
    named = [each for each in all_laws() if law and all(word in each.name for word in words)]
    wanted: Sequence[MetamorphicLaw | None] = named or [None]
    failed = 0
    for number, each in product(range(first, first + markets), wanted):
        if text := broken_in(seed, number, each):
            failed += 1
            typer.echo(f"market {number} of seed {seed}\n{text}")  # noqa: TID251 - no word of it comes from outside
    typer.echo(f"{markets} markets, {failed} break a law")  # noqa: TID251 - no word of it comes from outside
    if failed:
        raise typer.Exit(3)


if __name__ == "__main__":
    typer.run(main)
