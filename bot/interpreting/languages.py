"""The pool's languages with their dialects, found in what people type in any language or script.

A name that does not say enough ("Kurdisch", "Arabisch") gives choices and is never guessed; nor is
a short name with a slip in it. Which language may stand in for another is declared in
knowledge/interpreting/languages.toml and counts only when the institution agrees.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from babel import Locale
from rapidfuzz.distance import OSA

from bot.folding import romanise, words
from bot.knowledge.folder import KNOWLEDGE

FILE = KNOWLEDGE / "interpreting" / "languages.toml"
MOST_CHOICES = 8
_LONGEST_NAME = 4  # words
_SURE_FROM = 7
"""Letters from which one slip in a name is forgiven; in a shorter one it makes a question."""
_ASKED_FROM = 4
_TWO_SLIPS_FROM = 10

# The languages in which people here name languages. Somali's names for Dari and Farsi are one.
_READ_IN = (
    *("de", "en", "tr", "ar", "uk", "ru", "ro", "bg", "el", "pl", "fa", "fr", "es", "it", "pt"),
    *("hr", "sr", "sq", "ur", "ku", "ckb", "ps", "ti", "am", "hu", "nl", "cs"),
)


@dataclass(frozen=True, slots=True)
class PoolLanguage:
    """A language that is interpreted: BCP 47 code, names for readers, its name in itself."""

    code: str
    names: Mapping[str, str]
    native: str


@dataclass(frozen=True, slots=True)
class NamedLanguages:
    """What somebody typed as a language: codes, the likeliest first.

    ``sure``: exactly one language was named clearly. Otherwise the codes are choices to show; none
    when nothing was recognised.
    """

    codes: tuple[str, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class _Name:
    """One spelling of a language (``codes`` has one) or of an unclear name (several)."""

    joined: str
    loose: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    codes: tuple[str, ...]
    first: int
    last: int
    slips: int
    letters: int


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def pool_languages() -> dict[str, PoolLanguage]:
    """Every language of the pool by code, in the file's order."""
    return {
        code: PoolLanguage(code, {"de": entry["de"], "en": entry["en"]}, entry["native"])
        for code, entry in _data()["languages"].items()
    }


def pool_language_name(code: str, reader: str) -> str:
    """A language's name for a reader, dialect included; the code itself for one we do not know.

    Readers of other languages than German and English get CLDR's name where it tells dialects
    apart; a dialect of Arabic gets the names of its countries; else the name stands in the
    language itself, which those concerned can read.
    """
    known = pool_languages().get(code)
    if known is None:
        return code
    if reader in known.names:
        return known.names[reader]
    entry, locale = _data()["languages"][code], Locale.parse(reader, sep="-")
    named = locale.languages.get(entry.get("cldr", code))
    if named:
        return str(named)
    base = locale.languages.get(entry.get("of", ""))
    places = [locale.territories.get(place) for place in entry.get("countries", "").split()]
    if base and places and all(places):
        return f"{base} ({', '.join(map(str, places))})"
    return f"{known.native} ({known.names['en']})"


def substitutes(code: str) -> tuple[str, ...]:
    """Languages that may stand in for one, the better first, if the institution agrees."""
    return tuple(_data()["substitutes"].get(code, ()))


def named_languages(text: str) -> NamedLanguages:
    """The languages that a text names.

    "Kurdisch (Kurmandschi)" is Kurmanji; "Kurdisch" alone gives its dialects to choose from; two
    languages in one text give both.
    """
    said = words(text[:300])
    found = list(_without_overlaps(_mentions(said)))
    clear = [one for one in found if len(one.codes) == 1]
    codes = dict.fromkeys(one.codes[0] for one in clear)
    doubted = [code for code in codes for other in _meant_instead(code, said) if other not in codes]
    for code in doubted:
        codes.update(dict.fromkeys(_meant_instead(code, said)))
    vague = [one for one in found if len(one.codes) > 1]
    for one in vague:
        if any(code in codes for code in one.codes):
            continue  # "Arabisch (Marokko)": the dialect says more than the name above it
        hinted = _hinted(one.codes, said[: one.first] + said[one.last :])
        codes.update(dict.fromkeys(hinted or one.codes))
    if len(codes) == 1:
        only = next(iter(codes))
        sure = all(one.slips == 0 or one.letters >= _SURE_FROM for one in found)
        return NamedLanguages((only,), sure)
    return NamedLanguages(tuple(codes)[:MOST_CHOICES], False)


def _hinted(codes: tuple[str, ...], said: list[str]) -> tuple[str, ...]:
    """Those of several languages whose country stands beside the name."""
    return tuple(code for code in codes if _countries()[code] & set(said))


def _meant_instead(code: str, said: list[str]) -> tuple[str, ...]:
    """Near relatives whose country was named: many call Dari "Farsi", and say "Afghanistan"."""
    return () if _countries()[code] & set(said) else _hinted(substitutes(code), said)


def _without_overlaps(found: Iterator[_Found]) -> Iterator[_Found]:
    """The longest and surest name where several stand on the same words, in reading order."""
    ranked = sorted(found, key=lambda one: (one.slips > 0, one.first - one.last, one.slips))
    kept: list[_Found] = []
    for one in ranked:
        if all(one.last <= other.first or one.first >= other.last for other in kept):
            kept.append(one)
    yield from sorted(kept, key=lambda one: one.first)


def _mentions(said: list[str]) -> Iterator[_Found]:
    for first in range(len(said)):
        for last in range(first + 1, min(first + _LONGEST_NAME, len(said)) + 1):
            joined = "".join(said[first:last])
            exact = _exact().get(joined)
            if exact is not None:
                yield _Found(exact, first, last, 0, len(joined))
                continue
            if joined in _all_countries():
                continue  # "Syria" is no misspelt "Syrian"
            loose = "".join(map(romanise, said[first:last]))
            near = _nearest(joined, loose)
            if near is not None:
                codes, slips = near
                yield _Found(codes, first, last, slips, len(joined))


def _nearest(joined: str, loose: str) -> tuple[tuple[str, ...], int] | None:
    """The names one or two slips away; the choices of all that are equally near."""
    if len(joined) < _ASKED_FROM:
        return None
    most = 2 if len(joined) >= _TWO_SLIPS_FROM else 1
    best, codes = most + 1, dict[str, None]()
    for name in _by_letter().get(loose[:1], ()):
        if len(name.joined) < _ASKED_FROM:
            continue
        slips = OSA.distance(joined, name.joined, score_cutoff=most)
        if slips and len(name.loose) >= _ASKED_FROM and loose == name.loose:
            slips = 1  # the same sound in other letters
        if slips < best:
            best, codes = slips, dict.fromkeys(name.codes)
        elif slips == best and slips <= most:
            codes.update(dict.fromkeys(name.codes))
    return (tuple(codes), best) if codes else None


@lru_cache(maxsize=1)
def _exact() -> dict[str, tuple[str, ...]]:
    return {name.joined: name.codes for name in _names()}


@lru_cache(maxsize=1)
def _by_letter() -> dict[str, tuple[_Name, ...]]:
    groups: dict[str, list[_Name]] = {}
    for name in _names():
        groups.setdefault(name.loose[:1], []).append(name)
    return {letter: tuple(names) for letter, names in groups.items()}


@lru_cache(maxsize=1)
def _countries() -> dict[str, frozenset[str]]:
    return {
        code: frozenset(word for name in entry.get("where", "").split() for word in words(name))
        for code, entry in _data()["languages"].items()
    }


@lru_cache(maxsize=1)
def _all_countries() -> frozenset[str]:
    return frozenset().union(*_countries().values())


@lru_cache(maxsize=1)
def _names() -> tuple[_Name, ...]:
    """Every spelling once. Our own spellings go before CLDR's, unclear names before both."""
    found: dict[str, _Name] = {}

    def take(text: str, codes: tuple[str, ...]) -> None:
        parts = words(text.replace("_", " "))
        joined = "".join(parts)
        if joined and (len(joined) > 2 or not joined.isascii()):
            found.setdefault(joined, _Name(joined, "".join(map(romanise, parts)), codes))

    locales = [Locale.parse(code) for code in _READ_IN]
    for entry in _data()["unclear"].values():
        choices = tuple(entry["choices"])
        for name in entry["also"].split():
            take(name, choices)
        for locale in locales:
            take(str(locale.languages.get(entry.get("cldr", ""), "")), choices)
    for code, entry in _data()["languages"].items():
        for name in (entry["native"], entry["de"], entry["en"], *entry.get("also", "").split()):
            take(name, (code,))
        for name in (entry["de"], entry["en"], entry["native"]):
            take(name.split(" (")[0], (code,))
    for code, entry in _data()["languages"].items():
        for locale in locales:
            take(str(locale.languages.get(entry.get("cldr", code), "")), (code,))
    return tuple(found.values())
