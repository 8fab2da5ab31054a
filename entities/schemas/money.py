"""Money: exact decimals as people write them, and micros as the engine counts them."""

from decimal import Context, Decimal, InvalidOperation
from numbers import Real
from typing import Annotated

from pydantic import BeforeValidator, ValidationInfo

from entities.errors import RefusedError
from entities.schemas.base import refuse, shown
from entities.suggestions import number

MAX_CPM = Decimal(10_000)
CPM_TICK = Decimal("0.001")
"""The finest step of a CPM in any currency: one micro an impression."""
ENDLESS = Decimal(1_000_000_000)
"""The largest budget that can be booked; it stands for no limit."""
AMOUNT_TICK = Decimal("0.000001")
# Wide enough for every amount allowed, whatever precision the caller has set.
EXACT = Context(prec=60)


def _exact(value: object, info: ValidationInfo, least: Decimal, most: Decimal, tick: Decimal) -> Decimal:
    def fits(amount: Decimal) -> bool:
        return least <= amount <= most and not EXACT.remainder(amount, tick)

    allowed, near = f"an amount from {least} to {most:,}, in steps of {tick}", number(value, fits)
    if isinstance(value, bool) or not isinstance(value, (Real, str, Decimal)):
        raise refuse(info, value, allowed)
    try:
        # A float means the decimal that it prints as: 0.1 is a tenth. So does one of NumPy's.
        amount = Decimal(value if isinstance(value, (int, str, Decimal)) else str(value))
    except InvalidOperation:
        raise refuse(info, value, allowed, near) from None
    if not amount.is_finite() or not least <= amount <= most:
        raise refuse(info, value, allowed)
    if EXACT.remainder(amount, tick):
        line = f"{info.field_name} {shown(value)}: finer than {tick}; {allowed}"
        raise RefusedError(line, value=value, allowed=f"finer than {tick}; must be {allowed}")
    return amount.copy_abs()  # there is a negative zero


def _cpm(value: object, info: ValidationInfo) -> Decimal:
    return _exact(value, info, CPM_TICK, MAX_CPM, CPM_TICK)


def _amount(value: object, info: ValidationInfo) -> Decimal:
    return _exact(value, info, Decimal(0), ENDLESS, AMOUNT_TICK)


Cpm = Annotated[Decimal, BeforeValidator(_cpm)]
"""A price for a thousand impressions, in steps of one micro an impression."""
Amount = Annotated[Decimal, BeforeValidator(_amount)]
"""A budget, in steps of one micro."""


def bid_micros(cpm: Decimal) -> int:
    """Return *cpm* as micros an impression: 25.00 is 25,000."""
    return int(EXACT.divide(cpm, CPM_TICK))


def amount_micros(amount: Decimal) -> int:
    """Return *amount* in micros: 120.50 is 120,500,000."""
    return int(EXACT.divide(amount, AMOUNT_TICK))
