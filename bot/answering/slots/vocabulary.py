"""Word stems of all languages at once, found wherever they stand in a message.

Stems come as text of knowledge/words: ``zahn`` is a word that begins so, ``=hno`` this word only,
``*zahnarzt`` a word that contains it, ``a_b`` words side by side. Stems of up to three Latin
letters, or two others, are whole words anyway. Cyrillic and Greek stems are found in Latin letters
too, Arabic ones behind an article or a preposition. Slips are forgiven in longer stems.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.folding import WORD, fold, is_latin, romanise

SLIP_FROM, TWO_SLIPS_FROM = 6, 10
"""Letters from which a stem may forgive one slip, or two."""

_WHOLE = 3  # Latin stems of no more letters are whole words
_LOOSE_FROM = 4
_LOOSE_ENDING = 4
_LONGEST_WORD = 40
_COVERED = 0.7
_CLITICS = ("وال", "بال", "فال", "كال", "عال", "هال", "لل", "ال", "و", "ف", "ب", "ل")


@dataclass(frozen=True, slots=True)
class Label:
    """What a stem stands for: a name within a group; the groups are looked at apart.

    ``slips``: letters from which its stems forgive one slip; 0: never. ``loose``: its Latin
    stems spell another script.
    """

    group: str
    name: str
    language: str = ""
    slips: int = 0
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """A stem found in words ``first`` up to ``last``; ``weight``: letters, less for slips."""

    label: Label
    first: int
    last: int
    weight: float


@dataclass(frozen=True, slots=True)
class _Entry:
    label: Label
    pieces: tuple[tuple[str, str], ...]  # mark and stem

    @property
    def letters(self) -> int:
        return sum(len(stem) for _, stem in self.pieces)


class Vocabulary:
    """Looks for all stems at once. Build it with everything; it does not change."""

    def __init__(self, stems: Iterable[tuple[Label, str]]) -> None:
        """Take up labels with their stems, as many as stand in one text, spaces between."""
        listed = [(label, stem) for label, text in stems for stem in text.split()]
        # Folding costs much for each call and little for each letter.
        folded = fold("\n".join(stem for _, stem in listed)).split("\n")
        self._entries: list[_Entry] = []
        self._starts: dict[tuple[str, str], list[int]] = {}
        self._pieces: dict[str, list[tuple[str, str]]] = {}
        self._loose: dict[str, list[tuple[str, str]]] = {}
        self._near: dict[str, list[tuple[str, str]]] = {}
        self._far: dict[str, list[tuple[str, str]]] = {}
        for (label, _), stem in zip(listed, folded, strict=True):
            self._take(label, stem)
        self._inside = sorted({len(stem) for mark, stem in self._starts if mark == "*"})
        self._of_word = lru_cache(maxsize=20_000)(self._read)

    def _take(self, label: Label, text: str) -> None:
        parts = [part for part in text.split("_") if WORD.search(part)]
        # Beside another word a short one may have an ending: "eye doc" for "eye doctor".
        whole = _WHOLE if len(parts) == 1 else _WHOLE - 1
        pieces = tuple(_piece(part, whole) for part in parts)
        if not pieces:
            raise ValueError(f"no letters in {text!r}")
        number = len(self._entries)
        self._entries.append(_Entry(label, pieces))
        self._starts.setdefault(pieces[0], []).append(number)
        for piece in pieces:
            self._index(
                piece, label, slips=0 < label.slips <= len(pieces[0][1]) and len(pieces) == 1
            )

    def _index(self, piece: tuple[str, str], label: Label, *, slips: bool) -> None:
        mark, stem = piece
        known = self._pieces.setdefault(stem, [])
        if piece not in known:
            known.append(piece)
        if mark != "*" and (label.loose if is_latin(stem) else _sounds_alike(stem)):
            # Ukrainians write г as h in Latin letters, all others as g.
            for sound in {romanise(stem), romanise(stem.replace("г", "х"))}:
                if len(sound) >= _LOOSE_FROM:
                    entries = self._loose.setdefault(sound, [])
                    if piece not in entries:
                        entries.append(piece)
        if slips and not mark:
            for variant in _variants(stem):
                self._near.setdefault(variant, []).append(piece)
            if len(stem) >= TWO_SLIPS_FROM:
                self._far.setdefault(stem[0], []).append(piece)

    def _read(self, word: str) -> dict[tuple[str, str], float]:
        """The pieces that a folded word holds, and how many letters each explains."""
        word = word[:_LONGEST_WORD]
        found = self._spelled(word)
        if "\u0600" <= word[0] <= "\u06ff":
            for clitic in _CLITICS:
                if word.startswith(clitic) and len(word) - len(clitic) >= _WHOLE:
                    for piece, weight in self._spelled(word[len(clitic) :]).items():
                        found.setdefault(piece, weight)
        if is_latin(word):
            for piece, weight in self._sounding(romanise(word)):
                found.setdefault(piece, weight)
        covered = max((weight for piece, weight in found.items() if piece[0] != "*"), default=0)
        if len(word) >= SLIP_FROM - 1 and covered < _COVERED * len(word):
            for piece, weight in self._nearly(word):
                found.setdefault(piece, weight)
        return found

    def _spelled(self, word: str) -> dict[tuple[str, str], float]:
        found: dict[tuple[str, str], float] = {}
        for end in range(1, len(word) + 1):
            for piece in self._pieces.get(word[:end], ()):
                if piece[0] == "" or (piece[0] == "=" and end == len(word)):
                    found[piece] = end
        for size in self._inside:
            for start in range(len(word) - size + 1):
                piece = ("*", word[start : start + size])
                if piece in self._starts:
                    found[piece] = size
        return found

    def _sounding(self, sound: str) -> Iterator[tuple[tuple[str, str], float]]:
        for end in range(max(_LOOSE_FROM, len(sound) - _LOOSE_ENDING), len(sound) + 1):
            for piece in self._loose.get(sound[:end], ()):
                if piece[0] == "" or end == len(sound):
                    yield piece, end - 0.5

    def _nearly(self, word: str) -> Iterator[tuple[tuple[str, str], float]]:
        seen: dict[tuple[str, str], None] = {}
        for end in range(SLIP_FROM - 1, len(word) + 1):
            for variant in _variants(word[:end]):
                seen.update(dict.fromkeys(self._near.get(variant, ())))
        for piece in seen:
            # The first letter of a short word is hardly ever the wrong one.
            if (piece[1][0] == word[0] or len(piece[1]) > SLIP_FROM) and _slips(
                word, piece[1], 1
            ) <= 1:
                yield piece, len(piece[1]) - 1.5
        if len(word) >= TWO_SLIPS_FROM - 1:
            for piece in self._far.get(word[0], ()):
                if piece not in seen and _slips(word, piece[1], 2) <= 2:
                    yield piece, len(piece[1]) - 3.5

    def find(self, words: Sequence[str]) -> list[Mention]:
        """Everything that folded words hold, in order; empty words hold nothing."""
        held = [self._of_word(word) if word else {} for word in words]
        mentions = []
        for first, pieces in enumerate(held):
            for piece in pieces:
                for number in self._starts.get(piece, ()):
                    mention = self._mention(self._entries[number], first, held)
                    if mention is not None:
                        mentions.append(mention)
        return mentions

    @staticmethod
    def _mention(
        entry: _Entry, first: int, held: Sequence[dict[tuple[str, str], float]]
    ) -> Mention | None:
        last = first + len(entry.pieces)
        if last > len(held):
            return None
        weight = 0.0
        for pieces, piece in zip(held[first:last], entry.pieces, strict=True):
            if piece not in pieces:
                return None
            weight += pieces[piece]
        return Mention(entry.label, first, last, weight)


def longest(mentions: Iterable[Mention], groups: frozenset[str]) -> list[Mention]:
    """The mentions of these groups without those that a longer one covers, in their order."""
    kept: list[Mention] = []
    chosen = [mention for mention in mentions if mention.label.group in groups]
    for mention in sorted(chosen, key=lambda one: -one.weight):
        if all(mention.last <= other.first or mention.first >= other.last for other in kept):
            kept.append(mention)
    return sorted(kept, key=lambda one: one.first)


def _piece(text: str, whole: int) -> tuple[str, str]:
    mark = text[0] if text[0] in "=*" else ""
    stem = "".join(WORD.findall(text.removeprefix(mark)))
    short = len(stem) <= (whole if is_latin(stem) else _WHOLE - 1)
    return ("=" if short and not mark else mark), stem


def _sounds_alike(stem: str) -> bool:
    """Whether the letters tell the sounds: Greek and Cyrillic do, Arabic leaves vowels out."""
    return "\u0370" <= stem[0] <= "\u052f"


def _variants(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _slips(word: str, stem: str, most: int) -> int:
    """Slips between a stem and the word or its beginning; more than `most` if there are more."""
    size = len(stem)
    if len(word) < size - most:
        return most + 1
    ends = range(max(1, size - most), min(len(word), size + most) + 1)
    return min(OSA.distance(word[:end], stem, score_cutoff=most) for end in ends)
