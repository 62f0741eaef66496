"""Danger is noticed before anything else, in every language at once.

Somebody in panic types in whatever language comes first, misspelt and in dialect, so all
languages of knowledge/emergency are looked for at the same time, whatever was chosen. Whole
messages are compared with known ones, and stems that mean danger together are found in any
message. What only sounds like danger (a course, a film, a heart attack of 2019) is told apart by
near misses. When in doubt it is danger: a card too many costs a tap, one too few may cost a life.

This is the lexical half; `examples` hands the same data to the semantic half.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from bot.answering.languages import detect
from bot.answering.stems import ABROAD, Match, Stems
from bot.folding import words

FOLDER = Path(__file__).resolve().parents[2] / "knowledge" / "emergency"

READ = 2_000
"""Characters that are read from the start of a message, and from its end: a cry for help may come
first or last, and more is read than for search."""

ALIKE, ALIKE_SHORT, ALIKE_HARMLESS = 86.0, 92.0, 95.0
"""Likeness (0 to 100) from which a message counts as a known cry for help; as a short one, where a
letter makes a difference; and as a known near miss, which has to be the very same: "my phone is
dead" is much like "my mum is dead"."""

SHORT = 16
"""Letters below which a message is short."""

NEAR = 8
"""Words between a near miss and a danger in which the near miss counts."""

_OTHER_SCRIPT = frozenset({"ar", "bg", "el", "fa", "ps", "ru", "ti", "uk", "ur"})
_ALPHABETS = (
    frozenset({"ru", "uk", "bg"}),
    frozenset({"ar", "fa", "ur", "ps", "ckb", "ku"}),  # Kurdish: one file in two alphabets
)
ABROAD_UNSURE = 6
"""Letters from which a pattern counts where the language of a message is a guess."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of danger: the topics shown under the card and whom to call, in order."""

    id: str
    topics: tuple[str, ...]
    calls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examples:
    """Messages to learn from: by language, those of danger by kind and those of none."""

    danger: Mapping[str, Mapping[str, tuple[str, ...]]]
    no_danger: Mapping[str, tuple[str, ...]]


class Dangers:
    """All that is known of dangers, ready to be looked for."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read the folder; raises ValueError that names the file of a wrong entry."""
        kinds = tomllib.loads((folder / "kinds.toml").read_text(encoding="utf-8"))
        self.kinds = {
            name: Kind(name, tuple(entry["topics"]), tuple(entry["calls"]))
            for name, entry in kinds.items()
        }
        self._rank = {name: rank for rank, name in enumerate(self.kinds)}
        self._patterns = Stems(_ordinary(folder / "ordinary.txt"))
        self._guards = Stems()
        self._known: dict[str, str] = {}
        danger: dict[str, dict[str, tuple[str, ...]]] = {}
        no_danger: dict[str, tuple[str, ...]] = {}
        for path in sorted(folder.glob("*.toml")):
            if path.stem == "kinds":
                continue
            try:
                data = tomllib.loads(path.read_text(encoding="utf-8"))
                danger[path.stem], no_danger[path.stem] = self._take(path.stem, data)
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path.name}: {error}") from error
        self.examples = Examples(danger, no_danger)
        self._texts = list(self._known)

    def _take(
        self, language: str, data: dict[str, Any]
    ) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
        sets: dict[str, str] = data.pop("sets", {})
        other = language in _OTHER_SCRIPT
        nothing = data.pop("no_danger", {})
        kinds = {}
        for name, entry in data.items():
            if name not in self.kinds:
                raise ValueError(f"unknown kind of danger {name!r}")
            for pattern in entry.get("patterns", ()):
                self._patterns.add(pattern, name, language=language, sets=sets, other_script=other)
            kinds[name] = tuple(entry["phrases"])
            for phrase in kinds[name]:
                self._known.setdefault(" ".join(words(phrase)), name)
        for pattern in nothing.get("patterns", ()):
            self._guards.add(
                pattern, language, language=language, sets=sets, other_script=other, typos=False
            )
        harmless = tuple(nothing.get("phrases", ()))
        for phrase in harmless:
            self._known.setdefault(" ".join(words(phrase)), "")
        return kinds, harmless

    def find(self, text: str, language: str | None = None) -> tuple[str, ...]:
        """The kinds of danger in a message, the gravest first; empty when there is none."""
        if len(text) > 2 * READ:
            text = f"{text[:READ]} {text[-READ:]}"
        message = words(text)
        if not message:
            return ()
        found = {match.label for match in self._unguarded(message, *_spoken(text, language))}
        alike = self._likeness(message)
        if alike == "":
            return ()
        if alike is not None:
            found.add(alike)
        return self.gravest_first(found)

    def gravest_first(self, names: Iterable[str]) -> tuple[str, ...]:
        """Kinds of danger without repeats, in the order of their gravity."""
        return tuple(sorted(set(names), key=self._rank.__getitem__))

    def _unguarded(
        self, message: list[str], languages: Collection[str], abroad: int
    ) -> list[Match]:
        matches = self._patterns.find(message, languages, abroad)
        if not matches:
            return []
        guards = self._guards.find(message, languages, abroad)
        return [
            match
            for match in matches
            if not any(
                guard.first <= match.last + NEAR and guard.last >= match.first - NEAR
                for guard in guards
            )
        ]

    def _likeness(self, message: list[str]) -> str | None:
        """The kind of the known message that this one is, "" for a harmless one, None for none."""
        text = " ".join(message)
        if len(text) > 160:
            return None
        cutoff = ALIKE if len(text) >= SHORT else ALIKE_SHORT
        best = process.extractOne(text, self._texts, scorer=fuzz.ratio, score_cutoff=cutoff)
        if best is None:
            return None
        kind = self._known[best[0]]
        return None if not kind and best[1] < ALIKE_HARMLESS else kind


def _ordinary(path: Path) -> Iterator[str]:
    """The words of the list, without its comments and the language before each line."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield from line.partition(":")[2].split()


def _spoken(text: str, chosen: str | None) -> tuple[frozenset[str], int]:
    """The languages a message may be in, and the letters a pattern of another one needs.

    That is what it looks like, what its writer chose, and all languages of its letters where
    these are not Latin: a wrong guess between Pashto and Arabic must not cost a life.
    """
    detected = detect(text, chosen)
    languages = {detected.language, chosen or detected.language}
    for alphabet in _ALPHABETS:
        if languages & alphabet:
            languages |= alphabet
    if detected.romanised:
        languages |= _OTHER_SCRIPT
    return frozenset(languages), ABROAD if detected.certain else ABROAD_UNSURE


@lru_cache(maxsize=1)
def known() -> Dangers:
    """The dangers of knowledge/emergency, read once."""
    return Dangers()


def dangers(text: str, language: str | None = None) -> tuple[str, ...]:
    """The kinds of danger in a message, the gravest first; empty when there is none.

    All languages are looked for. `language`, the one its writer chose, and the one the message
    seems to be in forgive slips of the finger; the others must match to the letter. Give the
    message as it was typed: it is cleaned here, and read further than search does.
    """
    return known().find(text, language)


def gravest_first(names: Iterable[str]) -> tuple[str, ...]:
    """Kinds of danger without repeats, in the order of their gravity."""
    return known().gravest_first(names)


def kind(name: str) -> Kind:
    """What is shown for a kind of danger. Raises KeyError for an unknown one."""
    return known().kinds[name]


def examples() -> Examples:
    """The messages by which the semantic half learns to notice danger."""
    return known().examples
