"""Mystique: a pacing signal, corrected every minute, that keeps the day's spend on a learned target."""

from __future__ import annotations

import math
from bisect import bisect_right
from itertools import accumulate
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from sim.pacing import PacingPolicy, Plan, Situation
from sim.units import MICROS, PPM

_PPB = 1000 * PPM
"""Signals, slopes and their sums are remembered in parts of 10⁻⁹, rounded to the nearest."""
_DAY = 1440
_LAST_MINUTES = 3
_RUNAWAY_GRADIENT, _RUNAWAY_INTERVALS = 12, 3600
_NONE = 1e-9
"""A gradient error that is only what rounding left, and has no sign."""
_EPSILON = 0.0002
"""Mean signals below it say nothing of an hour."""


class _Begin(NamedTuple):
    # Where the day or the present terms begin: what was spent until then, and ticks passed.
    day: int
    terms: int
    spent: int
    ticks: int


class _Memory(NamedTuple):
    begin: _Begin
    signal: int
    positive: int
    """The last signal above zero."""
    below: int
    """Sum of the day's signals while less than `budget_spend_threshold` was spent, and how many."""
    belows: int
    slopes: tuple[int, ...] = (_PPB,) * 24
    sums: tuple[int, ...] = (0,) * 24
    counts: tuple[int, ...] = (0,) * 24
    """Of the signals of each hour."""

    @classmethod
    def read(cls, memory: tuple[int, ...]) -> _Memory:
        signal, positive, below, belows = memory[4:8]
        hours = memory[8:32], memory[32:56], memory[56:]
        return cls(_Begin(*memory[:4]), signal, positive, below, belows, *hours)

    def written(self) -> tuple[int, ...]:
        return (*self.begin, *self[1:5], *self.slopes, *self.sums, *self.counts)


class Mystique(PacingPolicy):
    """Mystique, Yahoo's budget pacing (Stram, Abboud, Shtoff, Somekh, Raviv, Koren, WWW 2024).

    A pacing signal ps in [0, 1] multiplies the bid (`soft`), or is the probability of taking part (`hard`).
    Of the N = 1440 minutes of a day each corrects it by two errors, spend being a share of the day's budget:

        spend error     e = spent - target
        gradient error  g = (spent in the last minute) N - slope of the target
        intervals until the target is hit  τ = -N e / g
        weights  w1 = ½ if τ < 0, else min(`max_ps_correction_weight`, `ps_correction_weight_factor` τ)
                 w2 = 1 - w1
        ps = ps - w1 c min(1, |e| / `error_corresponding_to_max_correction`) sgn(e)
                - w2 max(`minimal_non_zero_ps_correction`,
                         c min(1, |g|) / `gradient_error_corresponding_to_max_correction`) sgn(g)

    with c = `max_ps_correction`, and ps from `minimal_ps_value` to 1. A runaway (g > 12, τ < 3600 and spent
    above target) sets ps to 0, and the last signal above zero is corrected next; a budget that is gone
    freezes ps; the last three minutes, and the next morning, have the mean ps of the day while less than
    `budget_spend_threshold` of it was spent. A first day begins with `pacing_signal_for_initialization`, or
    with 1 if its budget is above `min_daily_budget_for_high_initialization`.

    The target is linear, or learns (`non_linear`): at midnight the slope of each hour, at first 1, is
    multiplied by mean ps / mean ps of the hour, at most `max_update_factor`; clipped to [`min_slope`,
    `max_slope`]; smoothed, with `smoothing_factor` of it from the hours before and after, around the clock;
    and scaled to a sum of 24.

    Names and constants are those of github.com/yahoo/BudgetPacingSimulation. Compared minute by minute, that
    code starts each correction from the signal of two minutes before; without this lag both agree (18,140 and
    18,142 wins). [assumption] With a lifetime
    budget and no daily one, a day has an even share of what is left of the flight by its ticks. Hours in
    which it cannot deliver have no part in the target; where terms change, the target starts over. A
    remainder below the highest bid is a budget that is gone. With longer ticks N is the ticks of a day.
    """

    kind: Literal["mystique"] = "mystique"
    published_minutes: ClassVar[int] = 1
    mode: Literal["soft", "hard"] = Field(default="soft", description="Whether ps scales bids or takes part")
    target: Literal["linear", "non_linear"] = Field(
        default="non_linear", description="Whether spend should rise evenly, or as learnt"
    )
    pacing_signal_for_initialization: float = Field(
        default=1e-4, gt=0, le=1, description="ps of the first tick"
    )
    min_daily_budget_for_high_initialization: float = Field(default=10_000, ge=0, description="Currency")
    minimal_ps_value: float = Field(default=1e-4, gt=0, le=1, description="The least ps")
    max_ps_correction: float = Field(
        default=0.025, gt=0, le=1, description="c, the most that an error corrects ps by"
    )
    minimal_non_zero_ps_correction: float = Field(
        default=0.01, ge=0, le=1, description="The least correction for a gradient error"
    )
    error_corresponding_to_max_correction: float = Field(
        default=0.25, gt=0, le=1, description="Spend error that is corrected by c"
    )
    gradient_error_corresponding_to_max_correction: float = Field(
        default=1.5, gt=0, le=100, description="Divides the correction for a gradient error"
    )
    max_ps_correction_weight: float = Field(default=0.9, ge=0, le=1, description="The most that w1 is")
    ps_correction_weight_factor: float = Field(
        default=0.2, gt=0, le=1, description="w1 for each interval until the target is hit"
    )
    budget_spend_threshold: float = Field(
        default=0.95, gt=0, le=1, description="Share of the day's budget after which signals do not count"
    )
    min_slope: float = Field(default=0.1, gt=0, le=1, description="The least slope of an hour")
    max_slope: float = Field(default=12, ge=1, le=24, description="The greatest slope of an hour")
    max_update_factor: float = Field(
        default=2, ge=1, le=100, description="The most that midnight multiplies a slope by"
    )
    smoothing_factor: float = Field(
        default=0.5, ge=0, le=1, description="Share of a slope that comes from the hours beside it"
    )

    def plan(self, now: Situation) -> Plan:
        """Return a plan to bid, or to take part, by the corrected signal."""
        known = _Memory.read(now.memory) if now.memory else None
        if known is None:
            memory = self._first_morning(now)
        elif known.begin.day != now.day.number:
            memory = self._morning(now, known)
        else:
            memory = known if known.begin.terms == now.terms else known._replace(begin=_here(now))
        spent = now.day.spent_micros - memory.begin.spent
        room = max(min(_of_day(now, memory.begin) - spent, now.spendable_micros), 0)
        target = _Target(now, memory)
        if memory is known:
            memory = memory._replace(signal=self._signal(now, memory, target, spent, room))
        memory = self._recorded(now, memory, spent, room)
        goal = round((spent + room) * target.after(1)) - spent
        signal = (memory.signal + 500) // 1000
        return Plan(
            goal_micros=min(max(goal, 0), room),
            allowance_micros=room,
            multiplier_ppm=signal if self.mode == "soft" else PPM,
            # A bid of nothing may win where there is no floor: a signal of 0 stays away.
            participation_ppm=signal if self.mode == "hard" else PPM * (signal > 0),
            memory=memory.written(),
        )

    def correction(self, spend_error: float, gradient_error: float, intervals: float) -> float:
        """Return by how much a signal is lowered, given the three errors of the class's text."""
        spend = min(1.0, abs(spend_error) / self.error_corresponding_to_max_correction)
        gradient = min(1.0, abs(gradient_error)) / self.gradient_error_corresponding_to_max_correction
        most = self.max_ps_correction
        w1 = 0.5
        if intervals >= 0:
            w1 = min(self.max_ps_correction_weight, self.ps_correction_weight_factor * intervals)
        by_spend = w1 * most * spend * _sign(spend_error)
        least = self.minimal_non_zero_ps_correction
        return by_spend + (1 - w1) * max(least, most * gradient) * _sign(gradient_error)

    def learned(self, slopes: list[float], day_mean: float, hour_means: list[float | None]) -> list[float]:
        """Return tomorrow's slopes, given today's and the mean signals of the day and of its hours."""
        moved = []
        for slope, mean in zip(slopes, hour_means, strict=True):
            says = mean is not None and mean >= _EPSILON and day_mean >= _EPSILON
            factor = min(day_mean / mean, self.max_update_factor) if says and mean is not None else 1.0
            moved.append(min(max(slope * factor, self.min_slope), self.max_slope))
        own, beside = 1 - self.smoothing_factor, self.smoothing_factor / 2
        smooth = [own * moved[h] + beside * (moved[h - 1] + moved[(h + 1) % 24]) for h in range(24)]
        total = math.fsum(smooth)
        return [slope * 24 / total for slope in smooth]

    def _first_morning(self, now: Situation) -> _Memory:
        begin = _here(now)
        budget = min(_of_day(now, begin), now.spendable_micros)
        high = budget > self.min_daily_budget_for_high_initialization * MICROS
        signal = _PPB if high else round(self.pacing_signal_for_initialization * _PPB)
        return _Memory(begin, signal, signal, 0, 0)

    def _morning(self, now: Situation, yesterday: _Memory) -> _Memory:
        mean = yesterday.below // yesterday.belows if yesterday.belows else 0
        slopes = yesterday.slopes
        if self.target == "non_linear":
            hours = zip(yesterday.sums, yesterday.counts, strict=True)
            means = [total / count / _PPB if count else None for total, count in hours]
            learned = self.learned([slope / _PPB for slope in slopes], mean / _PPB, means)
            slopes = tuple(round(slope * _PPB) for slope in learned)
        signal = mean or yesterday.positive
        return _Memory(_here(now), signal, signal, 0, 0, slopes)

    def _signal(self, now: Situation, memory: _Memory, target: _Target, spent: int, room: int) -> int:
        if now.day.minute >= _DAY - _LAST_MINUTES and memory.belows:
            return memory.below // memory.belows
        if room < now.max_bid_micros:
            return memory.signal
        intervals_a_day = _DAY / now.tick_minutes
        share, due = spent / (spent + room), target.after(0)
        spend_error = share - due
        gradient_error = now.last_spend_micros / (spent + room) * intervals_a_day - target.slope
        if abs(gradient_error) <= _NONE:
            gradient_error = 0.0
        intervals = -intervals_a_day * spend_error / gradient_error if gradient_error else intervals_a_day + 1
        runaway = gradient_error > _RUNAWAY_GRADIENT and intervals < _RUNAWAY_INTERVALS
        if runaway and share > min(due, 1):
            return 0
        signal = memory.positive / _PPB - self.correction(spend_error, gradient_error, intervals)
        return round(min(max(signal, self.minimal_ps_value), 1) * _PPB)

    def _recorded(self, now: Situation, memory: _Memory, spent: int, room: int) -> _Memory:
        hour, signal = now.day.minute // 60, memory.signal
        below = spent < self.budget_spend_threshold * (spent + room)
        return memory._replace(
            positive=signal or memory.positive,
            below=memory.below + signal * below,
            belows=memory.belows + below,
            sums=_raised(memory.sums, hour, signal),
            counts=_raised(memory.counts, hour, 1),
        )


class _Target:
    # Cumulative shares of the day's budget, from where the present terms begin to the end of the day.
    def __init__(self, now: Situation, memory: _Memory) -> None:
        ticks = _ticks_by_hour(now)
        self._slopes = [slope / _PPB for slope in memory.slopes]
        self._begins = [0, *accumulate(ticks)]
        self._due = [0.0, *accumulate(s * t for s, t in zip(self._slopes, ticks, strict=True))]
        self._now = now.day.ticks - now.day.ticks_left
        self._begin = self._until(memory.begin.ticks)
        self._total = self._until(now.day.ticks) - self._begin
        # The slope of the tick that has ended: it is its spend that is compared.
        ended = self._until(self._now) - self._until(max(self._now - 1, 0))
        self.slope = ended / self._total * _DAY / now.tick_minutes if self._total > 0 else 0.0

    def after(self, ticks: int) -> float:
        """Return the share that is due in some ticks from now."""
        if self._total <= 0:
            return 1.0
        return min(max(self._until(self._now + ticks) - self._begin, 0.0) / self._total, 1.0)

    def _until(self, ticks: int) -> float:
        ticks = min(max(ticks, 0), self._begins[24])
        hour = min(bisect_right(self._begins, ticks) - 1, 23)
        return self._due[hour] + self._slopes[hour] * (ticks - self._begins[hour])


def _ticks_by_hour(now: Situation) -> tuple[int, ...]:
    if any(now.day.clock):
        return now.day.clock
    hours = now.day.hours if any(now.day.hours) else (1,) * 24
    return tuple(max(60 // now.tick_minutes, 1) * (traffic > 0) for traffic in hours)


def _here(now: Situation) -> _Begin:
    day = now.day
    return _Begin(day.number, now.terms, day.spent_micros, day.ticks - day.ticks_left)


def _of_day(now: Situation, begin: _Begin) -> int:
    # What the day may have of the flight from there on: an even share of its ticks.
    today, ahead = now.day.ticks - begin.ticks, max(now.dawn.ticks - begin.ticks, 1)
    return -(-(now.dawn.micros - begin.spent) * min(today, ahead) // ahead)


def _raised(values: tuple[int, ...], place: int, by: int) -> tuple[int, ...]:
    return (*values[:place], values[place] + by, *values[place + 1 :])


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
