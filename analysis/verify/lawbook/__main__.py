"""`python -m analysis.verify.lawbook`: the laws over random markets; a market that breaks one is printed."""

from __future__ import annotations

from typing import Annotated

import typer

from analysis.verify.lawbook.metamorphic import Between, all_laws
from analysis.verify.lawbook.trials import SEED, told


def main(
    markets: Annotated[int, typer.Option(min=1, help="How many markets.")] = 100,
    seed: Annotated[int, typer.Option(min=0)] = SEED,
    first: Annotated[int, typer.Option(min=0, help="Number of the first market.")] = 0,
    law: Annotated[
        str, typer.Option(metavar="WORDS", help="Laws between two markets with these words, or `all`.")
    ] = "",
) -> None:
    """Play random markets, check every law on them, and exit with 3 where one is broken."""
    words = [] if law == "all" else law.split()
    wanted: list[Between | None] = [
        each for each in all_laws() if law and all(word in each.name for word in words)
    ]
    failed = 0
    for number in range(first, first + markets):
        for each in wanted or [None]:
            for text in told(seed, number, each):
                if text:
                    failed += 1
                    typer.echo(f"market {number} of seed {seed}\n{text}")
    typer.echo(f"{markets} markets, {failed} break a law")
    if failed:
        raise typer.Exit(3)


if __name__ == "__main__":
    typer.run(main)
