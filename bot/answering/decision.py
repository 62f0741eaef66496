"""From signals to a decision: which topics, how sure, or nothing at all.

A ranker weighs the signals of each label into probabilities, with weights of its own for each way
in which the language of a message meets the languages of the texts. Two calibrated judges then
say how likely it is that the best one is right, and that the message is about anything we have.
All weights are fitted on messages the probes had not seen (`bot.answering.calibrating`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answering.entries import ANY_DANGER
from bot.answering.probe import Floats, log_softmax
from bot.answering.signals import Evidence, Match, Signal

OFF = "@off"
SMALLTALK = "@smalltalk"
DOCTOR = "@doctor"
INTERPRETER = "@interpreter"
REPORT = "@report"
EVENT = "@event"

TOPIC_OF_WISH = {
    DOCTOR: "doctor-search",
    INTERPRETER: "interpreter-pool",
    REPORT: "racism-help",
    EVENT: "events",
}
"""The article that a wish leads to. Wish and article share one place in the ranking."""

_NO_TOPICS = frozenset({OFF, SMALLTALK, ANY_DANGER})

SUMMARY = (
    "top",
    "margin",
    "third",
    "off",
    "likeness",
    "overlap",
    "words",
    "agreement",
    "probe",
    "gram_probe",
    "own_language",
)
"""What the judges look at. ``top``: log odds of the best topic; ``margin``: to the second;
``third``: log odds of the best three together; ``off``: log odds of being about nothing we have;
``agreement``: share of the readings with the same favourite; ``probe``, ``gram_probe``: log
probability of the best topic; ``own_language``: whether there are texts in the language."""

_AGREEING = (
    Signal.VECTOR_PROBE,
    Signal.GRAM_PROBE,
    Signal.NEAREST,
    Signal.PASSAGE,
    Signal.LEXICAL,
)


@dataclass(frozen=True, slots=True)
class Judge:
    """A calibrated yes or no: logistic regression over the summary of an evidence."""

    weights: Floats
    bias: float

    def probability(self, summary: Floats) -> float:
        """How likely yes is."""
        return float(1 / (1 + np.exp(-np.clip(summary @ self.weights + self.bias, -30, 30))))


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a message may mean, best first: topics and wishes with log probabilities.

    `topics`: topics by their probability, each with that of the wish that leads to it. `wish`: the
    wish that leads to the best topic if there is one, and by how much (a difference of logarithms)
    it is likelier than a question about the topic itself. `off`, `smalltalk`, `danger`:
    probabilities. `summary`: what the judges look at.
    """

    topics: tuple[tuple[str, float], ...]
    wish: tuple[str, float] | None
    off: float
    smalltalk: float
    danger: float
    summary: Floats


@dataclass(frozen=True, slots=True)
class Alarm:
    """When danger is believed, by how much a message's meaning is danger (`danger_odds`).

    From `alone_from` it is danger without any word of danger; in languages without texts, where
    meaning is less exact, from `alone_from_elsewhere`; of one piece of a story from `piece_from`.
    Below `dropped_below` words of danger do not count ("the rent eats me up"): in a short message
    only in languages with texts. In a story they count where the piece in which they stand has
    `told_from`: a war, a death, a fire may be told of years later.
    """

    alone_from: float
    alone_from_elsewhere: float
    piece_from: float
    dropped_below: float
    told_from: float

    def believes(self, odds: float, known: bool) -> bool:
        """Whether it is danger by its meaning alone; `known`: in a language with texts."""
        return odds >= (self.alone_from if known else self.alone_from_elsewhere)

    def doubts(self, odds: float, known: bool) -> bool:
        """Whether words of danger in a short message do not mean it."""
        return known and odds < self.dropped_below

    def doubts_told(self, odds: float, known: bool) -> bool:
        """The same for a piece of a story."""
        return odds < (self.told_from if known else self.dropped_below)


@dataclass(frozen=True, slots=True)
class Decider:
    """Ranks and judges. Probabilities are calibrated, thresholds are on them.

    ``sure_from``: probability of being right from which one answer is given. ``served_from``:
    probability of being about something we have, below which nothing is answered;
    ``served_elsewhere``: the same in languages without articles. Judges are kept with and without
    vectors. ``wishes``: by how much each wish must be likelier than a question
    about its topic.
    """

    weights: Mapping[tuple[Match, bool], Floats]
    biases: Mapping[str, float]
    right: Mapping[bool, Judge]
    served: Mapping[bool, Judge]
    sure_from: float
    served_from: float
    served_elsewhere: float
    wishes: Mapping[str, float]
    alarm: Alarm

    def rank(self, evidence: Evidence, labels: tuple[str, ...]) -> Ranking:
        """The ranking of the labels, whose signals stand in the evidence in the same order."""
        weights = self.weights[evidence.match, evidence.vectors]
        biases = np.array([self.biases.get(label, 0.0) for label in labels], dtype=np.float32)
        return ranked(evidence, log_softmax(evidence.signals @ weights + biases), labels)

    def is_right(self, ranking: Ranking, evidence: Evidence) -> float:
        """How likely the best topic is the right one."""
        return self.right[evidence.vectors].probability(ranking.summary)

    def is_served(self, ranking: Ranking, evidence: Evidence) -> bool:
        """Whether the message is likely enough about something we have."""
        elsewhere = evidence.match is Match.OTHER
        least = self.served_elsewhere if elsewhere else self.served_from
        return self.served[evidence.vectors].probability(ranking.summary) >= least

    def wanted(self, ranking: Ranking) -> str | None:
        """The wish that the best topic is wanted for; None for a question about it."""
        if ranking.wish is None:
            return None
        wish, lead = ranking.wish
        return wish if lead >= self.wishes.get(wish, 0.0) else None

    def as_json(self) -> dict[str, Any]:
        """What is stored, readable for people."""
        return {
            "weights": {
                f"{match.name.lower()}{'' if vectors else ' without vectors'}": _named(
                    [signal.name.lower() for signal in Signal], weights
                )
                for (match, vectors), weights in self.weights.items()
            },
            "biases": {label: round(bias, 4) for label, bias in sorted(self.biases.items())},
            "judges": {
                f"{name}{'' if vectors else ' without vectors'}": {
                    **_named(SUMMARY, judge.weights),
                    "bias": round(judge.bias, 4),
                }
                for name, judges in (("right", self.right), ("served", self.served))
                for vectors, judge in judges.items()
            },
            "sure_from": round(self.sure_from, 4),
            "served_from": round(self.served_from, 4),
            "served_elsewhere": round(self.served_elsewhere, 4),
            "wishes": {wish: round(lead, 4) for wish, lead in sorted(self.wishes.items())},
            "alarm": {name: round(value, 4) for name, value in asdict(self.alarm).items()},
        }

    def write(self, path: Path) -> None:
        """Write the weights as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.as_json(), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Decider":
        """The decider from its file. Raises OSError, ValueError or KeyError."""
        stored = json.loads(path.read_text(encoding="utf-8"))
        signals = [signal.name.lower() for signal in Signal]

        def judge(name: str) -> Judge:
            entry = stored["judges"][name]
            return Judge(_values(SUMMARY, entry), float(entry["bias"]))

        return cls(
            weights={
                (match, vectors): _values(
                    signals,
                    stored["weights"][
                        f"{match.name.lower()}{'' if vectors else ' without vectors'}"
                    ],
                )
                for match in Match
                for vectors in (True, False)
            },
            biases={label: float(bias) for label, bias in stored["biases"].items()},
            right={True: judge("right"), False: judge("right without vectors")},
            served={True: judge("served"), False: judge("served without vectors")},
            sure_from=float(stored["sure_from"]),
            served_from=float(stored["served_from"]),
            served_elsewhere=float(stored.get("served_elsewhere", stored["served_from"])),
            wishes={wish: float(lead) for wish, lead in stored["wishes"].items()},
            alarm=Alarm(**stored["alarm"]),
        )


def read_decider(folder: Path) -> Decider:
    """The decider of a knowledge folder. Raises OSError, ValueError or KeyError."""
    return Decider.read(decider_path(folder))


def decider_path(folder: Path) -> Path:
    """Where the decider of a knowledge folder is kept."""
    return folder / "weights" / "decision.json"


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}


def _values(names: Sequence[str], stored: Mapping[str, float]) -> Floats:
    return np.array([stored[name] for name in names], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Which labels share a place: a topic and the wish that leads to it."""

    names: tuple[str, ...]
    of_label: NDArray[np.int64]
    topics: NDArray[np.int64]


@lru_cache(maxsize=8)
def _groups(labels: tuple[str, ...]) -> _Groups:
    names = tuple(dict.fromkeys(TOPIC_OF_WISH.get(label, label) for label in labels))
    places = {name: place for place, name in enumerate(names)}
    return _Groups(
        names,
        np.array([places[TOPIC_OF_WISH.get(label, label)] for label in labels], dtype=np.int64),
        np.array([place for name, place in places.items() if name not in _NO_TOPICS]),
    )


def ranked(evidence: Evidence, logs: Floats, labels: tuple[str, ...]) -> Ranking:
    """The ranking from log probabilities of the labels, in their order."""
    groups = _groups(labels)
    together = np.full(len(groups.names), -np.inf, dtype=np.float64)
    np.logaddexp.at(together, groups.of_label, logs.astype(np.float64))
    order = groups.topics[np.argsort(-together[groups.topics], kind="stable")]
    best = int(order[0])
    off = _probability(together, groups.names, OFF)
    smalltalk = _probability(together, groups.names, SMALLTALK)
    topical = np.array([place for place, label in enumerate(labels) if label not in _NO_TOPICS])
    of_best = np.flatnonzero(groups.of_label == best)
    favourites = [
        int(groups.of_label[topical[np.argmax(evidence.signals[topical, column])]])
        for column in _AGREEING
    ]
    summary = np.array(
        [
            log_odds(float(np.exp(together[best]))),
            min(float(together[best] - together[order[1]]), 20.0) if len(order) > 1 else 0.0,
            log_odds(float(np.exp(together[order[:3]]).sum())),
            log_odds(off + smalltalk),
            evidence.likeness * 10,
            evidence.overlap * 4,
            float(np.log1p(evidence.words)),
            sum(place == best for place in favourites) / len(favourites),
            float(evidence.signals[of_best, Signal.VECTOR_PROBE].max()),
            float(evidence.signals[of_best, Signal.GRAM_PROBE].max()),
            float(evidence.match is Match.OWN),
        ],
        dtype=np.float32,
    )
    return Ranking(
        topics=tuple((groups.names[place], float(np.exp(together[place]))) for place in order),
        wish=_wish_of(logs, labels, np.flatnonzero(groups.of_label == best)),
        off=off,
        smalltalk=smalltalk,
        danger=_probability(together, groups.names, ANY_DANGER),
        summary=summary,
    )


def _wish_of(
    logs: Floats, labels: Sequence[str], places: NDArray[np.intp]
) -> tuple[str, float] | None:
    """The wish among the labels at these places, and its lead over the topic there."""
    wish = next((int(place) for place in places if labels[place] in TOPIC_OF_WISH), None)
    if wish is None:
        return None
    topic = next((int(place) for place in places if place != wish), None)
    return labels[wish], 0.0 if topic is None else float(logs[wish] - logs[topic])


def _probability(together: NDArray[np.float64], names: Sequence[str], name: str) -> float:
    return float(np.exp(together[names.index(name)])) if name in names else 0.0


def log_odds(probability: float) -> float:
    """The logarithm of the odds of a probability, kept within reach of it."""
    probability = min(max(probability, 1e-6), 1 - 1e-6)
    return float(np.log(probability / (1 - probability)))
