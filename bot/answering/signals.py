"""What speaks for each topic and wish in a message: one row of signals a label.

Five readings, none of them enough alone: two probes (sentence vector, character pieces), the
nearest example questions and the nearest passages by sentence vector, and BM25 over character
pieces. Similarities of vectors are corrected for hubs: from every entry its mean similarity to
the messages of the message's language is taken off, which also makes languages comparable.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import product
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from bot.answering.cleaning import folded
from bot.answering.encoder import DIMENSIONS, Vectors
from bot.answering.entries import WISH, Entry
from bot.answering.lexical import GramIndex, Grams, Pieces, grams, joined, message_grams
from bot.answering.probe import Floats, GramProbe, VectorProbe, log_softmax
from bot.answering.romanising import ROMANISED, SKELETONS, romanised, skeleton
from bot.answering.vectors import Rows, unpacked

GERMAN = "de"
"""Office words are German in every language, so the German index is always asked too."""

ENGLISH = "en"

_BLOCK = 1024
_BEST_SHARE = 0.6
_BEST = 3
_ENOUGH = 300
"""Sentences about topics from which on a language's own words are searched, too."""

_WHOLE = 4000
"""Sentences about topics from which on a language counts as one there are texts in.

Those with articles have 6,000 and more, the others 2,600 at most: what was measured without
articles must hold for them.
"""


class Signal(IntEnum):
    """The columns of an evidence."""

    VECTOR_PROBE = 0
    GRAM_PROBE = 1
    NEAREST = 2
    PASSAGE = 3
    LEXICAL = 4
    LEXICAL_GERMAN = 5
    GRAM_PROBE_GERMAN = 6


class Match(IntEnum):
    """How the language of a message meets the languages of the texts, which decides what counts."""

    OWN = 0
    """There are texts in the language of the message."""
    OTHER = 1
    """There are none, or a few ways of asking: mostly the vectors reach from one to another."""
    ROMANISED = 2
    """Another script typed in Latin letters: vectors know little of it, spelling does."""


@dataclass(frozen=True, slots=True)
class Message:
    """A cleaned message, its language and, if the encoder answered, its vector."""

    text: str
    language: str
    romanised: bool = False
    vector: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Signals of all labels for one message: `signals` (labels, Signal), standardised by column.

    `likeness` is the best corrected similarity to an example message, `overlap` the best BM25
    share: both are comparable between messages, which standardised columns are not.
    """

    signals: Floats
    match: Match
    vectors: bool
    likeness: float
    overlap: float
    words: int


class Signals:
    """The readings over a set of entries.

    `labels`: topics and wishes, in the order of columns. `rows`: the vectors of the entries.
    `languages`: those with enough texts; of others nothing is used, for one of which only wishes
    are known would make them likely in it.
    """

    def __init__(
        self,
        labels: Sequence[str],
        listed: Sequence[Entry],
        rows: Rows,
        there: NDArray[np.bool_],
        vector_probe: VectorProbe,
        gram_probes: Mapping[str, GramProbe],
    ) -> None:
        self.labels = tuple(labels)
        self._places = {label: place for place, label in enumerate(self.labels)}
        self._vector_probe = vector_probe
        self._gram_probes = dict(gram_probes)
        self.languages = searchable(listed)
        self._whole = searchable(listed, _WHOLE)
        used = [
            place
            for place, entry in enumerate(listed)
            if entry.column in self._places and entry.language in self.languages
        ]
        self._semantic = _Semantic(
            [listed[place] for place in used], rows[used], there[used], self._places
        )
        self._lexical = _Lexical([listed[place] for place in used], self._places)

    def warm_up(self, stopped: Callable[[], bool]) -> None:
        """Build in advance what is otherwise built for the first message of each language."""
        self._lexical.warm_up(stopped)

    def match(self, message: Message) -> Match:
        """How a message's language meets the texts."""
        if message.romanised:
            return Match.ROMANISED
        return Match.OWN if message.language in self._whole else Match.OTHER

    def of(self, message: Message) -> Evidence:
        """The evidence of one message."""
        columns = np.zeros((len(self.labels), len(Signal)), dtype=np.float32)
        pieces = message_grams([message.text]).hashes
        spelled = grams([folded(message.text)]).hashes
        columns[:, Signal.GRAM_PROBE] = self._gram_probed(message.language, spelled)
        if message.language != GERMAN:
            columns[:, Signal.GRAM_PROBE_GERMAN] = self._gram_probed(GERMAN, spelled)
        topics, german = self._lexical.scores(message, pieces)
        columns[:, Signal.LEXICAL] = _standard(topics)
        columns[:, Signal.LEXICAL_GERMAN] = _standard(german)
        likeness = 0.0
        if message.vector is not None:
            columns[:, Signal.VECTOR_PROBE] = log_softmax(
                self._vector_probe.scores(message.vector[None, :])[0]
            )
            asks, passages = self._semantic.scores(message.vector, message.language)
            columns[:, Signal.NEAREST] = _standard(asks)
            columns[:, Signal.PASSAGE] = _standard(passages)
            likeness = float(asks.max())
        return Evidence(
            signals=columns,
            match=self.match(message),
            vectors=message.vector is not None,
            likeness=likeness,
            overlap=float(max(topics.max(), german.max())),
            words=len(message.text.split()),
        )

    def _gram_probed(self, language: str, pieces: Grams) -> Floats:
        probe = self._gram_probes.get(language)
        if probe is None:
            return np.zeros(len(self.labels), dtype=np.float32)
        return log_softmax(probe.scores([pieces])[0])


def searchable(listed: Iterable[Entry], enough: int = _ENOUGH) -> frozenset[str]:
    """The languages with enough sentences about topics to search in them by spelling."""
    numbers = Counter(entry.language for entry in listed if not entry.column.startswith(WISH))
    return frozenset(language for language, number in numbers.items() if number >= enough)


def _standard(scores: Floats) -> Floats:
    """Scores as standard deviations from their mean; labels without a score count as the mean."""
    known = np.isfinite(scores)
    if not known.any():
        return np.zeros_like(scores)
    spread = float(scores[known].std())
    if spread < 1e-9:
        return np.zeros_like(scores)
    standard = (scores - float(scores[known].mean())) / spread
    return np.asarray(np.where(known, standard, 0.0), dtype=np.float32)


class _Semantic:
    """Nearest example messages and passages by corrected similarity.

    Compared are the sentences in the language of the message, in German and in English: further
    languages add next to nothing, and each costs time.
    """

    def __init__(
        self,
        listed: Sequence[Entry],
        rows: Rows,
        there: NDArray[np.bool_],
        places: dict[str, int],
    ) -> None:
        owners = np.array([places[entry.column] for entry in listed], dtype=np.int64)
        passages = np.array([entry.is_passage for entry in listed], dtype=bool)
        languages = np.array([entry.language for entry in listed])
        self._size = len(places)
        self._asks: dict[str, _Grouped] = {}
        self._passages: dict[str, _Grouped] = {}
        self._centres: dict[str, Floats] = {}
        self._centre = _mean(rows[there & ~passages])
        for language in sorted(set(languages.tolist())):
            asks = there & ~passages & (languages == language)
            texts = there & passages & (languages == language)
            self._asks[language] = _Grouped(rows[asks], owners[asks], self._size)
            self._passages[language] = _Grouped(rows[texts], owners[texts], self._size)
            self._centres[language] = _mean(rows[asks])

    def scores(self, vector: Vectors, language: str) -> tuple[Floats, Floats]:
        """By label: how near its messages are, and how near its passages."""
        centred = vector - self._centres.get(language, self._centre)
        compared = dict.fromkeys((language, GERMAN, ENGLISH))
        asks = [self._asks[name].tops(centred, _BEST) for name in compared if name in self._asks]
        texts = [self._passages[name].tops(centred, 1) for name in compared if name in self._asks]
        return _mixed(_merged(asks, self._size)), _merged(texts, self._size)[0]


def _merged(tops: Sequence[Floats], size: int) -> Floats:
    """The best similarities of several languages together, best first, one column a label."""
    rows = np.concatenate(tops) if tops else np.full((_BEST, size), -np.inf, dtype=np.float32)
    return np.asarray(-np.sort(-rows, axis=0), dtype=np.float32)


def _mixed(tops: Floats) -> Floats:
    """Six tenths of the best and four tenths of the mean of the best three, by label."""
    three = tops[:_BEST]
    known = np.isfinite(three)
    total = np.where(known, three, 0.0).sum(axis=0)
    mean = total / np.maximum(known.sum(axis=0), 1)
    first = np.where(known[0], three[0], 0.0)
    mixed = _BEST_SHARE * first + (1 - _BEST_SHARE) * mean
    return np.asarray(np.where(known[0], mixed, -np.inf), dtype=np.float32)


def _mean(rows: Rows) -> Floats:
    """The mean of the vectors, a block at a time for the sake of memory."""
    total = np.zeros(DIMENSIONS, dtype=np.float64)
    for start in range(0, len(rows), _BLOCK):
        total += unpacked(rows[start : start + _BLOCK]).sum(axis=0, dtype=np.float64)
    return np.asarray(total / max(len(rows), 1), dtype=np.float32)


class _Grouped:
    """Vectors of several labels, and the best similarities to those of each label."""

    def __init__(self, rows: Rows, owners: NDArray[np.int64], size: int) -> None:
        order = np.argsort(owners, kind="stable")
        self._rows = rows[order]
        squares = np.einsum("ij,ij->i", self._rows, self._rows, dtype=np.int32)
        self._lengths = np.maximum(np.sqrt(squares), 1e-9).astype(np.float32)
        self._size = size
        counts = np.bincount(owners, minlength=size)
        self._known = np.flatnonzero(counts)
        self._counts = counts[self._known]
        self._starts = np.cumsum(self._counts) - self._counts
        self._groups = np.repeat(np.arange(self._known.size), self._counts)

    def tops(self, vector: Vectors, number: int) -> Floats:
        """The best, the second best … similarity of each label; minus infinity for no more."""
        tops = np.full((number, self._size), -np.inf, dtype=np.float32)
        if self._known.size:
            similarities = self._similarities(vector)
            for row in range(number):
                best = np.maximum.reduceat(similarities, self._starts)
                tops[row, self._known] = best
                if row + 1 < number:
                    similarities[similarities == best[self._groups]] = -np.inf
        return tops

    def _similarities(self, vector: Vectors) -> Floats:
        """The product with every row, a block at a time: a quarter of the memory, and faster."""
        found = np.empty(len(self._rows), dtype=np.float32)
        for start in range(0, found.size, _BLOCK):
            block = self._rows[start : start + _BLOCK].astype(np.float32)
            np.dot(block, vector, out=found[start : start + _BLOCK])
        return np.asarray(found / self._lengths, dtype=np.float32)


class _Lexical:
    """BM25 over character pieces, one index a language, and romanised ones for other scripts."""

    def __init__(self, listed: Sequence[Entry], places: dict[str, int]) -> None:
        self._size = len(places)
        self._places = places
        self._listed: dict[str, list[Entry]] = {}
        for entry in listed:
            self._listed.setdefault(entry.language, []).append(entry)
        self._indexes: dict[tuple[str, bool], GramIndex] = {}
        self._building = Lock()

    def index(self, language: str, *, romanised: bool = False) -> GramIndex | None:
        """A language's index, built when it is first asked for: a quarter of a second each.

        Nobody waits for twenty of them at the start; ``warm_up`` builds them in the meantime.
        """
        if language not in self._listed or (romanised and language not in ROMANISED):
            return None
        found = self._indexes.get((language, romanised))
        if found is None:
            with self._building:
                found = self._indexes.get((language, romanised))
                if found is None:
                    pieces_of = _RomanisedPieces(language) if romanised else message_grams
                    found = _index(self._listed[language], self._places, pieces_of)
                    self._indexes[language, romanised] = found
        return found

    def warm_up(self, stopped: Callable[[], bool]) -> None:
        """Build every index that is not there yet."""
        for language, spelled in product(self._listed, (False, True)):
            if stopped():
                return
            self.index(language, romanised=spelled)

    def scores(self, message: Message, pieces: Grams) -> tuple[Floats, Floats]:
        nothing = np.zeros(self._size, dtype=np.float32)
        german = self.index(GERMAN) if message.language != GERMAN else None
        office = german.scores(pieces) if german else nothing
        if message.romanised:
            romanised = self.index(message.language, romanised=True)
            if romanised is not None:
                pieces = _RomanisedPieces(message.language)([message.text]).hashes
                return romanised.scores(pieces), office
        own = self.index(message.language)
        return (own.scores(pieces) if own is not None else nothing), office


@dataclass(frozen=True, slots=True)
class _RomanisedPieces:
    """The pieces of texts in rough Latin spelling; of the consonants too where vowels go unsaid."""

    language: str

    def __call__(self, texts: Sequence[str]) -> Pieces:
        parts = [grams([romanised(text, self.language) for text in texts])]
        if self.language in SKELETONS:
            bare = [skeleton(text, self.language).replace(" ", " =") for text in texts]
            parts.append(grams([f"={text}" for text in bare], 2))
        return joined(parts)


def _index(
    listed: Sequence[Entry],
    places: dict[str, int],
    pieces_of: Callable[[Sequence[str]], Pieces],
) -> GramIndex:
    """An index in which all texts of a label are one document."""
    owners = np.array([places[entry.column] for entry in listed], dtype=np.int32)
    return GramIndex(pieces_of([entry.text for entry in listed]).regrouped(owners, len(places)))
