"""The command that says whether a booking can be had, before it exists."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import InputError
from sim.cli import options
from sim.cli.commands import terms
from sim.cli.errors import integer, no_option, share
from sim.cli.options import Output, one_of, option

if TYPE_CHECKING:
    from rich.console import Console

    from analysis.forecast.proposal import Proposal
    from scenarios.loader import Loaded

CURVES = ("cpm", "cap", "budget", "none")


@terms.with_terms
def forecast(
    ctx: typer.Context,
    scenario: options.ScenarioName = "full",
    impressions: Annotated[
        int | None,
        option(
            "N", "How many to deliver; with --max-cpm they make the budget.", parser=integer(1, 1_000_000_000)
        ),
    ] = None,
    days: Annotated[
        int | None,
        option(
            "N", "How many days it flies; where left out, to the scenario's end.", parser=integer(1, 3660)
        ),
    ] = None,
    given: Any = None,
    proposal: Annotated[
        Path | None, option("FILE", "The booking as YAML, instead of its options.", callback=no_option)
    ] = None,
    replications: Annotated[
        int | None, option("N", "Seeds to play, 24 where left out.", parser=integer(2, 100_000))
    ] = None,
    threshold: Annotated[
        float, option("SHARE", "The probability from which on the answer is yes.", parser=share)
    ] = 0.9,
    enough: Annotated[
        float, option("SHARE", "Of the goal, from which on it is delivered in full.", parser=share)
    ] = 0.99,
    over: Annotated[
        str | None,
        option(
            "TERM",
            "Find the cpm, cap or budget at which the answer turns; where left out, all if it is not yes.",
            "--curve",
            **one_of(CURVES),
        ),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show only its avails, which are reckoned and not played.")
    ] = False,
    seed: options.Seed = None,
    settings: options.Changes = None,
    workers: options.Workers = None,
    allow_code: options.AllowCode = False,
    *,
    output: Output,
) -> None:
    """Say whether a booking can be had: what it would deliver, how surely, and at whose cost.

    It is played in the scenario beside its own campaigns, none that only the registry has, with many seeds,
    and kept nowhere.
    """
    from sim import external
    from sim.cli.asked import asked

    if preview:
        for name, value in (("--curve", over), ("--replications", replications)):
            if value is not None:
                raise InputError(f"--preview: plays nothing; leave {name} out")
    if threshold == 1:
        raise InputError("--threshold: 1 is not allowed; no number of seeds is so sure; such as 0.95")
    file = Path(scenario)
    ctx.with_resource(external.code(allow_code, beside=file if file.is_file() else None))
    more = [] if seed is None else [f"seed={seed}"]
    loaded = asked(scenario, settings or (), output, *more)
    booking = _proposal(loaded, proposal, given, impressions, days)

    from analysis.forecast.world import previewed, to_compile, warnings, world_of
    from sim.cli import forecasted

    world, zone = world_of(loaded, booking), loaded.scenario.market.timezone
    for line in warnings(world, booking):
        output.warn(line)
    if seconds := to_compile(world, booking):
        output.say(f"compiling, once; about {seconds} seconds")
    if preview:
        first = previewed(world, booking)
        found = {"line_item": booking.path, "goal": booking.goal, "preview": asdict(first)}
        output.answer(
            found, lambda out: forecasted.preview(out, booking, first, zone), [round(first.possible)]
        )
        return
    if over == "cap" and not booking.item.frequency_caps:
        raise InputError("--curve cap: the booking has no frequency cap; give it one with --cap")
    _early(output, lambda out: forecasted.preview(out, booking, previewed(world, booking), zone))

    # Half a second, in which the preview can be read.
    from analysis.forecast.answer import TERMS
    from analysis.forecast.curve import curve
    from analysis.forecast.simulated import SEEDS, Asked, simulated, tries_on
    from analysis.runs.playing import available_workers
    from sim import kernels
    from sim.cli.progress import COMPILING, StudyProgress
    from sim.cli.terminal import console
    from sim.engine.batch import loop_of
    from sim.kernels.cache import is_compiled

    items = 1 + sum(len(one.campaign.line_items) for one in world.loaded.listings.values())
    if not is_compiled(loop_of(kernels, items, dynamic=world.market.pods.dynamic)):
        output.say(COMPILING)
    request = Asked(world, booking, SEEDS if replications is None else replications, threshold, enough)
    mute = console(None)
    with tries_on(available_workers(workers)) as tries:
        with StudyProgress(output.progress) as progress:
            tries.telling(progress)
            answer = simulated(request, tries)
        _early(output, lambda out: forecasted.answer(out, answer))
        wanted = [term for term in TERMS if over == term or (over is None and answer.answer != "yes")]
        for term in wanted:
            if over is None and term == "cap" and not booking.item.frequency_caps:
                continue
            # On a terminal, a bar; elsewhere the curve itself is soon there.
            with StudyProgress(output.progress if output.progress.is_terminal else mute) as progress:
                tries.telling(progress)
                drawn = curve(request, term, answer, tries)
            answer = replace(answer, curves=(*answer.curves, drawn))
            _early(output, partial(forecasted.curve, asked=booking, of=answer, found=drawn))
    output.answer(answer.to_dict(), lambda _: None, [answer.answer])


def _early(output: Output, show: Callable[[Console], None]) -> None:
    # What is known is printed for people at once; JSON comes in one piece.
    if not output.as_json and not output.quiet:
        from sim.cli.terminal import console

        show(console(sys.stdout))


def _proposal(
    loaded: Loaded, file: Path | None, given: dict[str, Any], impressions: int | None, days: int | None
) -> Proposal:
    from analysis.forecast import proposal
    from entities import registry
    from scenarios.models import Listing

    market = loaded.scenario.market
    if file is not None:
        if given or days is not None:
            raise InputError(f"--proposal: has its terms in {file}; leave {next(iter(given), '--days')} out")
        return proposal.from_file(file, market, impressions, proposal.currency_of(loaded))
    if "--max-cpm" not in given:
        raise InputError("--max-cpm: is missing; say how much a thousand impressions may cost, such as 25")
    if "--end" in given and days is not None:
        raise InputError("--end: instead of --days, not beside it")
    if impressions is None and not {"--budget", "--campaign-budget"} & {*given}:
        raise InputError("--impressions: is missing; say how many to deliver, such as 500000; or --budget")
    last = market.start + timedelta(days=market.days - 1)
    given = {"--start": market.start.isoformat(), "--timezone": market.timezone} | given
    if days is None and "--end" not in given:
        given["--end"] = last.isoformat()
        with suppress(ValueError):  # a start that is no date is refused below, and the end is not
            given["--end"] = max(last, date.fromisoformat(str(given["--start"]))).isoformat()
    profile = terms.profile_of(proposal.NAME, given, days)
    if "--budget" not in given:
        profile["campaign"]["line_items"][0]["lifetime_budget"] = str(registry.ENDLESS)
    profile["campaign"]["currency"] = proposal.currency_of(loaded)
    campaign = terms.campaign_of(proposal.ADVERTISER, profile, given)
    listing = Listing.model_validate({"advertiser": {"name": proposal.ADVERTISER}, "campaign": campaign})
    return proposal.proposed(listing, impressions)
