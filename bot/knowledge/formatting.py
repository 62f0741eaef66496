"""Figures, dates and phone numbers as people of a language write them.

Values come from ``knowledge/facts.toml``; the shapes come from CLDR through Babel, so that one
change of a value reaches every language.
"""

import re
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import NumberPattern, format_decimal, parse_pattern
from babel.units import format_unit

from bot.texts import locale

if TYPE_CHECKING:
    from bot.knowledge.records import Fact

AsOfPhrase = Callable[[str], str]
"""Takes a date in words ("2025", "März 2026") and gives the sentence's part: "Stand: 2025"."""

DURATIONS = frozenset({"day", "week", "month", "year", "hour"})
UNITS = frozenset({"EUR", "percent", "count", "lesson", "cm", "date", "time", "text"}) | DURATIONS

_ANY_YEAR = 2000  # a leap year, so that --02-29 is a date as well
_SERVICE_NUMBER = re.compile(r"0800|0180")
# CLDR's long forms of durations have gaps in these; their short forms are whole words.
_SHORT_DURATIONS = frozenset({"ar", "fa", "tr"})


def format_fact(fact: "Fact", language: str) -> str:
    """A fact's value in words of the language: "259 €", "36 Monate", "1. Januar 2026".

    ``count`` and ``lesson`` give the number alone, the article names the thing that is counted.
    ``per`` is never printed. Raises ValueError when value and unit do not fit together.
    """
    reader = locale(language)
    if fact.unit == "text":
        return str(fact.value)
    if fact.unit == "date":
        return _date_in_words(str(fact.value), reader)
    if fact.unit == "time":
        # Always 24 hours: this is what stands on doors and timetables here.
        shown = format_time(time.fromisoformat(str(fact.value)), "HH:mm", locale=reader)
        return f"{shown} Uhr" if reader.language == "de" else shown
    return _number(_decimal(fact.value), fact.unit, reader)


def format_as_of(as_of: str, language: str) -> str:
    """An as-of in words: "2025", "März 2026", "31. März 2026"; "" for ``undated`` and nothing."""
    if as_of in ("", "undated"):
        return ""
    if len(as_of) == len("2026"):
        return as_of
    if len(as_of) == len("2026-03"):
        first = date.fromisoformat(f"{as_of}-01")
        return format_skeleton("yMMMM", first, locale=locale(language))
    return _date_in_words(as_of, locale(language))


def phone_display(number: str) -> str:
    """A phone number for reading: as in the file, single spaces, no other signs."""
    return " ".join(re.sub(r"[^\d+]+", " ", number).split())


def phone_uri(number: str) -> str:
    """A phone number for tapping: "tel:+496152989630", "tel:116117", "tel:08001110111".

    Short numbers and 0800/0180 numbers stay as they are dialled here: abroad they do not work.
    """
    digits = re.sub(r"[^\d+]", "", number)
    if digits.startswith("0") and not _SERVICE_NUMBER.match(digits):
        digits = f"+49{digits[1:]}"
    return f"tel:{digits}"


def parse_day(text: str) -> date:
    """The day of ``YYYY-MM-DD`` or, in an arbitrary leap year, of ``--MM-DD``; else ValueError."""
    return date.fromisoformat(f"{_ANY_YEAR}{text[1:]}" if text.startswith("--") else text)


def _decimal(value: int | float | str) -> Decimal:
    if isinstance(value, str):
        raise ValueError(f"{value!r} is not a number")
    return Decimal(str(value))


def _date_in_words(text: str, reader: Locale) -> str:
    day = parse_day(text)
    if text.startswith("--"):
        return format_skeleton("MMMMd", day, locale=reader)
    return format_date(day, format="long", locale=reader)


def _number(value: Decimal, unit: str, reader: Locale) -> str:
    if unit == "EUR":
        pattern = _pattern(reader.currency_formats["standard"].pattern)
        decimals = 0 if value == value.to_integral_value() else 2
        pattern.frac_prec = (decimals, decimals)
        return str(pattern.apply(value, reader, currency="EUR", currency_digits=False))
    if unit == "percent":
        pattern = _pattern(reader.percent_formats[None].pattern)
        pattern.frac_prec = (0, 2)
        return str(pattern.apply(value / 100, reader))
    if unit == "cm":
        return str(format_unit(value, "length-centimeter", length="short", locale=reader))
    if unit in DURATIONS:
        return _duration(value, unit, reader)
    if unit in ("count", "lesson"):
        return format_decimal(value, locale=reader)
    raise ValueError(f"unknown unit {unit!r}")


def _pattern(text: str) -> NumberPattern:
    """A fresh pattern: Babel shares those of the locale, and ours is changed."""
    return parse_pattern(text)


def _duration(value: Decimal, unit: str, reader: Locale) -> str:
    length: Literal["short", "long"] = "short" if reader.language in _SHORT_DURATIONS else "long"
    return str(format_unit(value, f"duration-{unit}", length=length, locale=reader))
