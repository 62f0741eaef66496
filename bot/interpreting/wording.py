"""What a request's own words must not hold: a legal appointment, or a client's private things.

The patterns are data (knowledge/interpreting/legal.toml and private.toml). They decide nothing by
themselves: the bot says what it noticed and people answer, for "Gericht" is also a dish.
"""

import re
import tomllib
from functools import lru_cache
from typing import Any

import regex

from bot.answering.stems import Stems
from bot.folding import fold, words
from bot.interpreting.wishes import LegalEffect
from bot.knowledge.folder import KNOWLEDGE

FOLDER = KNOWLEDGE / "interpreting"
LEGAL_KINDS = tuple(kind.value for kind in LegalEffect)
PRIVATE_KINDS = ("name", "birthday", "diagnosis", "file_number")
_READ = 500

# "Az. 12 F 345/24", "BG 43704//0001234", "ICD F32.1", "A123456789": numbers of a case or a person.
_FILE_NUMBERS = (
    re.compile(
        r"\b(?:az|aktenzeichen|geschäftszeichen|gz|fallnummer|file no|case no|bg|bg-nummer"
        r"|kundennummer|versichertennummer|kassen-?nr|azr)\b[.:\s-]*\w*\d",
        re.I,
    ),
    re.compile(r"\b\d{1,4}\s?[A-Z]{1,4}\s?\d{1,6}/\d{2,4}\b"),
    re.compile(r"\b[A-Z]\d{9}\b"),
    re.compile(r"\b\d{4,6}//?\d{4,8}\b"),
    re.compile(r"\b[A-TV-Z]\d{2}\.\d\b"),
)
_BIRTHDAY = re.compile(
    r"\b(?:geb|geboren|geburtsdatum|born|date of birth|dob)\b\W{0,4}(?:am |on )?\W{0,2}\d", re.I
)
_LONG_AGO = re.compile(r"\b\d{1,2}[./]\d{1,2}[./](?:19\d{2}|20[01]\d)\b")
# A capital, or a letter of a script that has none.
_CAPITALISED = regex.compile(r"[\p{Lu}\p{Lo}][\w'’-]+")


def legal_effect(text: str) -> str | None:
    """Which kind of appointment with legal effect a text names, one of ``LEGAL_KINDS``."""
    found = _legal().find(words(text[:_READ]))
    return found[0].label if found else None


def private_things(text: str) -> tuple[str, ...]:
    """What in a text looks like a client's, as ``PRIVATE_KINDS``; empty when nothing does.

    Names of people at the institution ("Ansprechpartnerin Frau Ak", "Dr. Weber") are none.
    """
    text = text[:_READ]
    found = set()
    if _names_somebody(text):
        found.add("name")
    if _BIRTHDAY.search(text) or _LONG_AGO.search(text):
        found.add("birthday")
    if any(pattern.search(text) for pattern in _FILE_NUMBERS):
        found.add("file_number")
    if _private().find(words(text)):
        found.add("diagnosis")
    return tuple(kind for kind in PRIVATE_KINDS if kind in found)


def _names_somebody(text: str) -> bool:
    before, staff = _name_words()
    said = re.findall(r"[\w'’-]+", text)
    for place, word in enumerate(said[:-1]):
        if fold(word) not in before or not _CAPITALISED.fullmatch(said[place + 1]):
            continue
        if fold(said[place + 1]) in before | staff:
            continue  # "Frau Dr. Weber" works there
        earlier = {fold(other) for other in said[max(0, place - 2) : place]}
        if not earlier & staff:
            return True
    return False


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _name_words() -> tuple[frozenset[str], frozenset[str]]:
    table = _read("private.toml")["name"]
    return frozenset(words(table["before"])), frozenset(words(table["staff"]))


@lru_cache(maxsize=1)
def _legal() -> Stems:
    return _stems({kind: table for kind, table in _read("legal.toml").items()})


@lru_cache(maxsize=1)
def _private() -> Stems:
    return _stems({"diagnosis": _read("private.toml")["diagnosis"]})


def _stems(kinds: dict[str, dict[str, list[str]]]) -> Stems:
    stems = Stems()
    for kind, languages in kinds.items():
        for language, patterns in languages.items():
            for pattern in patterns:
                stems.add(pattern, kind, language=language)
    return stems
