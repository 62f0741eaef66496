"""Small talk recognised by its words: a greeting, thanks, "are you a robot" and the like.

The messages stand in `knowledge/wishes/<language>.toml` under `smalltalk_hello`,
`smalltalk_thanks` and so on. Only a message that is small talk from its first to its last word
counts, so that "hello, where do I register" goes on to search.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.answering.cleaning import clean
from bot.folding import is_latin, romanise, words
from bot.knowledge import KNOWLEDGE

KINDS = ("insult", "human", "who", "help", "thanks", "bye", "ok", "hello")
"""What small talk can be. Of several in one message ("ok thank you") the first here counts."""

MOST_WORDS = 6

_PREFIX = "smalltalk_"
_LONGEST = 120
_SHORTEST_WITH_A_SLIP = 5
_SHORTEST_WITH_ANOTHER_LETTER = 8
_SHORTEST_WITH_TWO_SLIPS = 10
_SHORTEST_FOREIGN = 4
_SHORTEST_ROMANISED = 5
_EVERYBODY = ("de", "en")


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Small talk by its folded words, and by their loose Latin spelling, with its kind."""

    plain: Mapping[str, str]
    latin: Mapping[str, str]


def smalltalk(text: str, language: str | None = None) -> str | None:
    """The kind of small talk (one of `KINDS`) that a whole message is, or None.

    `language`: the language of the message if it is known; its meaning of a word goes before that
    of another language ("ciao" greets in Italian), and slips are forgiven in it, in German and in
    English only. Messages of more than `MOST_WORDS` words are none. Never raises.
    """
    if len(text) > _LONGEST:
        return None
    typed = words(clean(text))
    if not 0 < len(typed) <= MOST_WORDS:
        return None
    lists = _lists(KNOWLEDGE / "wishes")
    own = [lists[name] for name in (language, *_EVERYBODY) if name in lists]
    # "sim" is yes in Portuguese and a card in all other languages.
    clear = not is_latin("".join(typed)) or sum(map(len, typed)) >= _SHORTEST_FOREIGN
    others = [_together(KNOWLEDGE / "wishes")] if clear else []
    return (
        _whole(typed, own)
        or _whole(typed, others)
        or _parts(typed, own)
        or _parts(typed, others)
        or _with_slips(" ".join(typed), own)
    )


def _whole(typed: list[str], lists: Collection[_Phrases]) -> str | None:
    """The kind of a phrase that is exactly these words."""
    phrase = " ".join(typed)
    for phrases in lists:
        if kind := phrases.plain.get(phrase):
            return kind
    if not all(map(is_latin, typed)):
        return None
    latin = _loose(phrase)
    return next((kind for phrases in lists if (kind := phrases.latin.get(latin))), None)


def _parts(typed: list[str], lists: Collection[_Phrases]) -> str | None:
    """The weightiest kind when the words are several phrases in a row: "hello, thank you"."""
    reached: list[frozenset[str] | None] = [frozenset(), *([None] * len(typed))]
    for end in range(1, len(typed) + 1):
        for start in range(end):
            before = reached[start]
            if before is not None and (kind := _whole(typed[start:end], lists)):
                reached[end] = before | {kind}
                break
    kinds = reached[-1] or frozenset()
    if "help" in kinds and len(set(typed)) < len(typed):
        return None  # who writes "help help" does not ask what the bot can do
    return next((kind for kind in KINDS if kind in kinds), None)


def _with_slips(phrase: str, lists: Collection[_Phrases]) -> str | None:
    """The kind of the phrase that is nearest, one slip away or two for a long one.

    Cries for help are left alone: another ending can make them one of danger.
    """
    slips = 2 if len(phrase) >= _SHORTEST_WITH_TWO_SLIPS else 1
    best: tuple[float, str] | None = None
    for phrases in lists:
        found = process.extractOne(
            phrase, phrases.plain.keys(), scorer=OSA.distance, score_cutoff=slips
        )
        if found is not None and _is_slip(phrase, found[0]) and phrases.plain[found[0]] != "help":
            nearest = (found[1], phrases.plain[found[0]])
            best = nearest if best is None or nearest[0] < best[0] else best
    return None if best is None else best[1]


def _is_slip(typed: str, meant: str) -> bool:
    """Whether two near phrases are likely one: in short ones, another letter is another word.

    "Halle" (a town) is not "hallo" and "tanke" (fill up) not "danke", but "hlalo" and "dankke" are.
    """
    if min(len(typed), len(meant)) < _SHORTEST_WITH_A_SLIP or typed[0] != meant[0]:
        return False
    if len(typed) >= _SHORTEST_WITH_ANOTHER_LETTER or len(typed) != len(meant):
        return True
    return sorted(typed) == sorted(meant)


def _loose(phrase: str) -> str:
    return " ".join(map(romanise, phrase.split()))


@lru_cache(maxsize=2)
def _lists(folder: Path) -> dict[str, _Phrases]:
    """The small talk of every language, read once."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}


@lru_cache(maxsize=2)
def _together(folder: Path) -> _Phrases:
    """The small talk of all languages as one list; where they differ the first one counts."""
    plain: dict[str, str] = {}
    latin: dict[str, str] = {}
    for phrases in reversed(_lists(folder).values()):
        plain.update(phrases.plain)
        latin.update(phrases.latin)
    return _Phrases(plain, latin)


def _read(path: Path) -> _Phrases:
    plain: dict[str, str] = {}
    latin: dict[str, str] = {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # the check of the knowledge reports a broken file
        tables = {}
    for kind in KINDS:
        for message in tables.get(_PREFIX + kind, {}).get("asks", ()):
            phrase = " ".join(words(clean(message)))
            plain.setdefault(phrase, kind)
            if not is_latin(phrase) and len(_loose(phrase)) >= _SHORTEST_ROMANISED:
                latin.setdefault(_loose(phrase), kind)
    return _Phrases(plain, latin)
