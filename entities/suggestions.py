"""Suggestions for a number, a date or a time zone in a form that is not read."""

import calendar
import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

from entities.messages import nearest

NO_ZONES = {"Factory", "localtime", "posixrules"}
"""Files in a zone directory that are no zones, or another one on each machine."""

# 1,000 and 1 000; $10, 10 USD and USD 10; 220k and 1.5M; 25,50 where the comma is no thousands' one.
_NUMBER = re.compile(
    r"(?:[A-Z]{3} ?|[$€£¥] ?)?(?P<integer>-?[0-9]{1,3}(?:[, '_][0-9]{3})+|-?[0-9]+)(?:[.,](?P<part>[0-9]+))?"
    r" ?(?P<times>[kKM])?(?P<percent>%)?(?: ?[A-Z]{3}| ?[$€£¥])?"
)
_TIMES = {"k": 1_000, "K": 1_000, "M": 1_000_000}
_LARGEST = 10**12
_YEARS = range(1970, 2201)
_MONTHS = [name.lower() for name in calendar.month_abbr]
_ZONES = {
    **dict.fromkeys(("ET", "EDT", "EASTERN"), "America/New_York"),
    **dict.fromkeys(("CT", "CST", "CDT", "CENTRAL"), "America/Chicago"),
    **dict.fromkeys(("MT", "MDT", "MOUNTAIN"), "America/Denver"),
    **dict.fromkeys(("PT", "PST", "PDT", "PACIFIC"), "America/Los_Angeles"),
    "BST": "Europe/London",
    "CEST": "Europe/Berlin",
    "JST": "Asia/Tokyo",
    "AEST": "Australia/Sydney",
}


def number(value: object, fits: Callable[[Decimal], bool], *, percent: bool = False) -> str | None:
    """Return the number that a text holds beside signs of currency and thousands, if it *fits*.

    Percent mean something only where a share is asked for.
    """
    found = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or (found["percent"] and not percent):
        return None
    integer = re.sub(r"\D", "", found["integer"]).lstrip("0") or "0"
    sign = "-" if found["integer"].startswith("-") else ""
    amount = Decimal(f"{sign}{integer}.{found['part'] or 0}") * _TIMES.get(found["times"] or "", 1)
    if abs(amount) >= _LARGEST:
        return None
    amount = (amount / 100 if found["percent"] else amount).normalize()
    return f"{amount:f}" if fits(amount) else None


def date(value: object) -> str | None:
    """Return the day that *value* means, written 2026-11-02; None where it is, or may mean two."""
    text = str(value)
    parts = re.findall(r"[0-9]+|[A-Za-z]+", text)
    if len(parts) == 1 and re.fullmatch(r"[0-9]{8}", parts[0]):
        parts = [parts[0][:4], parts[0][4:6], parts[0][6:]]
    if len(parts) != 3:
        return None
    named = next((part for part in parts if part.isalpha()), None)
    if named is not None:
        numbers = [part for part in parts if part.isdigit()]
        year, day = sorted(numbers, key=len, reverse=True) if len(numbers) == 2 else ("", "")
        month = str(_MONTHS.index(named[:3].lower())) if named[:3].lower() in _MONTHS else ""
    elif len(parts[0]) == 4:
        year, month, day = parts
    elif text.count(".") == 2:
        day, month, year = parts
    else:
        return None
    try:
        found = dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
    sure = len(year) == 4 and found.year in _YEARS and found.isoformat() != text
    return found.isoformat() if sure else None


def zone(text: str) -> str | None:
    """Return the time zone of whole hours that an abbreviation, a city or a misspelt name means."""
    known, city = available_timezones() - NO_ZONES, text.strip().lower().replace(" ", "_")
    if re.search(r"[0-9]", city):  # UTC+2 is no zone, and no zone is near it
        return None
    there = (name for name in sorted(known) if name.lower().rpartition("/")[2] == city)
    # What is near an abbreviation is only spelt like it.
    near = nearest(city, sorted(known)) if len(city) > 4 else None
    found = _ZONES.get(city.upper()) or next(there, None) or near
    return found if found and _whole_hours(found) else None


def _whole_hours(zone: str) -> bool:
    # Others cannot be booked. Twice a year is often enough to meet each of a zone's offsets.
    days = ((year, month, 1) for year in range(2020, 2040) for month in (1, 7))
    offsets = (dt.datetime(*day, tzinfo=ZoneInfo(zone)).utcoffset() for day in days)
    return not any((offset or dt.timedelta()) % dt.timedelta(hours=1) for offset in offsets)
