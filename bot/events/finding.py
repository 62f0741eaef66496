"""Which event a message names: "fachtag demokratie anmeldung" means the Fachtag für Demokratie."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

from rapidfuzz import fuzz

from bot.folding import fold, words

_SHORTEST = 4
_ALIKE = 85.0
_SHARE = 0.6
# Words that stand in many titles and questions: alone they name no event.
_EVERYDAY = frozenset(
    fold(word)
    for word in (
        *("gegen", "nummer", "veranstaltung", "veranstaltungen", "internationale", "event"),
        *("events", "kurs", "kurse", "woche", "wochen", "heute", "morgen", "nächste", "week"),
        *("frauen", "kinder", "familien", "deutsch", "fest", "treffen", "treff", "women"),
    )
)
Key = TypeVar("Key", bound=Hashable)


def named(text: str, titles: Mapping[Key, str]) -> list[Key]:
    """The titles whose telling words a message holds, typing mistakes included; best first.

    More than half of a title's longer words must be there: "Fest" alone names no event.
    """
    said = [word for word in words(text[:300]) if len(word) >= _SHORTEST]
    found: list[tuple[float, Key]] = []
    for key, title in titles.items():
        telling = {w for w in words(title) if len(w) >= _SHORTEST and w not in _EVERYDAY}
        if not telling:
            continue
        hits = sum(any(fuzz.ratio(word, one) >= _ALIKE for one in said) for word in telling)
        if hits / len(telling) >= _SHARE:
            found.append((hits / len(telling), key))
    best = max((share for share, _key in found), default=0.0)
    return [key for share, key in found if share == best]
