"""Which language a message is in, as sure as a short message allows.

Scripts and letters decide where they can; between languages of one alphabet ``py3langid`` does,
restricted to the languages of this county, together with the small words that every sentence has.
The language somebody chose counts three times as likely as any other, ten times in messages of up
to three words: "Termin Jobcenter" is no reason to change from Arabic to German.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import regex

from bot.answering.cleaning import clean, words
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

_OTHER_SCRIPTS = frozenset({"ar", "fa", "ur", "ps", "ckb", "ru", "uk", "bg", "el", "ti", "am"})
_LATIN = tuple(code for code in RECOGNISED if code not in _OTHER_SCRIPTS)
_CYRILLIC = ("ru", "uk", "bg")

_CERTAIN = 0.9
_CERTAIN_WORDS = 3


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
    """Load the model now, so that the first message does not wait a second for it."""
    _identifier().rank("Guten Tag")


_SCRIPTS = (
    ("ethiopic", regex.compile(r"\p{Ethiopic}")),
    ("arabic", regex.compile(r"\p{Arabic}")),
    ("cyrillic", regex.compile(r"\p{Cyrillic}")),
    ("greek", regex.compile(r"\p{Greek}")),
    ("latin", regex.compile(r"\p{Latin}")),
)
_LETTER = regex.compile(r"\p{L}")
_NUMBER_LETTER = regex.compile(r"(?<=[a-z])[23579](?=[a-z])|\b[37](?=[a-z]{2})|(?<=[a-z]{2})[37]\b")


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
    ranked = _ranked(_without_office_words(text, spoken), _LATIN, chosen)
    number = len(spoken) or 1
    for code, known in SMALL_WORDS.items():
        ranked[code] *= math.exp(6 * sum(word in known for word in spoken) / (number + 2))
    best = _best(ranked, number, chosen if chosen in ranked else None)
    romanised = _romanised(lowered, spoken, chosen)
    if romanised is None:
        return best
    known = SMALL_WORDS.get(best.language, frozenset())
    own = sum(word in known for word in spoken)
    typed = sum(word in ROMANISED_WORDS.get(romanised, ()) for word in spoken)
    if chosen == romanised:
        # Somebody who chose Arabic and writes Latin letters: Arabic, if it is not a German or
        # English sentence and not just an office word.
        if best.certain and own > typed and ranked[best.language] > _CERTAIN:
            return best
        return Detected(romanised, romanised=True)
    if typed > own and (typed >= 2 or _NUMBER_LETTER.search(lowered)):
        return Detected(romanised, romanised=True, certain=typed >= 3)
    return best


def _without_office_words(text: str, spoken: list[str]) -> str:
    """The text without names, if no small German word is in it.

    "letter from Familienkasse asks for Lebensbescheinigung" is English: what is written with a
    capital inside the sentence are German office words, and they are longer than the rest.
    """
    if any(word in SMALL_WORDS["de"] for word in spoken):
        return text
    kept = [word for place, word in enumerate(words(text)) if place == 0 or word.islower()]
    return " ".join(kept) if len(kept) >= _CERTAIN_WORDS else text


def _romanised(lowered: str, spoken: Iterable[str], chosen: str | None) -> str | None:
    if not lowered.isascii():
        return None
    if chosen in _OTHER_SCRIPTS:
        return chosen
    spoken = list(spoken)
    counts = {
        code: sum(word in known for word in spoken) for code, known in ROMANISED_WORDS.items()
    }
    counts["ar"] += 2 * len(_NUMBER_LETTER.findall(lowered))
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] else None


def _ranked(text: str, codes: Iterable[str], chosen: str | None) -> dict[str, float]:
    """How likely each of the languages is, the chosen one being more likely from the start."""
    found = dict(_identifier().rank(text))
    # py3langid gives 0.0 for many; nothing is impossible before the small words are counted.
    ranked = {code: found.get(code, 0.0) + 1e-4 for code in codes}
    few = len(text.split()) <= _CERTAIN_WORDS
    if chosen in ranked:
        ranked[chosen] *= 10 if few else 3
    for code in ranked:
        if code not in OFFERED:
            ranked[code] *= 0.5
        elif chosen is None and code in ("de", "en"):
            ranked[code] *= 2
    return ranked


def _best(ranked: dict[str, float], number: int, chosen: str | None) -> Detected:
    total = sum(ranked.values())
    for code in ranked:
        ranked[code] /= total
    best = max(ranked, key=lambda code: ranked[code])
    certain = ranked[best] >= _CERTAIN and number >= _CERTAIN_WORDS
    # In other letters than those of the chosen language it is at any rate not that one.
    other_letters = chosen is not None and chosen not in ranked
    return Detected(best, certain=certain or other_letters)
