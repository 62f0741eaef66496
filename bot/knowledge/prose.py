"""Finds in a text what belongs into facts.toml or contacts.toml: figures, dates, numbers, places.

Amounts, dates and addresses change; a text in eleven languages does not. So they stand in one
place with their source, and the text only names them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from babel.core import UnknownLocaleError
from babel.dates import get_month_names

from bot.texts import locale

# Numbers that everybody must read in the text itself, and numbers of paragraphs of a law.
_ALLOWED = re.compile(
    r"(?<!\d)(?:110|112|115|116[\s\u00a0]?(?:117|016))(?!\d)"
    r"|§+[\s\u00a0]?\d+\w?(?:(?:,| und| and|–|-)[\s\u00a0]?\d+\w?)*"
)
_NUMBER_WORDS = (
    "ein|eine|einen|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|zwanzig|dreißig|"
    "vierzig|fünfzig|sechzig|siebzig|achtzig|neunzig|hundert|tausend|"
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|"
    "sixty|seventy|eighty|ninety|hundred|thousand"
)
_CURRENCY = r"(?:€|(?<![^\W\d_])(?:EUR|euros?|cents?|ct|avro)\b|евро|євро|ευρώ|يورو|یورو)"
_AMOUNT = re.compile(
    rf"(?:{_CURRENCY}\s*\d|\d[\d.,\s\u00a0]*{_CURRENCY}|\b\w*(?:{_NUMBER_WORDS})\s+{_CURRENCY})",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_WEB = re.compile(
    r"https?://\S+|www\.\S+|\b[\w-]+\.(?:de|com|org|eu|net|info|app)\b", re.IGNORECASE
)
_STREET = re.compile(
    r"\b\w[\w-]*(?:straße|strasse|str\.|gasse|weg|allee|platz|ring|ufer|damm|street|road)"
    r"\s+\d+(?!\s*(?:monat|woche|tag|jahr|stunde|mal|month|week|day|year|hour))\s?[a-z]?\b",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\b(?!\.)|\b\d{1,2}\s?(?:Uhr|o'clock)\b", re.IGNORECASE)
_ENGLISH_TIME = re.compile(r"\b\d{1,2}\s?[ap]\.?m\b", re.IGNORECASE)  # "3 am Tag" is German
_NUMERIC_DATE = re.compile(
    r"\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{2,4})?|\b\d{1,2}/\d{1,2}/\d{2,4}\b"
)
_PHONE = re.compile(r"\+?\d[\d\s\u00a0/().-]{4,}\d")
_LONG_NUMBER = re.compile(r"\d{1,3}(?:[.,\s\u00a0]\d{3})+|\d+[.,]\d+|\d{3,}")

_PHONE_DIGITS = 6
_LONG_DIGITS = 3


def loose_figures(text: str, language: str) -> Iterator[tuple[int, str, str]]:
    """What may not stand in a text: (index, the words found, what it is and where it belongs).

    Each stretch of text is reported once. ``{names}`` must have been blanked out before.
    """
    taken = [False] * len(text)
    for kind, pattern in _patterns(language):
        searched = text if kind in _BEFORE_ALLOWED else _without_allowed(text)
        for match in pattern.finditer(searched):
            found = match[0].strip()
            if kind == _PHONE_KIND and _digits(found) < _PHONE_DIGITS:
                continue
            if kind == _NUMBER_KIND and _digits(found) < _LONG_DIGITS:
                continue
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
                yield match.start(), found, kind


_AMOUNT_KIND = "ein Geldbetrag: gehört in facts.toml, hier steht nur {name}"
_EMAIL_KIND = "eine E-Mail-Adresse: gehört in contacts.toml"
_WEB_KIND = "eine Internet-Adresse: gehört in contacts.toml"
_STREET_KIND = "eine Anschrift: gehört in contacts.toml"
_DATE_KIND = "ein Datum: gehört in facts.toml, hier steht nur {name}"
_TIME_KIND = "eine Uhrzeit: gehört in facts.toml oder contacts.toml"
_PHONE_KIND = "eine Telefonnummer: gehört in contacts.toml"
_NUMBER_KIND = "eine Zahl mit drei oder mehr Ziffern: gehört in facts.toml, hier steht nur {name}"
_BEFORE_ALLOWED = frozenset({_AMOUNT_KIND, _STREET_KIND})  # "110 Euro" is an amount


@lru_cache(maxsize=32)
def _patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return (
        (_EMAIL_KIND, _EMAIL),
        (_WEB_KIND, _WEB),
        (_AMOUNT_KIND, _AMOUNT),
        (_STREET_KIND, _STREET),
        (_DATE_KIND, _NUMERIC_DATE),
        (_DATE_KIND, _month_dates(language)),
        (_TIME_KIND, _TIME),
        *([(_TIME_KIND, _ENGLISH_TIME)] if language == "en" else []),
        (_PHONE_KIND, _PHONE),
        (_NUMBER_KIND, _LONG_NUMBER),
    )


def _month_dates(language: str) -> re.Pattern[str]:
    """A day or a year beside a month's name: "1. Mai", "May 1st", "Mai 2026"."""
    names = {name for used in (language, "de", "en") for name in _months(used)}
    months = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(
        rf"\b\d{{1,2}}(?:\.|st|nd|rd|th)?\s+(?:of\s+)?(?:{months})\b"
        rf"|\b(?:{months})\s+\d{{1,4}}(?:st|nd|rd|th)?\b"
    )


def _months(language: str) -> list[str]:
    try:
        reader = locale(language)
    except (UnknownLocaleError, ValueError):
        return []
    return [
        name
        for context in ("format", "stand-alone")
        for name in get_month_names("wide", context, locale=reader).values()
    ]


def _without_allowed(text: str) -> str:
    return _ALLOWED.sub(lambda match: "·" * len(match[0]), text)


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)
