"""A message as search reads it: cleaned, in a language, with slips of the finger put right."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answering.cleaning import clean
from bot.answering.entries import Entry
from bot.answering.languages import detect
from bot.answering.signals import searchable
from bot.answering.spelling import spellers


@dataclass(frozen=True, slots=True)
class Read:
    """A message after reading.

    `cleaned`: what was typed, safe. `text`: the same with slips put right, for search. `language`:
    to answer in. `searched`: to search in; another one where the language of a word or two cannot
    be told. `romanised`: a language of another script in Latin letters.
    """

    cleaned: str
    text: str
    language: str
    searched: str
    romanised: bool


class Reader:
    """Reads messages with the words of the knowledge's sentences."""

    def __init__(self, listed: Sequence[Entry]) -> None:
        self._languages = searchable(listed)
        self._spellers = spellers(listed, self._languages)

    def read(self, text: str, chosen: str | None) -> Read:
        """The message read. `chosen`: the language its writer chose. Never raises."""
        cleaned = clean(text)
        found = detect(cleaned, chosen)
        language = found.language if found.certain or chosen is None else chosen
        searched = found.language
        if not found.certain and searched not in self._languages and chosen in self._languages:
            # "Bürgergeld" may be Turkish by its letters; who chose English means the benefit.
            searched = language
        speller = None if found.romanised else self._spellers.get(searched)
        corrected = speller.corrected(cleaned) if speller is not None else cleaned
        return Read(cleaned, corrected, language, searched, found.romanised)
