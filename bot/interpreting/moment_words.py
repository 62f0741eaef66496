"""The words for days and times by language: knowledge/words/moments.toml, and CLDR's names."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from babel import Locale
from rapidfuzz.distance import OSA

from bot.folding import WORD, fold
from bot.knowledge.folder import KNOWLEDGE

FILE = KNOWLEDGE / "words" / "moments.toml"


@dataclass(frozen=True, slots=True)
class MomentWords:
    """The words of one language for days and times, folded."""

    words: dict[str, frozenset[str]]
    written: dict[str, tuple[str, ...]]
    parts: dict[str, str]
    after_day: dict[str, str]
    numbers: dict[str, int]
    and_a_half: dict[str, int]
    minutes_said: dict[str, int]
    months: dict[str, int]
    weekdays: dict[str, int]
    fillers: frozenset[str]
    half_before: bool
    known: frozenset[str]

    def means(self, name: str, word: str) -> bool:
        """Whether a folded word is in a list of the table: "today", "half", "weeks"."""
        return word in self.words.get(name, ())

    def phrases(self, name: str) -> tuple[str, ...]:
        """The words of a list as they are written, for matching beside figures."""
        return self.written.get(name, ())

    def joined(self, said: list[str]) -> list[str]:
        """The words, with those put together that the table has as one: "سه شنبه", "on bir"."""
        found: list[str] = []
        place = 0
        while place < len(said):
            for length in (3, 2):
                word = "".join(said[place : place + length])
                hour_first = bool(found) and self.means("at", found[-1]) and word in self.weekdays
                if place + length <= len(said) and word in self.known and not hour_first:
                    break
            else:
                word, length = said[place], 1
            found.append(word)
            place += length
        return found

    def weekday(self, word: str) -> int | None:
        """The weekday, Monday 0; a long name may be misspelt or have another ending."""
        known = self.weekdays.get(word)
        if known is not None or len(word) < 5:
            return known
        near = {
            day
            for name, day in self.weekdays.items()
            if len(name) >= 5 and OSA.distance(word, name, score_cutoff=1) <= 1
        }
        return near.pop() if len(near) == 1 else None


@lru_cache(maxsize=1)
def words_for_now() -> frozenset[str]:
    """The words for "at once" of every language."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8")).values()
    return frozenset(_one_word(word) for table in tables for word in table["now"].split())


@lru_cache(maxsize=16)
def vocabulary(language: str) -> MomentWords:
    """The words of a language; months and weekdays alone where the table has no entry for it."""
    data: dict[str, Any] = tomllib.loads(FILE.read_text(encoding="utf-8")).get(language, {})
    lists = {name: value for name, value in data.items() if isinstance(value, str)}
    locale = Locale.parse(language, sep="-")
    months, weekdays = dict[str, int](), dict[str, int]()
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated", "short"):
            for number, name in locale.months[context].get(width, {}).items():
                months.setdefault(_one_word(str(name)), number)
            for number, name in locale.days[context].get(width, {}).items():
                weekdays.setdefault(_one_word(str(name)), number)
                weekdays.setdefault(_one_word(str(name).removeprefix("ال")), number)
    for number, named in enumerate(lists.pop("weekday_names", "").split()):
        weekdays.update({_one_word(word): number for word in named.split("_")})
    for word in lists.pop("no_weekdays", "").split():
        weekdays.pop(_one_word(word), None)
    numbers = _counted(lists.pop("numbers", ""))
    and_a_half = _counted(lists.pop("and_a_half", ""))
    minutes_said = {word: 10 * ten for word, ten in _counted(lists.pop("tens", "")).items()}
    minutes_said |= {_one_word(word): 15 for word in lists.pop("fifteen", "").split()}
    words = {name: frozenset(map(_one_word, text.split())) for name, text in lists.items()}
    parts = _turned(data.get("parts", {}))
    counted = (numbers, and_a_half, minutes_said, weekdays)
    compounds: tuple[Iterable[str], ...] = (*words.values(), parts, *counted)
    return MomentWords(
        words=words,
        written={
            name: tuple(w.replace("_", " ") for w in text.split()) for name, text in lists.items()
        },
        parts=parts,
        after_day=_turned(data.get("after_day", {})),
        numbers=numbers,
        and_a_half=and_a_half,
        minutes_said=minutes_said,
        months=months,
        weekdays=weekdays,
        fillers=frozenset(map(_one_word, lists.get("fillers", "").split())),
        half_before=bool(data.get("half_before")),
        known=frozenset(word for some in compounds for word in some if len(word) > 3)
        | words.get("am", frozenset())
        | words.get("pm", frozenset()),
    )


def _counted(text: str) -> dict[str, int]:
    return {
        _one_word(word): number
        for number, names in enumerate(text.split(), start=1)
        for word in names.split("_")
    }


def _turned(named: dict[str, str]) -> dict[str, str]:
    return {_one_word(word): name for name, text in named.items() for word in text.split()}


def _one_word(text: str) -> str:
    return "".join(WORD.findall(fold(text)))
