"""Budgets and frequency caps: limits on spend, and on impressions per viewer."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from entities.enums import BudgetType, CapUnit
from entities.errors import RefusedError
from entities.models import Budget, FrequencyCap
from entities.schemas.base import Create, Schema, integer, refuse_field, word
from entities.schemas.money import Amount, amount_micros


class BudgetSchema(Create[Budget]):
    """A limit on spend, for all flights together or for each local day."""

    budget_type: Annotated[BudgetType, word(BudgetType)]
    amount: Amount = Field(description="In the campaign's currency, in steps of a millionth")

    def row(self, **columns: Any) -> Budget:
        """Return the budget as a row."""
        return super().row(amount_micros=amount_micros(self.amount), **columns)


class FrequencyCapSchema(Create[FrequencyCap]):
    """A limit on billed impressions per viewer in each window of *unit_count* units."""

    max_impressions: Annotated[int, integer(1, 255)]
    unit: Annotated[CapUnit, word(CapUnit)]
    unit_count: Annotated[int, integer(1, 255)] = 1

    @model_validator(mode="after")
    def _countable(self) -> Self:
        if self.unit_count > 1 and self.unit in (CapUnit.lifetime, CapUnit.pod, CapUnit.stream):
            raise refuse_field("unit_count", self.unit_count, f"only 1 goes with the unit {self.unit}")
        return self


class Spending(Schema):
    """Budgets, in full or by the two shorthands."""

    lifetime_budget: Amount | None = Field(
        default=None,
        description="For the whole flight; a remainder below the highest possible bid is never spent",
    )
    daily_budget: Amount | None = Field(default=None, description="For each local day")
    budgets: tuple[BudgetSchema, ...] = Field(default=(), description="Both budgets, in full")
    frequency_caps: tuple[FrequencyCapSchema, ...] = Field(
        default=(), description="How often one viewer may be reached"
    )

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        amounts: dict[BudgetType, Decimal] = {}
        for budget in self.all_budgets():
            if budget.budget_type in amounts:
                line = f"budgets: the {budget.budget_type} budget is given twice; once is allowed"
                raise RefusedError(line, path=("budgets",))
            amounts[budget.budget_type] = budget.amount
        daily, lifetime = amounts.get(BudgetType.daily), amounts.get(BudgetType.lifetime)
        if daily is not None and lifetime is not None and daily > lifetime:
            raise refuse_field("daily_budget", daily, f"at most the lifetime budget, {lifetime}")
        one_cap_each(self.frequency_caps)
        return self

    def all_budgets(self) -> tuple[BudgetSchema, ...]:
        """Return the budgets, shorthands included."""
        short = ((BudgetType.lifetime, self.lifetime_budget), (BudgetType.daily, self.daily_budget))
        given = (
            BudgetSchema(budget_type=kind, amount=amount) for kind, amount in short if amount is not None
        )
        return (*given, *self.budgets)


def one_cap_each(caps: Sequence[FrequencyCapSchema]) -> None:
    """Refuse two caps on one window: only the lower would ever count."""
    windows = Counter((cap.unit, cap.unit_count) for cap in caps)
    for (unit, count), times in windows.items():
        if times > 1:
            line = f"frequency_caps: two caps per {count} {unit}; one is allowed"
            raise RefusedError(line, path=("frequency_caps",))
