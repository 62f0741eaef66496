"""Slips of the finger put right, by the words of our own articles and example messages.

Character pieces forgive slips, sentence vectors do so less: "wivil kindergelt" is far from
"wieviel Kindergeld". A word nobody has written before is replaced by the nearest known one of the
same language: first by one that differs in accents only, then by one a letter or two away.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

import regex
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.answering.cleaning import fold, words
from bot.answering.entries import Entry, Source

_SHORTEST = 5
_LONG = 8
_USUAL = 3
_EDITED = frozenset({Source.TITLE, Source.KEYWORD, Source.PASSAGE})
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}]{4,}")


class Speller:
    """The known words of one language and the words to be meant by unknown ones.

    Known is whatever any sentence holds; meant are only words of the articles themselves and those
    that example messages use at least three times, because these hold slips too.
    """

    def __init__(self, listed: Iterable[Entry], foreign: AbstractSet[str] = frozenset()) -> None:
        self._counts: Counter[str] = Counter()
        self._edited: set[str] = set()
        for entry in listed:
            found = words(entry.text.lower())
            self._counts.update(found)
            if entry.source in _EDITED:
                self._edited.update(found)
        self.known: AbstractSet[str] = self._counts.keys()
        self.foreign = foreign

    @cached_property
    def _unaccented(self) -> dict[str, str]:
        """What may be meant, by its folded form; worked out at the first unknown word."""
        counts = self._counts
        usual = sorted(
            (word for word in counts if word in self._edited or counts[word] >= _USUAL),
            key=lambda word: (-counts[word], word),
        )
        found: dict[str, str] = {}
        for word in usual:
            if len(word) >= _SHORTEST:
                found.setdefault(fold(word), word)
        return found

    @cached_property
    def _meant(self) -> list[str]:
        return list(self._unaccented)

    def corrected(self, text: str) -> str:
        """The text with unknown words of five letters and more replaced by what they mean."""
        return _WORD.sub(lambda match: self._word(match[0]), text)

    def _word(self, typed: str) -> str:
        word = typed.lower()
        if word in self.known or word in self.foreign:
            return typed
        folded = fold(word)
        if folded in self._unaccented:
            return self._unaccented[folded]
        found = process.extractOne(
            folded,
            self._meant,
            scorer=OSA.distance,
            score_cutoff=1 if len(folded) < _LONG else 2,
        )
        # The first letter is seldom wrong, and a word one letter longer is often another word.
        if found is None or found[0][0] != folded[0]:
            return typed
        return self._unaccented[found[0]]


def spellers(listed: Sequence[Entry], languages: Iterable[str]) -> dict[str, Speller]:
    """A speller for each language; each also knows the words of all the others."""
    by_language: dict[str, list[Entry]] = {language: [] for language in languages}
    for entry in listed:
        if entry.language in by_language:
            by_language[entry.language].append(entry)
    found = {language: Speller(part) for language, part in by_language.items()}
    everything = frozenset().union(*(speller.known for speller in found.values()))
    for speller in found.values():
        speller.foreign = everything
    return found
