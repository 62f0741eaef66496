"""Fits the decider: weights of the signals and calibrated judges, on messages not learnt from.

Two kinds of messages serve. Example messages of the articles, each read by probes and indexes made
without it (in five parts); and questions written by other people than the articles, which are
nearer to what residents write and therefore count more. Questions of the split "hold" are never
used here. Run by ``python -m bot.answering.learning --calibrate``; the result is a small JSON file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression

from bot.answering import emergency
from bot.answering.danger import danger_odds
from bot.answering.decision import (
    DOCTOR,
    EVENT,
    INTERPRETER,
    OFF,
    REPORT,
    SMALLTALK,
    SUMMARY,
    TOPIC_OF_WISH,
    Alarm,
    Decider,
    Judge,
    Ranking,
)
from bot.answering.encoder import Encoder, Vectors
from bot.answering.entries import ANY_DANGER, Entry, Source, entries
from bot.answering.fitting import fit_gram_probes, fit_vector_probe
from bot.answering.probe import Floats
from bot.answering.questions import Question
from bot.answering.reading import Reader
from bot.answering.signals import Evidence, Match, Message, Signal, Signals
from bot.answering.vectors import EncoderDown, key, packed, vectors_of
from bot.answering.weights import Weights
from bot.knowledge import KNOWLEDGE, Knowledge

SURE = 0.65
"""An answer is given alone from this probability of being right.

Measured on questions never learnt from: 86 of 100 are then answered alone and rightly, 3 wrongly.
"""

SERVED_FROM = 0.92
"""Something is offered from this probability of being any business of ours.

On the questions that the weights are chosen with, 2.0 % of the good ones are then refused and
94.1 % of the others; on the floor's questions 0.93 would refuse one more good one and no other.
"""

SERVED_ELSEWHERE = 0.85
"""The same in languages without articles: what helps there is a title to choose."""

FALSE_ALARMS = 0.0125
"""About this share of other messages may raise the alarm by their meaning alone."""

FALSE_ALARMS_ELSEWHERE = 0.03
"""The same in languages without articles, where a cry is harder to see: it may cost more.

Measured on 405 cries and 1,151 other short messages in them: with 1.25 % 35 cries are missed.
"""

DROPPED_BELOW = -10.0
"""Words of danger do not count below these odds.

The least danger-like of 110 cries for help that were not learnt from had -7.8 and the next -6.1;
half of the false alarms had less than -10.
"""

PIECE_FROM = 4.5
"""One piece of a story is danger by its meaning alone from these odds.

Measured on 47 stories with a cry for help and 323 others, a third of which tell of danger of long
ago: 45 cries are seen and 48 others taken for one; from 3 on it would be 45 and 61, from 5 on 44
and 44.
"""

TOLD_FROM = -2.0
"""Words of danger in a piece of a story count from these odds.

On the same stories no cry is lost by this and 33 of 92 false alarms are; from -1 on cries would be.
In languages without articles, where meaning is less exact, `DROPPED_BELOW` holds.
"""

_NEVER = 30.0
_SILENT = Alarm(_NEVER, _NEVER, _NEVER, -_NEVER, -_NEVER)
_FARTHEST_LEAD = 3.0
_EVERY = 3
_FOLDS = 3
_ASKED = frozenset({Source.QUESTION, Source.PHRASING, Source.WISH, Source.DANGER})
_OWN_WEIGHT = 0.05
_WISHES_OF_KIND = {
    "off": frozenset({OFF}),
    "smalltalk": frozenset({SMALLTALK}),
    "directory": frozenset({DOCTOR}),
    "event": frozenset({EVENT}),
    "interpreter": frozenset({INTERPRETER}),
    "report": frozenset({REPORT}),
}
_RIDGE = 0.02
_LEAST = 60
_WISHES = (ANY_DANGER, DOCTOR, EVENT, INTERPRETER, OFF, REPORT, SMALLTALK)


@dataclass(frozen=True, slots=True)
class Example:
    """A message that the probes had not seen: its evidence and the labels any of which is right.

    `weight`: how much it counts.
    """

    evidence: Evidence
    gold: frozenset[str]
    weight: float = 1.0

    @property
    def served(self) -> bool:
        """Whether it is about something we have."""
        return not self.gold & {OFF, SMALLTALK}

    @property
    def grave(self) -> bool:
        """Whether it is danger, which is decided before anything is judged."""
        return ANY_DANGER in self.gold


def fit_decider(
    examples: Sequence[Example], labels: tuple[str, ...], sure_from: float = SURE
) -> Decider:
    """The decider that suits the examples; their evidences stand in the order of `labels`."""
    weights: dict[tuple[Match, bool], Floats] = {}
    biases: dict[str, float] = {}
    for vectors in (True, False):
        prior = _default(vectors)
        for match in Match:
            chosen = [e for e in examples if e.evidence.match is match]
            if len(chosen) < _LEAST:
                weights[match, vectors] = prior
                continue
            found, found_biases = _fit_weights(chosen, labels, prior, vectors)
            weights[match, vectors] = found
            if match is Match.OWN and vectors:
                biases = found_biases
    draft = Decider(weights, biases, {}, {}, sure_from, 0.5, 0.5, {}, _SILENT)
    examples = [example for example in examples if not example.grave]
    right: dict[bool, Judge] = {}
    served: dict[bool, Judge] = {}
    for vectors in (True, False):
        seen = [_blinded(e, vectors) for e in examples]
        rankings = [draft.rank(e.evidence, labels) for e in seen]
        summaries = np.stack([ranking.summary for ranking in rankings])
        counts = np.array([e.weight for e in seen])
        good = np.array([e.served for e in seen])
        hits = np.array([_hit(r, e) for r, e in zip(rankings, seen, strict=True)])
        served[vectors] = _fit_judge(summaries, good, counts)
        right[vectors] = _fit_judge(summaries[good], hits[good], counts[good])
    return replace(
        draft,
        right=right,
        served=served,
        served_from=SERVED_FROM,
        served_elsewhere=SERVED_ELSEWHERE,
        wishes={wish: _lead(examples, draft, labels, wish) for wish in TOPIC_OF_WISH},
    )


def _lead(examples: Sequence[Example], draft: Decider, labels: tuple[str, ...], wish: str) -> float:
    """From which lead over its topic a wish is likelier meant."""
    chosen = [e for e in examples if e.gold & {wish, TOPIC_OF_WISH[wish]}]
    leads, answers, counts = [], [], []
    for example in chosen:
        found = draft.rank(example.evidence, labels).wish
        if found is not None and found[0] == wish:
            leads.append([found[1]])
            answers.append(wish in example.gold)
            counts.append(example.weight)
    if len(set(answers)) < 2:
        return 0.0
    model = LogisticRegression(C=10.0).fit(leads, answers, sample_weight=counts)
    slope, bias = float(model.coef_[0][0]), float(model.intercept_[0])
    return float(np.clip(-bias / slope, -_FARTHEST_LEAD, _FARTHEST_LEAD)) if slope > 0 else 0.0


def _hit(ranking: Ranking, example: Example) -> bool:
    wanted = {TOPIC_OF_WISH.get(label, label) for label in example.gold}
    return ranking.topics[0][0] in wanted


def _default(vectors: bool) -> Floats:
    """Weights to begin with and to stay near: measured on the German and English questions."""
    weights = np.zeros(len(Signal), dtype=np.float32)
    weights[Signal.GRAM_PROBE] = 0.3
    weights[Signal.LEXICAL] = 0.6
    weights[Signal.LEXICAL_GERMAN] = 0.2
    if vectors:
        weights[Signal.VECTOR_PROBE] = 0.8
        weights[Signal.NEAREST] = 0.6
        weights[Signal.PASSAGE] = 0.15
    return weights


def _fit_weights(
    examples: Sequence[Example], labels: tuple[str, ...], prior: Floats, vectors: bool
) -> tuple[Floats, dict[str, float]]:
    """Conditional logistic regression: the weights under which the right labels are likeliest."""
    table = np.stack([_blinded(e, vectors).evidence.signals for e in examples]).astype(np.float64)
    gold = np.array([[label in e.gold for label in labels] for e in examples])
    counts = np.array([e.weight for e in examples])
    counts = counts / counts.sum()
    wishes = [label for label in _WISHES if label in labels]
    size = table.shape[2]
    indicators = np.array(
        [[label == wish for wish in wishes] for label in labels], dtype=np.float64
    )
    start = np.concatenate([prior.astype(np.float64), np.zeros(len(wishes))])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = table @ weights[:size] + indicators @ weights[size:]
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        of_gold = np.maximum((chances * gold).sum(axis=1), 1e-12)
        pull = (chances * gold / of_gold[:, None] - chances) * counts[:, None]
        away = weights - start
        slope = np.concatenate([np.einsum("nl,nlf->f", pull, table), pull.sum(axis=0) @ indicators])
        cost = -(np.log(of_gold) * counts).sum() + _RIDGE * (away @ away)
        return float(cost), -slope + 2 * _RIDGE * away

    found = minimize(loss, start, jac=True, method="L-BFGS-B").x
    biases = dict(zip(wishes, (float(bias) for bias in found[size:]), strict=True))
    return np.asarray(found[:size], dtype=np.float32), biases


def _blinded(example: Example, vectors: bool) -> Example:
    """The example as it looks while the encoder is down, or as it is."""
    if vectors:
        return example
    evidence = example.evidence
    signals = evidence.signals.copy()
    signals[:, [Signal.VECTOR_PROBE, Signal.NEAREST, Signal.PASSAGE]] = 0.0
    blind = Evidence(signals, evidence.match, False, 0.0, evidence.overlap, evidence.words)
    return Example(blind, example.gold, example.weight)


def _fit_judge(summaries: Floats, answers: NDArray[np.bool_], counts: NDArray[np.float64]) -> Judge:
    if answers.all() or not answers.any():
        return Judge(np.zeros(len(SUMMARY), dtype=np.float32), 30.0 if answers.all() else -30.0)
    centre, spread = summaries.mean(axis=0), summaries.std(axis=0) + 1e-6
    model = LogisticRegression(C=1.0, max_iter=1000)
    model.fit((summaries - centre) / spread, answers, sample_weight=counts)
    weights = model.coef_[0] / spread
    return Judge(
        np.asarray(weights, dtype=np.float32), float(model.intercept_[0] - weights @ centre)
    )


async def calibrate(
    knowledge: Knowledge,
    encoder: Encoder,
    questions: Sequence[Question],
    folder: Path = KNOWLEDGE,
) -> Decider:
    """The decider for the knowledge, fitted on it and on questions (none of the split "hold").

    Vectors and weights must be there. The encoder must have been started; raises EncoderDown when
    it does not answer.
    """
    listed = entries(knowledge, emergency.examples())
    vectors, there = vectors_of(listed, folder)
    weights = Weights.read(folder)
    reader = Reader(listed)
    read = [reader.read(question.text, question.language) for question in questions]
    asked = await encoder.queries([each.text for each in read])
    if asked is None:
        raise EncoderDown
    signals = Signals(
        weights.labels,
        listed,
        packed(vectors),
        there,
        weights.vector_probe,
        weights.gram_probes,
    )
    messages = [
        Message(each.text, each.searched, each.romanised, vector)
        for each, vector in zip(read, asked, strict=True)
    ]
    evidences = [signals.of(message) for message in messages]
    examples = question_examples(questions, evidences, weights.labels)
    examples += unseen_examples(listed, vectors, there, weights.labels)
    decider = fit_decider(examples, weights.labels)
    odds = [
        danger_odds(weights.danger_probe, vector, decider.rank(evidence, weights.labels).danger)
        for vector, evidence in zip(asked, evidences, strict=True)
    ]
    return replace(decider, alarm=fit_alarm(questions, evidences, odds))


def fit_alarm(
    questions: Sequence[Question], evidences: Sequence[Evidence], odds: Sequence[float]
) -> Alarm:
    """When danger is believed by its meaning: so that few other messages are taken for it."""
    values = np.array(odds)
    grave = np.array([question.kind == "emergency" for question in questions])
    own = np.array([evidence.match is Match.OWN for evidence in evidences])

    def few(calm: NDArray[np.float64], share: float) -> float:
        return float(np.quantile(calm, 1 - share)) if calm.size else _NEVER

    alone = few(values[~grave & own], FALSE_ALARMS)
    elsewhere = few(values[~grave & ~own], FALSE_ALARMS_ELSEWHERE)
    return Alarm(alone, elsewhere, PIECE_FROM, DROPPED_BELOW, TOLD_FROM)


def folds(listed: Sequence[Entry], number: int = _FOLDS) -> list[list[int]]:
    """The places of the example messages in `number` parts, the same in every run."""
    parts: list[list[int]] = [[] for _ in range(number)]
    for place, entry in enumerate(listed):
        if entry.source in _ASKED and entry.column:
            parts[key(entry.text, passage=False) % number].append(place)
    return parts


def unseen_examples(
    listed: Sequence[Entry], vectors: Vectors, there: NDArray[np.bool_], labels: tuple[str, ...]
) -> list[Example]:
    """A third of the example messages, read by probes and indexes that were made without them."""
    examples = []
    for part in folds(listed):
        left_out = set(part)
        rest = [place for place in range(len(listed)) if place not in left_out]
        known = [listed[place] for place in rest]
        signals = Signals(
            labels,
            known,
            packed(vectors[rest]),
            there[rest],
            fit_vector_probe(known, vectors[rest], there[rest], labels),
            fit_gram_probes(known, labels),
        )
        for place in part[::_EVERY]:
            entry = listed[place]
            vector = vectors[place] if there[place] else None
            message = Message(entry.text, entry.language, vector=vector)
            examples.append(Example(signals.of(message), frozenset({entry.column}), _OWN_WEIGHT))
    return examples


def question_examples(
    questions: Sequence[Question], evidences: Sequence[Evidence], labels: tuple[str, ...]
) -> list[Example]:
    """Questions of other people as examples; their evidences stand in the same order."""
    examples = []
    for question, evidence in zip(questions, evidences, strict=True):
        gold = frozenset(question.gold) | _WISHES_OF_KIND.get(question.kind, frozenset())
        if question.kind == "emergency":
            gold = frozenset({ANY_DANGER})
        if gold & set(labels):
            examples.append(Example(evidence, gold))
    return examples
