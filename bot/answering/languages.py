"""Which language a message is in, as sure as a short message allows.

Scripts and letters decide where they can; between languages of one alphabet ``py3langid`` does,
restricted to the languages of this county, together with how our own example messages are spelt
(`bot.answering.language_pieces`) and the small words that every sentence has.
The language somebody chose counts six times as likely as any other, thirty times in messages of up
to three words: "Termin Jobcenter" is no reason to change from Arabic to German.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import regex

from bot.answering.cleaning import clean, words
from bot.answering.language_pieces import ROMANISED, stored_pieces
from bot.answering.small_words import (
    AMHARIC_WORDS,
    ROMANISED_WORDS,
    SMALL_WORDS,
    TIGRINYA_WORDS,
)

OFFERED = ("de", "en", "tr", "ar", "uk", "ru", "ro", "bg", "el", "pl", "fa")
"""The languages the bot speaks or is about to speak; the others are only recognised."""

RECOGNISED = (
    *OFFERED,
    "fr",
    "es",
    "it",
    "pt",
    "hr",
    "sq",
    "ur",
    "ku",
    "ckb",
    "ps",
    "so",
    "ti",
    "am",
)

UNKNOWN = "und"
"""BCP 47 for a language that cannot be told, such as a script nobody here writes."""

OTHER_SCRIPTS = frozenset({"ar", "fa", "ur", "ps", "ckb", "ru", "uk", "bg", "el", "ti", "am"})
_LATIN = tuple(code for code in RECOGNISED if code not in OTHER_SCRIPTS)
_CYRILLIC = ("ru", "uk", "bg")

_CERTAIN = 0.9
_CERTAIN_WORDS = 3

_TRUST, _LEAST = 0.6, 1e-3
"""How much py3langid counts beside the pieces, and what it gives at least: it gives 0.0 to many."""

_NOT_KNOWN = 0.02
"""What counts as py3langid's word on a language in letters that it was not taught."""


@dataclass(frozen=True, slots=True)
class Detected:
    """The language of a message.

    `romanised`: a language of another script typed in Latin letters. `certain`: clearly in this
    language; only then may the bot answer in another language than the chosen one.
    """

    language: str
    romanised: bool = False
    certain: bool = False


class _Identifier(Protocol):
    def rank(self, text: str) -> list[tuple[str, float]]: ...


@cache
def _identifier() -> _Identifier:
    """The model of py3langid (about 100 MB), loaded at the first message that needs it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in RECOGNISED if code not in ("ckb", "ti")])
    return identifier  # type: ignore[no-any-return]


def warm_up() -> None:
    """Load the models now, so that the first message does not wait a second for them."""
    _identifier().rank("Guten Tag")
    stored_pieces()


_SCRIPTS = (
    ("ethiopic", regex.compile(r"\p{Ethiopic}")),
    ("arabic", regex.compile(r"\p{Arabic}")),
    ("cyrillic", regex.compile(r"\p{Cyrillic}")),
    ("greek", regex.compile(r"\p{Greek}")),
    ("latin", regex.compile(r"\p{Latin}")),
)
_LETTER = regex.compile(r"\p{L}")


def detect(text: str, chosen: str | None = None) -> Detected:
    """The language of a message, given the language its writer chose (or none).

    Without anything to go by the chosen language comes back, else German. Never raises.
    """
    text = clean(text)
    fallback = chosen or "de"
    letters = len(_LETTER.findall(text))
    if not letters:
        return Detected(fallback)
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS}
    script, share = max(counts.items(), key=lambda item: item[1])
    if counts["latin"] and script == "latin":
        # "Jobcenter Termin Anmeldung كيف": office words do not outweigh the language around them.
        others = {name: number for name, number in counts.items() if name != "latin" and number > 2}
        if others:
            script, share = max(others.items(), key=lambda item: item[1])
    if share == 0:
        return Detected(UNKNOWN, certain=letters > 1)
    if script == "ethiopic":
        return _ethiopic(text, chosen)
    if script == "arabic":
        return _arabic(text, chosen)
    if script == "cyrillic":
        return _cyrillic(text, chosen)
    if script == "greek":
        return Detected("el", certain=chosen != "el" and counts["latin"] < 2 * share)
    return _latin(text, chosen)


def _ethiopic(text: str, chosen: str | None) -> Detected:
    spoken = set(words(text))
    tigrinya = 3 * len(spoken & TIGRINYA_WORDS) + sum(text.count(sign) for sign in "ኣቐቑቒቓቕኸዃ")
    amharic = 3 * len(spoken & AMHARIC_WORDS) + sum(text.count(sign) for sign in "አኝሽ")
    if tigrinya == amharic:
        return Detected(chosen if chosen in ("ti", "am") else "ti", certain=True)
    return Detected("ti" if tigrinya > amharic else "am", certain=True)


def _arabic(text: str, chosen: str | None) -> Detected:
    def count(signs: str) -> int:
        return sum(text.count(sign) for sign in signs)

    if count("ټډړږښځڅڼۍ") + text.count("ې"):
        return Detected("ps", certain=True)
    if count("ێۆڵڕ") or text.count("ە") >= 2:
        return Detected("ckb", certain=True)
    if count("ٹڈڑںے"):
        return Detected("ur", certain=True)
    ranked = _ranked(text, ("ar", "fa", "ur", "ps"), chosen)
    persian = count("پچژگ") + count("یک")
    arabic = count("ةىيكؤإأ")
    if "fa" in ranked and persian and not arabic:
        ranked["fa"] *= 5
    if arabic and not persian:
        ranked["ar"] *= 5
    return _best(ranked, len(text.split()), chosen)


def _cyrillic(text: str, chosen: str | None) -> Detected:
    lowered = text.lower()
    ranked = _ranked(text, _CYRILLIC, chosen)
    if any(sign in lowered for sign in "іїєґ"):
        return Detected("uk", certain=True)
    if any(sign in lowered for sign in "ыэё"):
        return Detected("ru", certain=True)
    if regex.search(r"ъ(?!$)[бвгджзклмнпрстфхцчшщ]|щ[аоу]|\bсе\b|\bда\b|\bли\b", lowered):
        ranked["bg"] *= 5
    return _best(ranked, len(text.split()), chosen)


def _latin(text: str, chosen: str | None) -> Detected:
    lowered = text.lower()
    spoken = words(lowered)
    plain_latin = lowered.isascii()
    typed = [code for code in stored_pieces().codes if code.endswith(ROMANISED)]
    codes = (*_LATIN, *typed) if plain_latin else _LATIN
    ranked = _ranked(_without_office_words(text, spoken), codes, chosen)
    number = len(spoken) or 1
    for code in ranked:
        known = _small_words(code)
        ranked[code] *= math.exp(6 * sum(word in known for word in spoken) / (number + 2))
    best = _best(ranked, number, None if chosen in OTHER_SCRIPTS else chosen)
    if chosen in OTHER_SCRIPTS and plain_latin and not best.certain:
        # Somebody who chose Arabic and writes Latin letters: Arabic, if it is not clearly another
        # language and not just an office word.
        return Detected(chosen, romanised=True)
    return best


def _small_words(code: str) -> frozenset[str]:
    if code.endswith(ROMANISED):
        return ROMANISED_WORDS.get(code.removesuffix(ROMANISED), frozenset())
    return SMALL_WORDS.get(code, frozenset())


def _without_office_words(text: str, spoken: list[str]) -> str:
    """The text without names, if no small German word is in it.

    "letter from Familienkasse asks for Lebensbescheinigung" is English: what is written with a
    capital inside the sentence are German office words, and they are longer than the rest.
    """
    if any(word in SMALL_WORDS["de"] for word in spoken):
        return text
    kept = [word for place, word in enumerate(words(text)) if place == 0 or word.islower()]
    return " ".join(kept) if len(kept) >= _CERTAIN_WORDS else text


def _ranked(text: str, codes: Collection[str], chosen: str | None) -> dict[str, float]:
    """How likely each of the languages is, the chosen one being more likely from the start."""
    told = dict(_identifier().rank(text))
    spelt = stored_pieces().scores(text)
    best = max((spelt.get(code, 0.0) for code in codes), default=0.0)
    few = len(text.split()) <= _CERTAIN_WORDS
    ranked = {}
    for code in codes:
        language = code.removesuffix(ROMANISED)
        general = _NOT_KNOWN if code != language else told.get(code, 0.0) + _LEAST
        ranked[code] = math.exp(spelt.get(code, 0.0) - best) * general**_TRUST
        if language == chosen:
            ranked[code] *= 30 if few else 6
        if language not in OFFERED:
            ranked[code] *= 0.5
        elif chosen is None and code in ("de", "en"):
            ranked[code] *= 2
    return ranked


def _best(ranked: dict[str, float], number: int, chosen: str | None) -> Detected:
    total = sum(ranked.values())
    code = max(ranked, key=lambda code: ranked[code])
    certain = ranked[code] / total >= _CERTAIN and number >= _CERTAIN_WORDS
    language = code.removesuffix(ROMANISED)
    # In other letters than those of the chosen language it is at any rate not that one.
    languages = {each.removesuffix(ROMANISED) for each in ranked}
    other_letters = chosen is not None and chosen not in languages
    return Detected(language, romanised=code != language, certain=certain or other_letters)
