"""An index of any size, made of the real German articles.

There are no ten thousand real articles, so their sentences are put together anew by a seeded
choice: a made article has as many titles, questions, keywords and passages as a real one, each
mixed from two real ones of its kind. Its vectors are those of the two with a little noise;
encoding them would take hours. Each made article is a topic of its own, as hard as it can be.
Wishes and dangers do not grow with the articles and are the real ones.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import regex
from numpy.typing import NDArray

from bot.answering import emergency
from bot.answering.cleaning import folded
from bot.answering.encoder import DIMENSIONS, Vectors
from bot.answering.entries import DANGER, WISH, Entry, Source, entries
from bot.answering.learning import labels_of
from bot.answering.lexical import grams
from bot.answering.probe import GramProbe, VectorProbe
from bot.answering.signals import GERMAN
from bot.answering.vectors import vectors_of
from bot.answering.weights import Weights
from bot.knowledge import Knowledge
from tests.benchmarks.figures import BenchmarkError

_SEED = 20261124
_NOISE = 0.02  # standard deviation of each of the 384 coordinates: turns a vector by 20 degrees
_PART = 5_000  # rows at a time: noise comes in doubles, twice as large as what it is added to
_SENTENCE = regex.compile(r"(?<=[.!?:])\s+")


@dataclass(frozen=True)
class Made:
    """What the engine builds its index from: sentences, their vectors, and the probes."""

    listed: Sequence[Entry]
    vectors: Vectors
    there: NDArray[np.bool_]
    weights: Weights


def made(knowledge: Knowledge, size: int) -> Made:
    """An index over ``size`` articles, the same every time.

    Raises BenchmarkError when the articles have no vectors.
    """
    found = entries(knowledge, emergency.examples())
    stored, has_vector = vectors_of(found)
    stays = np.array([e.label.startswith((WISH, DANGER)) for e in found])
    german = np.array([e.language == GERMAN for e in found])
    rows = np.flatnonzero(german & ~stays & has_vector)
    if not rows.size:
        raise BenchmarkError("knowledge/vectors is empty: run `make vectors`")
    listed, parents = _mixed_entries([found[row] for row in rows], size)
    listed += [found[row] for row in np.flatnonzero(stays)]
    vectors = np.concatenate([_mixed_vectors(stored[rows], parents), stored[stays]])
    there = np.concatenate([np.ones(len(parents), dtype=bool), has_vector[stays]])
    labels = labels_of(listed)
    messages = [found[row].text for row in np.flatnonzero(german) if not found[row].is_passage]
    weights = replace(
        Weights.read(),
        labels=labels,
        vector_probe=_vector_probe(listed, vectors, labels),
        gram_probes={GERMAN: _gram_probe(messages, len(labels))},
    )
    return Made(listed, vectors, there, weights)


def _mixed_entries(real: Sequence[Entry], size: int) -> tuple[list[Entry], NDArray[np.int64]]:
    """The sentences of made articles, and the two rows of ``real`` that each is mixed from."""
    chance = random.Random(_SEED)
    models: dict[str, list[Source]] = {}
    rows: dict[Source, list[int]] = {}
    for row, entry in enumerate(real):
        models.setdefault(entry.label, []).append(entry.source)
        rows.setdefault(entry.source, []).append(row)
    names = sorted(models)
    listed, parents = [], []
    for number in range(size):
        model = names[number % len(names)]
        name = model if number < len(names) else f"{model}-{number}"
        for source in models[model]:
            one, other = chance.choice(rows[source]), chance.choice(rows[source])
            mixed = _mixed(real[one].text, real[other].text, source)
            listed.append(Entry(mixed, GERMAN, name, source))
            parents.append((one, other))
    return listed, np.array(parents, dtype=np.int64)


def _mixed(one: str, other: str, source: Source) -> str:
    """The first half of one text and the second half of the other, by sentences or words."""
    if source is Source.PASSAGE:
        first, second = _SENTENCE.split(one), _SENTENCE.split(other)
    else:
        first, second = one.split(), other.split()
    return " ".join([*first[: (len(first) + 1) // 2], *second[len(second) // 2 :]])


def _mixed_vectors(known: Vectors, parents: NDArray[np.int64]) -> Vectors:
    """Unit vectors half way between two known ones, turned a little by chance."""
    chance = np.random.default_rng(_SEED)
    vectors = np.empty((len(parents), DIMENSIONS), dtype=np.float32)
    for start in range(0, len(parents), _PART):
        part = parents[start : start + _PART]
        rows = known[part[:, 0]] + known[part[:, 1]]
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        rows += chance.normal(0, _NOISE, rows.shape)
        vectors[start : start + _PART] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return vectors


def _vector_probe(listed: Sequence[Entry], vectors: Vectors, labels: Sequence[str]) -> VectorProbe:
    """A probe as large as a fitted one: the mean vectors of the labels."""
    places = {label: place for place, label in enumerate(labels)}
    weights = np.zeros((len(labels), DIMENSIONS), dtype=np.float32)
    for row, entry in enumerate(listed):
        if entry.column in places and not entry.is_passage:
            weights[places[entry.column]] += vectors[row]
    weights /= np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-9)
    bias = np.zeros(len(labels), dtype=np.float32)
    return VectorProbe(np.ascontiguousarray(weights.T) * 20, bias)


def _gram_probe(texts: Sequence[str], labels: int) -> GramProbe:
    """A probe on German as large as a fitted one, with weights by chance."""
    pieces = grams([folded(text) for text in texts])
    keys = (pieces.hashes.astype(np.uint64) << np.uint64(32)) | pieces.owners.astype(np.uint64)
    hashes = (np.unique(keys) >> np.uint64(32)).astype(np.uint32)
    found, counts = np.unique(hashes, return_counts=True)
    vocabulary, counts = found[counts > 1], counts[counts > 1]
    rarity = np.log((1 + pieces.size) / (1 + counts)) + 1
    chance = np.random.default_rng(_SEED)
    weights = chance.integers(-127, 128, size=(len(vocabulary), labels), dtype=np.int8)
    scale = np.full(labels, 0.02, dtype=np.float32)
    bias = np.zeros(labels, dtype=np.float32)
    return GramProbe(vocabulary, rarity.astype(np.float32), weights, scale, bias)
