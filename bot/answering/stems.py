"""Groups of word stems found in a message, whatever the endings, spelling and order.

Danger, doctors and wishes are noticed by such patterns, which are data. One pattern is one line:
groups separated by spaces, all of which must stand near each other.

    atm|atem nicht|kein !nase          one of each group, and nothing of the group with "!"
    keine_luft                         words in this order, side by side
    =feuer                             this word only; otherwise a word that begins so
    *infarkt                           a word that contains it
    @person                            the words of a named set
    mess|waff /12                      up to 12 words apart instead of 8
    hilfe <4                           only in a message of fewer than 4 words

Stems of some length forgive a slip of the finger, long ones two, in messages of their own
language. In a message of another language a pattern counts too, but only exactly and only if its
stems are long enough together: "husband" is no misspelt "Hausbrand". Latin stems of a language
written in other letters, and its Cyrillic stems, are also found in loose Latin spelling
(`bot.folding.romanise`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.folding import WORD, fold, is_latin, romanise

SPAN = 8
"""Words between the first and the last stem of a pattern, unless it says otherwise."""

REACH = 8
"""Words around a match in which a forbidden stem spoils it."""

TINY = 2
"""Stems of no more letters are whole words."""

SHORT = 3
"""Loose Latin stems of no more letters are whole words: they begin too many words elsewhere."""

LONG, LONG_ALONE, LONG_TWICE = 6, 7, 9
"""Letters from which a stem forgives a slip; where it is the only group; where it forgives two."""

ABROAD = 9
"""Letters of all stems together from which a pattern counts in a message of another language,
where the language is certain."""

_CYRILLIC = range(0x400, 0x530)
_ARABIC = ("\u0600", "\u06ff")
_CLITICS = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ف", "ب", "ل", "ه", "ع")
_PERSIAN_PREFIXES = frozenset({"مي", "نمي"})
_MARKS = ("=", "*")


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern found: its label and the places of its first and last word."""

    label: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Pattern:
    label: str
    language: str
    groups: tuple[tuple[tuple[int, ...], ...], ...]
    forbidden: tuple[tuple[int, ...], ...]
    span: int
    below: int


@dataclass(slots=True)
class _Lookup:
    """Stems in one spelling: which of them a word is, begins with, contains or nearly is."""

    whole: dict[str, list[int]] = field(default_factory=dict)
    begins: dict[str, list[int]] = field(default_factory=dict)
    inside: dict[str, list[int]] = field(default_factory=dict)
    forgiving: dict[tuple[str, str], int] = field(default_factory=dict)
    near: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    far: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def add(self, stem: str, mark: str, number: int, *, slips: bool) -> None:
        table = {"=": self.whole, "*": self.inside}.get(mark, self.begins)
        table.setdefault(stem, []).append(number)
        if slips and mark != "*":
            entry = (stem, mark)
            self.forgiving[entry] = number
            for variant in _variants(stem):
                self.near.setdefault(variant, set()).add(entry)
            if len(stem) >= LONG_TWICE:
                self.far.setdefault(stem[0], set()).add(entry)

    def exactly(self, word: str) -> set[int]:
        found: set[int] = set(self.whole.get(word, ()))
        for end in range(1, len(word) + 1):
            found.update(self.begins.get(word[:end], ()))
        if self.inside:
            for start in range(len(word) - 3):
                for end in range(start + 4, len(word) + 1):
                    found.update(self.inside.get(word[start:end], ()))
        return found

    def nearly(self, word: str) -> Iterator[int]:
        seen: set[tuple[str, str]] = set()
        for end in range(LONG - 1, len(word) + 1):
            for variant in _variants(word[:end]):
                seen.update(self.near.get(variant, ()))
        for stem, mark in seen:
            # The first letter of a short word is hardly ever the wrong one.
            if (stem[0] == word[0] or len(stem) >= 7) and _distance(word, stem, mark) <= 1:
                yield self.forgiving[stem, mark]
        for stem, mark in self.far.get(word[0], ()):
            if _distance(word, stem, mark) <= 2:
                yield self.forgiving[stem, mark]


def _variants(word: str) -> Iterator[str]:
    """The word itself and all that remains when one letter is left out."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _distance(word: str, stem: str, mark: str) -> int:
    """Slips between the stem and the word, or its beginning; 3 stands for more than two."""
    size = len(stem)
    if len(word) < size - 2:
        return 3
    if mark == "=":
        return OSA.distance(word, stem, score_cutoff=2)
    ends = range(max(1, size - 2), min(len(word), size + 2) + 1)
    return min(OSA.distance(word[:end], stem, score_cutoff=2) for end in ends)


class Stems:
    """Patterns of many languages, all looked for at once in well under a millisecond."""

    def __init__(self, ordinary: Iterable[str] = ()) -> None:
        """`ordinary`: folded beginnings of words that are never taken for misspelt stems."""
        self._ordinary = frozenset(ordinary)
        self._numbers: dict[tuple[str, str, bool, int], int] = {}
        self._plain = _Lookup()
        self._loose = _Lookup()
        self._patterns: list[_Pattern] = []
        self._by_stem: dict[int, list[int]] = {}
        self._letters: list[int] = []
        self._known: dict[tuple[str, bool, int], tuple[int, ...]] = {}
        self._exactly = lru_cache(maxsize=20_000)(self._stems_of)
        self._nearly = lru_cache(maxsize=20_000)(self._misspelt_stems_of)

    def add(
        self,
        pattern: str,
        label: str,
        *,
        language: str = "",
        sets: Mapping[str, str] | None = None,
        other_script: bool = False,
        typos: bool = True,
    ) -> None:
        """Take one pattern of a language up; `other_script`: it is written in other than Latin.

        Forbidden stems never forgive a slip ("schnee" would spoil "schnell"), the others do
        unless `typos` is false. Raises ValueError for a line that says nothing: an unknown set,
        an empty group.
        """
        parts = pattern.split()
        wanted = [part for part in parts if part[0] not in "!/<"]
        if not wanted:
            raise ValueError(f"a pattern without a group: {pattern!r}")
        slips_from = 0 if not typos else LONG_ALONE if len(wanted) == 1 else LONG
        groups = []
        forbidden: list[tuple[int, ...]] = []
        span, below = SPAN, 0
        for part in parts:
            if part[0] == "/":
                span = int(part[1:])
            elif part[0] == "<":
                below = int(part[1:])
            else:
                unwanted = part[0] == "!"
                alternatives = tuple(
                    self._alternative(text, other_script, 0 if unwanted else slips_from)
                    for text in _alternatives(part.removeprefix("!"), sets or {})
                )
                if unwanted:
                    forbidden.extend(alternatives)
                else:
                    groups.append(alternatives)
        number = len(self._patterns)
        self._patterns.append(
            _Pattern(label, language, tuple(groups), tuple(forbidden), span, below)
        )
        for stem in {alternative[0] for alternative in groups[0]}:
            self._by_stem.setdefault(stem, []).append(number)

    def _alternative(self, text: str, other_script: bool, slips_from: int) -> tuple[int, ...]:
        # The words of a named set stand in many patterns.
        key = (text, other_script, slips_from)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = tuple(
                self._number(stem, mark, other_script, slips_from) for mark, stem in _sequence(text)
            )
        return found

    def _number(self, stem: str, mark: str, other_script: bool, slips_from: int) -> int:
        loose = other_script and (is_latin(stem) or ord(stem[0]) in _CYRILLIC)
        key = (stem, mark, loose, slips_from)
        if key not in self._numbers:
            number = self._numbers[key] = len(self._numbers)
            # "sha2a" sounds as "sa": what is only found by its sound has no more letters than that.
            self._letters.append(len(romanise(stem) if loose and is_latin(stem) else stem))
            if len(stem) <= TINY and not mark:
                mark = "="
            if not (loose and is_latin(stem)):
                # Arabic words are short and close to each other.
                least = slips_from + (_ARABIC[0] <= stem[0] <= _ARABIC[1])
                least += mark == "="
                slips = bool(slips_from) and len(stem) >= least
                self._plain.add(stem, mark, number, slips=slips)
            sound = romanise(stem) if loose else ""
            if sound:
                slips = bool(slips_from) and len(sound) > slips_from
                loose_mark = mark if len(sound) > SHORT else "="
                self._loose.add(sound, loose_mark, number, slips=slips)
        return self._numbers[key]

    def _stems_of(self, word: str) -> frozenset[int]:
        found = self._plain.exactly(word)
        if is_latin(word):
            sound = romanise(word)
            if sound:
                found |= self._loose.exactly(sound)
        elif _ARABIC[0] <= word[0] <= _ARABIC[1]:
            for clitic in _CLITICS:
                if word.startswith(clitic) and len(word) - len(clitic) >= 3:
                    found |= self._plain.exactly(word[len(clitic) :])
        return frozenset(found)

    def _misspelt_stems_of(self, word: str) -> frozenset[int]:
        if any(word[:end] in self._ordinary for end in range(TINY + 1, len(word) + 1)):
            return frozenset()
        found = set(self._plain.nearly(word))
        if is_latin(word):
            sound = romanise(word)
            if sound:
                found.update(self._loose.nearly(sound))
        return frozenset(found)

    def find(
        self,
        words: Sequence[str],
        languages: Collection[str] | None = None,
        abroad: int = ABROAD,
    ) -> list[Match]:
        """Every pattern that stands in these folded words, in the order patterns were added.

        `languages`: those the message may be in; None for all, each as its own. `abroad`: letters
        from which a pattern of another language counts.
        """
        exact: dict[int, list[int]] = {}
        loose: dict[int, list[int]] = {}
        for place, word in enumerate(words):
            stems = self._exactly(word)
            if place and words[place - 1] in _PERSIAN_PREFIXES:
                # The verb in one piece, though its prefix was typed apart.
                stems |= self._exactly(words[place - 1] + word)
            for number in stems:
                exact.setdefault(number, []).append(place)
                loose.setdefault(number, []).append(place)
            for number in self._nearly(word) - stems:
                loose.setdefault(number, []).append(place)
        matches = []
        for number in sorted({one for stem in loose for one in self._by_stem.get(stem, ())}):
            pattern = self._patterns[number]
            if pattern.below and len(words) >= pattern.below:
                continue
            at_home = languages is None or pattern.language in languages
            match = self._match(pattern, loose if at_home else exact, 0 if at_home else abroad)
            if match is not None:
                matches.append(match)
        return matches

    def _match(
        self, pattern: _Pattern, places: Mapping[int, Sequence[int]], letters: int
    ) -> Match | None:
        choices = []
        for group in pattern.groups:
            spots = self._spots(group, places)
            if not spots:
                return None
            choices.append(spots)
        best = _closest(choices, pattern.span, letters)
        if best is None:
            return None
        first, last = best
        for start, end, _ in self._spots(pattern.forbidden, places):
            if start <= last + REACH and end >= first - REACH:
                return None
        return Match(pattern.label, first, last)

    def _spots(
        self, alternatives: Iterable[tuple[int, ...]], places: Mapping[int, Sequence[int]]
    ) -> list[tuple[int, int, int]]:
        """Where one of the alternatives stands: first and last word, and letters of its stems."""
        spots = []
        for sequence in alternatives:
            for start in places.get(sequence[0], ()):
                if all(
                    start + step in places.get(number, ())
                    for step, number in enumerate(sequence[1:], start=1)
                ):
                    letters = sum(self._letters[number] for number in sequence)
                    spots.append((start, start + len(sequence) - 1, letters))
        return spots


@lru_cache(maxsize=50_000)
def _sequence(text: str) -> tuple[tuple[str, str], ...]:
    """The marks and folded stems of one alternative, "keine_=luft" and the like."""
    sequence: list[tuple[str, str]] = []
    for piece in text.split("_"):
        mark = piece[0] if piece[:1] in _MARKS else ""
        stems = WORD.findall(fold(piece.removeprefix(mark)))
        if not stems:
            raise ValueError(f"no letters in {text!r}")
        sequence += [(mark, stem) for stem in stems]
    return tuple(sequence)


def _alternatives(part: str, sets: Mapping[str, str]) -> list[str]:
    texts: list[str] = []
    for text in part.split("|"):
        if text.startswith("@"):
            if text[1:] not in sets:
                raise ValueError(f"no set named {text!r}")
            texts.extend(sets[text[1:]].split())
        elif text:
            texts.append(text)
    if not texts:
        raise ValueError("an empty group")
    return texts


def _closest(
    choices: Sequence[Sequence[tuple[int, int, int]]], span: int, letters: int
) -> tuple[int, int] | None:
    """The first combination of one spot a group within the span, of at least so many letters.

    No word is used twice.
    """

    def grow(
        rest: int, first: int, last: int, left: int, used: frozenset[int]
    ) -> tuple[int, int] | None:
        if rest == len(choices):
            return (first, last) if left <= 0 else None
        for start, end, size in choices[rest]:
            covered = frozenset(range(start, end + 1))
            low, high = min(first, start), max(last, end)
            if not covered & used and high - low <= span:
                found = grow(rest + 1, low, high, left - size, used | covered)
                if found is not None:
                    return found
        return None

    for start, end, size in choices[0]:
        found = grow(1, start, end, letters - size, frozenset(range(start, end + 1)))
        if found is not None:
            return found
    return None
