"""What was probably meant by a number, a date or a time zone that is written in another way."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any
from zoneinfo import available_timezones

from scenarios.shape import nearest

# 1,000 and 1 000; $10, 10 USD and USD 10; 220k and 1.5M; 25,50 where the comma is no thousands' one.
_NUMBER = re.compile(
    r"(?:[A-Z]{3} ?|[$€£¥] ?)?(?P<whole>-?[0-9]{1,3}(?:[, '_][0-9]{3})+|-?[0-9]+)(?:[.,](?P<part>[0-9]+))?"
    r" ?(?P<times>[kKM])?(?P<percent>%)?(?: ?[A-Z]{3}| ?[$€£¥])?"
)
_TIMES = {"k": 1_000, "K": 1_000, "M": 1_000_000}
_MONTHS = [name.lower() for name in calendar.month_abbr]
_ZONES = {
    **dict.fromkeys(("ET", "EDT", "EASTERN"), "America/New_York"),
    **dict.fromkeys(("CT", "CST", "CDT", "CENTRAL"), "America/Chicago"),
    **dict.fromkeys(("MT", "MDT", "MOUNTAIN"), "America/Denver"),
    **dict.fromkeys(("PT", "PST", "PDT", "PACIFIC"), "America/Los_Angeles"),
    "BST": "Europe/London",
    "CEST": "Europe/Berlin",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "AEST": "Australia/Sydney",
}


def guess(value: Any, allowed: str) -> str | None:
    """Return what *value* should have been, where *allowed* says in words what it should be."""
    if "time zone" in allowed and isinstance(value, str):
        return zone(value)
    if "a date" in allowed:
        found = date(str(value))
        return None if found == str(value) else found
    if isinstance(value, str) and re.search(r"\bmust be (?:a|an|a whole) (?:number|amount)\b", allowed):
        found = number(value)
        return None if value.strip().endswith("%") and "must be a number" not in allowed else found
    return None


def number(text: str) -> str | None:
    """Return the number that *text* holds beside signs of currency, thousands and percent."""
    found = _NUMBER.fullmatch(text.strip())
    if not found:
        return None
    whole = re.sub(r"\D", "", found["whole"]).lstrip("0") or "0"
    sign = "-" if found["whole"].startswith("-") else ""
    value = float(f"{sign}{whole}.{found['part'] or 0}") * _TIMES.get(found["times"] or "", 1)
    return f"{value / 100 if found['percent'] else value:.12g}" if value < 1e12 else None


def date(text: str) -> str | None:
    """Return the day that *text* means, as YAML has it; None where it may mean two."""
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
        return dt.date(int(year), int(month), int(day)).isoformat() if len(year) == 4 else None
    except ValueError:
        return None


def zone(text: str) -> str | None:
    """Return the time zone that an abbreviation, a city or a misspelt name means."""
    if usual := _ZONES.get(text.strip().upper()):
        return usual
    known, city = sorted(available_timezones()), text.strip().lower().replace(" ", "_")
    if re.search(r"[0-9]", city):  # UTC+2 is none, and nothing near it is meant
        return None
    there = (name for name in known if name.lower().rpartition("/")[2] == city)
    return next(there, None) or nearest(city, known)
