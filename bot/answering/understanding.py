"""A message → what it wants: the one door to everything in `bot.answering`.

Danger comes first, then wishes (a doctor, an interpreter, a report, an event, small talk), then
the topics. While the encoder is down everything works on, by spelling alone.
"""

import asyncio
import contextlib
import ctypes
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Literal

import numpy as np
import regex
from numpy.typing import NDArray

from bot.answering import emergency
from bot.answering.cleaning import clean
from bot.answering.danger import Nearest, danger_odds
from bot.answering.decision import (
    DOCTOR,
    EVENT,
    INTERPRETER,
    REPORT,
    SMALLTALK,
    TOPIC_OF_WISH,
    Decider,
    Ranking,
    read_decider,
)
from bot.answering.encoder import Encoder, Vectors
from bot.answering.entries import ANY_DANGER, DANGER, Entry, entries
from bot.answering.languages import warm_up
from bot.answering.reading import Read, Reader
from bot.answering.signals import Evidence, Match, Message, Signals
from bot.answering.slots import Slots, slots, wants_directory
from bot.answering.smalltalk import smalltalk
from bot.answering.vectors import Rows, rows_of
from bot.answering.weights import Weights, fingerprint_of
from bot.knowledge import KNOWLEDGE, Knowledge

Kind = Literal[
    "answer",
    "directory",
    "emergency",
    "report",
    "interpreter",
    "event",
    "smalltalk",
    "none",
]

_log = logging.getLogger(__name__)

# For each message its vector and those of its pieces.
_Encoded = list[tuple[Vectors, Vectors]]

MOST_HITS = 5
MOST_BESIDES = 2

_BATCH = 16
_READ_FOR_DANGER = 3000
_NUMBERS = regex.compile(r"[\p{N}\p{P}\p{Z}+]*")
_TALK = 0.4
_WORTH_A_BUTTON = 0.1
_KIND_OF_WISH: dict[str, Kind] = {
    DOCTOR: "directory",
    INTERPRETER: "interpreter",
    REPORT: "report",
    EVENT: "event",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A topic that may answer, and how likely it does, from 0 to 1."""

    topic_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message wants.

    `sure`: one answer may be given; else choices. `language`: to answer in. `hits`: topics, best
    first. `dangers`: kinds of danger; `besides`: topics that such a message may be about if nobody
    is in danger, for an alarm may be false. `smalltalk`: which small talk it is.
    """

    kind: Kind
    sure: bool
    language: str
    hits: tuple[Hit, ...] = ()
    slots: Slots = field(default_factory=Slots)
    dangers: tuple[str, ...] = ()
    besides: tuple[Hit, ...] = ()
    smalltalk: str | None = None


class Answerer:
    """Understands messages. Build it once; it changes nothing and keeps no message."""

    def __init__(
        self,
        listed: Sequence[Entry],
        rows: Rows,
        there: NDArray[np.bool_],
        weights: Weights,
        decider: Decider,
        encoder: Encoder | None,
    ) -> None:
        self._signals = Signals(
            weights.labels, listed, rows, there, weights.vector_probe, weights.gram_probes
        )
        self._reader = Reader(listed)
        self._danger_probe = weights.danger_probe
        self._dangers = Nearest(listed, rows, there, ANY_DANGER)
        self._smalltalk = Nearest(listed, rows, there, SMALLTALK)
        self._decider = decider
        self._encoder = encoder

    @classmethod
    def build(
        cls, knowledge: Knowledge, encoder: Encoder | None, folder: Path = KNOWLEDGE
    ) -> "Answerer":
        """An answerer over the knowledge, with the vectors and weights of `folder`.

        The encoder need not have been started yet. Raises WeightsError when weights cannot be
        read.
        """
        listed = entries(knowledge, emergency.examples())
        weights = Weights.read(folder)
        if weights.fingerprint != fingerprint_of(listed):
            _log.warning("The search weights are older than the knowledge: run make vectors")
        rows, there = rows_of(listed, folder)
        built = cls(listed, rows, there, weights, read_decider(folder), encoder)
        del listed, rows, there, weights
        _give_memory_back()
        return built

    def warm_up(self, stopped: Callable[[], bool] = lambda: False) -> None:
        """Build what the first message of each language would wait for; run it in a thread.

        A thread cannot be ended from outside: `stopped` is asked between two indexes.
        """
        warm_up()
        self._reader.warm_up()
        self._signals.warm_up(stopped)
        _give_memory_back()

    async def understand(
        self, text: str, *, language: str | None = None, municipality: str | None = None
    ) -> Understanding:
        """What one message wants. `language`: the one its writer chose. Never raises on any text.

        `municipality`: where the writer lives. It changes what is shown and not what was meant, so
        it plays no part here.
        """
        (understood,) = await self.understand_many(
            [text], languages=[language], municipalities=[municipality]
        )
        return understood

    async def understand_many(
        self,
        texts: Sequence[str],
        *,
        languages: Sequence[str | None] | None = None,
        municipalities: Sequence[str | None] | None = None,
    ) -> list[Understanding]:
        """The same for many messages, in their order; the encoder reads them in batches."""
        del municipalities
        chosen = list(languages) if languages is not None else list(repeat(None, len(texts)))
        read = [self._reader.read(text, one) for text, one in zip(texts, chosen, strict=True)]
        understood: list[Understanding] = []
        coming = self._encode(read[:_BATCH])
        for start in range(0, len(texts), _BATCH):
            end = start + _BATCH
            vectors = await coming
            # The encoder's own process reads the next messages while these are understood.
            coming = self._encode(read[end : end + _BATCH])
            await asyncio.sleep(0)
            for place, (text, each) in enumerate(
                zip(texts[start:end], read[start:end], strict=True)
            ):
                vector, pieces = vectors[place] if vectors is not None else (None, None)
                understood.append(self._understood(text, each, vector, pieces))
        await coming
        return understood

    def _encode(self, read: Sequence[Read]) -> "asyncio.Task[_Encoded | None]":
        return asyncio.create_task(self._vectors(read))

    async def _vectors(self, read: Sequence[Read]) -> "_Encoded | None":
        if self._encoder is None:
            return None
        vectors = await self._encoder.queries(
            [text for each in read for text in (each.text, *each.pieces)]
        )
        if vectors is None:
            return None
        encoded, start = [], 0
        for each in read:
            end = start + 1 + len(each.pieces)
            encoded.append((vectors[start], vectors[start + 1 : end]))
            start = end
        return encoded

    def _understood(
        self, text: str, read: Read, vector: Vectors | None, pieces: Vectors | None
    ) -> Understanding:
        evidence, ranking = self._ranked(read.text, read, vector)
        dangers = self._dangers_in(text, read, (vector, pieces), evidence, ranking)
        if dangers:
            hits = _emergency_hits(dangers)
            shown = {hit.topic_id for hit in hits}
            besides = tuple(
                Hit(topic, round(chance, 6))
                for topic, chance in ranking.topics[:MOST_BESIDES]
                if chance >= _WORTH_A_BUTTON and topic not in shown
            )
            return Understanding(
                "emergency", True, read.language, hits, dangers=dangers, besides=besides
            )
        talk = smalltalk(read.cleaned, read.searched)
        if talk is not None:
            return Understanding("smalltalk", True, read.language, smalltalk=talk)
        if not read.cleaned:
            return Understanding("none", False, read.language)
        return self._decided(read, vector, evidence, ranking)

    def _ranked(self, text: str, read: Read, vector: Vectors | None) -> tuple[Evidence, Ranking]:
        evidence = self._signals.of(Message(text, read.searched, read.romanised, vector))
        return evidence, self._decider.rank(evidence, self._signals.labels)

    def _dangers_in(
        self,
        text: str,
        read: Read,
        vectors: tuple[Vectors | None, Vectors | None],
        evidence: Evidence,
        ranking: Ranking,
    ) -> tuple[str, ...]:
        text = clean(text, _READ_FOR_DANGER)
        spelled = emergency.dangers(text)
        vector, pieces = vectors
        if vector is None or pieces is None or _NUMBERS.fullmatch(text):
            # The meaning of a receipt's nineteen digits is chance; "112" is known as it is spelled.
            return spelled
        odds = danger_odds(self._danger_probe, vector, ranking.danger)
        known, alarm = evidence.match is Match.OWN, self._decider.alarm
        if len(pieces):
            told = self._dangers_in_story(spelled, read, pieces)
            # Of a very long story the middle stands in no piece: there words count as they stand.
            whole = _letters("".join(read.pieces)) == _letters(text)
            spelled = told if whole else emergency.gravest_first((*told, *spelled))
        elif spelled and alarm.doubts(odds, known):
            return ()
        if spelled:
            return spelled
        return self._danger_like(vector) if alarm.believes(odds, known) else ()

    def _dangers_in_story(
        self, spelled: tuple[str, ...], read: Read, pieces: Vectors
    ) -> tuple[str, ...]:
        """Danger in one piece of many, which the vector of the whole does not show.

        What is only told of does not count. `spelled`: the dangers in the words of the whole.
        """
        alarm = self._decider.alarm
        found: list[str] = []
        across, believed = set(spelled), False
        for text, vector in zip(read.pieces, pieces, strict=True):
            evidence, ranking = self._ranked(text, read, vector)
            odds = danger_odds(self._danger_probe, vector, ranking.danger)
            known = evidence.match is Match.OWN
            here = emergency.dangers(text)
            across.difference_update(here)
            if not alarm.doubts_told(odds, known):
                believed = True
                found += here
            if known and odds >= alarm.piece_from:
                found += self._danger_like(vector)
        if believed:
            # Words that stand in two pieces.
            found += [kind for kind in spelled if kind in across]
        return emergency.gravest_first(found)

    def _danger_like(self, vector: Vectors) -> tuple[str, ...]:
        """The kind of the known cry for help that comes nearest."""
        nearest = self._dangers.label(vector)
        return (nearest.removeprefix(DANGER),) if nearest else ()

    def _decided(
        self, read: Read, vector: Vectors | None, evidence: Evidence, ranking: Ranking
    ) -> Understanding:
        named = slots(read.cleaned, read.searched)
        wanted = self._decider.wanted(ranking)
        hits = tuple(Hit(topic, round(chance, 6)) for topic, chance in ranking.topics[:MOST_HITS])
        sure = self._decider.is_right(ranking, evidence) >= self._decider.sure_from
        if _looks_for_a_doctor(read, named, ranking, wanted):
            sure = sure or named.specialty is not None
            return Understanding("directory", sure, read.language, _led_by(hits, DOCTOR), named)
        if not self._decider.is_served(ranking, evidence):
            if ranking.smalltalk > max(ranking.off, _TALK):
                talk = self._talk_of(vector)
                return Understanding("smalltalk", True, read.language, smalltalk=talk)
            return Understanding("none", False, read.language)
        kind = _KIND_OF_WISH.get(wanted or "", "answer")
        return Understanding(kind, sure, read.language, hits, named)

    def _talk_of(self, vector: Vectors | None) -> str:
        """Which small talk comes nearest; a greeting if nobody can tell."""
        nearest = self._smalltalk.label(vector) if vector is not None else None
        return nearest.rpartition("_")[2] if nearest else "hello"


def _letters(text: str) -> int:
    """How many letters and digits; spaces and dashes between pieces do not count."""
    return sum(map(str.isalnum, text))


def _give_memory_back() -> None:
    """Return what building has freed to the system: about 100 MB that glibc would keep."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _looks_for_a_doctor(read: Read, named: Slots, ranking: Ranking, wanted: str | None) -> bool:
    """Whether somebody looks for a practice, rather than asking how doctors work here."""
    chance = dict(ranking.topics).get(TOPIC_OF_WISH[DOCTOR], 0.0)
    if wanted == DOCTOR and chance > 0.5:
        return True
    return wants_directory(read.cleaned, read.searched, named) and chance > 0.02


def _led_by(hits: tuple[Hit, ...], wish: str) -> tuple[Hit, ...]:
    """The hits with the topic of a wish in front."""
    topic = TOPIC_OF_WISH[wish]
    first = next((hit for hit in hits if hit.topic_id == topic), Hit(topic, hits[0].score))
    return (first, *(hit for hit in hits if hit.topic_id != topic))[:MOST_HITS]


def _emergency_hits(dangers: Sequence[str]) -> tuple[Hit, ...]:
    """The topics of the dangers, each once, the gravest first."""
    topics = dict.fromkeys(topic for name in dangers for topic in emergency.kind(name).topics)
    return tuple(Hit(topic, 1.0) for topic in list(topics)[:MOST_HITS])
