"""A message as search reads it: cleaned, in a language, with slips of the finger put right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

import regex

from bot.answering.cleaning import clean
from bot.answering.entries import Entry
from bot.answering.languages import detect
from bot.answering.signals import searchable
from bot.answering.spelling import Speller, spellers

STORY = 150
"""Characters from which a message is a story: its danger may stand in one sentence of many."""

_READ_OF_STORY = 1_200
_PIECE, _MOST_PIECES = 120, 8
_ENDS = regex.compile(r"(?<=[.!?;:,؟،])\s+|\s+[-–]\s+")


@dataclass(frozen=True, slots=True)
class Read:
    """A message after reading.

    `cleaned`: what was typed, safe. `text`: the same with slips put right, for search. `language`:
    to answer in. `searched`: to search in; another one where the language of a word or two cannot
    be told. `romanised`: a language of another script in Latin letters. `pieces`: the sentences of
    a story, a few words each; empty for an ordinary message.
    """

    cleaned: str
    text: str
    language: str
    searched: str
    romanised: bool
    pieces: tuple[str, ...] = ()


class Reader:
    """Reads messages with the words of the knowledge's sentences."""

    def __init__(self, listed: Sequence[Entry]) -> None:
        self._languages = searchable(listed)
        self._listed = listed
        self._spellers: Mapping[str, Speller] | None = None
        self._counting = Lock()

    def warm_up(self) -> None:
        """Count the words of all languages, which the first message would wait for."""
        self._known_words()

    def _known_words(self) -> Mapping[str, Speller]:
        with self._counting:
            if self._spellers is None:
                self._spellers = spellers(self._listed, self._languages)
            return self._spellers

    def read(self, text: str, chosen: str | None) -> Read:
        """The message read. `chosen`: the language its writer chose. Never raises."""
        cleaned = clean(text)
        found = detect(cleaned, chosen)
        language = found.language if found.certain or chosen is None else chosen
        searched = found.language
        if not found.certain and searched not in self._languages and chosen in self._languages:
            # "Bürgergeld" may be Turkish by its letters; who chose English means the benefit.
            searched = language
        speller = None if found.romanised else self._known_words().get(searched)
        corrected = speller.corrected(cleaned) if speller is not None else cleaned
        pieces = pieces_of(text) if len(text) > STORY else ()
        return Read(cleaned, corrected, language, searched, found.romanised, pieces)


def pieces_of(text: str) -> tuple[str, ...]:
    """A story in pieces of one sentence or a few short ones; the first and the last of them.

    Of a very long story the start and the end are read, as `bot.answering.cleaning.shorten` does.
    """
    pieces: list[str] = []
    for part in _ENDS.split(clean(text, _READ_OF_STORY)):
        if pieces and len(pieces[-1]) + len(part) < _PIECE:
            pieces[-1] = f"{pieces[-1]} {part}".strip()
        elif part:
            pieces.append(part)
    half = _MOST_PIECES // 2
    return tuple(pieces if len(pieces) <= _MOST_PIECES else pieces[:half] + pieces[-half:])
