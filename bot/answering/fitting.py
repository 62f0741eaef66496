"""Fits the probes to the example messages. The only place that needs scikit-learn.

Takes some seconds and is run by ``make vectors`` whenever example messages change; the result is
kept in ``knowledge/weights/`` with a fingerprint of the messages it was made from.
"""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from bot.answering.cleaning import folded
from bot.answering.encoder import DIMENSIONS, Vectors
from bot.answering.entries import ANY_DANGER, Entry
from bot.answering.language_pieces import LanguagePieces, code_of, fit_language_pieces
from bot.answering.languages import OTHER_SCRIPTS
from bot.answering.lexical import Pieces, grams
from bot.answering.probe import Floats, GramProbe, VectorProbe, gram_features
from bot.answering.signals import searchable

_VECTOR_STRENGTH = 20.0
_GRAM_STRENGTH = 30.0
_DANGER_STRENGTH = 20.0
_GRAM_ROUNDS = 30
_LEAST_MESSAGES = 2
_IMPOSSIBLE = -30.0


def fit_vector_probe(
    listed: Sequence[Entry], vectors: Vectors, there: NDArray[np.bool_], labels: Sequence[str]
) -> VectorProbe:
    """The probe on sentence vectors, from the messages of all languages there are articles in.

    A language of which only wishes and dangers are known would make them likely in it.
    """
    languages = searchable(listed)
    known = np.array([entry.language in languages for entry in listed], dtype=bool)
    rows, answers = _examples(listed, labels, there & known)
    weights = np.zeros((DIMENSIONS, len(labels)), dtype=np.float32)
    bias = np.full(len(labels), _IMPOSSIBLE, dtype=np.float32)
    if len(set(answers.tolist())) > 1:
        centre = vectors[rows].mean(axis=0)
        model = LogisticRegression(C=_VECTOR_STRENGTH, max_iter=100)
        _fit(model, vectors[rows] - centre, answers)
        coefficients, intercepts = _per_class(model)
        weights[:, model.classes_] = coefficients.T
        bias[model.classes_] = intercepts - coefficients @ centre
    return VectorProbe(weights, bias)


def fit_gram_probes(listed: Sequence[Entry], labels: Sequence[str]) -> dict[str, GramProbe]:
    """A probe on character pieces for every language with enough sentences about topics."""
    probes = {}
    for language in sorted(searchable(listed)):
        part = [entry for entry in listed if entry.language == language]
        rows, answers = _examples(part, labels, np.ones(len(part), dtype=bool))
        if len(set(answers.tolist())) > 1:
            probes[language] = _gram_probe([part[row].text for row in rows], answers, len(labels))
    return probes


def _gram_probe(texts: Sequence[str], answers: NDArray[np.int64], size: int) -> GramProbe:
    pieces = grams([folded(text) for text in texts])
    vocabulary, rarity = _vocabulary(pieces)
    model = LogisticRegression(C=_GRAM_STRENGTH, max_iter=_GRAM_ROUNDS)
    _fit(model, _table(pieces, vocabulary, rarity), answers)
    coefficients, intercepts = _per_class(model)
    weights = np.zeros((vocabulary.size, size), dtype=np.float32)
    bias = np.full(size, _IMPOSSIBLE, dtype=np.float32)
    weights[:, model.classes_] = coefficients.T
    bias[model.classes_] = intercepts
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-6) / 127
    return GramProbe(
        vocabulary,
        rarity,
        np.asarray(np.rint(weights / scale), dtype=np.int8),
        np.asarray(scale, dtype=np.float32),
        bias,
    )


def fit_danger_probe(
    listed: Sequence[Entry], vectors: Vectors, there: NDArray[np.bool_]
) -> VectorProbe:
    """The probe that tells danger (column 1) from everything else (column 0) by its vector.

    In each language danger and the rest weigh the same, so that no language is dangerous because
    it has few other examples.
    """
    rows = [place for place, entry in enumerate(listed) if there[place] and not entry.is_passage]
    answers = np.array([int(listed[row].column == ANY_DANGER) for row in rows], dtype=np.int64)
    weights = np.zeros((DIMENSIONS, 2), dtype=np.float32)
    bias = np.array([0.0, _IMPOSSIBLE], dtype=np.float32)
    if len(set(answers.tolist())) == 2:
        languages = np.array([listed[row].language for row in rows])
        centre = vectors[rows].mean(axis=0)
        model = LogisticRegression(C=_DANGER_STRENGTH, max_iter=1000)
        _fit(model, vectors[rows] - centre, answers, _balanced(languages, answers))
        weights[:, 1] = model.coef_[0]
        bias[1] = model.intercept_[0] - model.coef_[0] @ centre
    return VectorProbe(weights, bias)


def language_pieces_of(listed: Sequence[Entry]) -> LanguagePieces:
    """How each language is spelt, from all messages there are in it."""
    texts: dict[str, list[str]] = {}
    for entry in listed:
        if not entry.is_passage:
            own = entry.language in OTHER_SCRIPTS
            code = code_of(entry.text, entry.language, own_letters=own)
            texts.setdefault(code, []).append(entry.text)
    return fit_language_pieces(texts)


def _balanced(languages: NDArray[np.str_], answers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights under which both answers count the same within each language, one on average."""
    weights = np.ones(answers.size)
    for language in set(languages.tolist()):
        here = languages == language
        for answer in (0, 1):
            part = here & (answers == answer)
            if part.any():
                weights[part] = here.sum() / 2 / part.sum()
    return weights / float(weights.mean())


def _examples(
    listed: Sequence[Entry], labels: Sequence[str], there: NDArray[np.bool_]
) -> tuple[list[int], NDArray[np.int64]]:
    places = {label: place for place, label in enumerate(labels)}
    rows = [
        row
        for row, entry in enumerate(listed)
        if there[row] and not entry.is_passage and entry.column in places
    ]
    return rows, np.array([places[listed[row].column] for row in rows], dtype=np.int64)


def _vocabulary(pieces: Pieces) -> tuple[NDArray[np.uint32], Floats]:
    """The pieces of at least two messages, and their inverse document frequency."""
    keys = (pieces.hashes.astype(np.uint64) << np.uint64(32)) | pieces.owners.astype(np.uint64)
    hashes = (np.unique(keys) >> np.uint64(32)).astype(np.uint32)
    found, counts = np.unique(hashes, return_counts=True)
    kept = counts >= _LEAST_MESSAGES
    rarity = np.log((1 + pieces.size) / (1 + counts[kept])) + 1
    return found[kept], rarity.astype(np.float32)


def _table(pieces: Pieces, vocabulary: NDArray[np.uint32], rarity: Floats) -> "csr_matrix":
    order = np.argsort(pieces.owners, kind="stable")
    ends = np.cumsum(np.bincount(pieces.owners, minlength=pieces.size))
    parts = np.split(pieces.hashes[order], ends[:-1])
    found = [gram_features(part, vocabulary, rarity) for part in parts]
    starts = np.cumsum([0, *(places.size for places, _ in found)])
    columns = np.concatenate([places for places, _ in found])
    values = np.concatenate([values for _, values in found])
    return csr_matrix((values, columns, starts), shape=(pieces.size, vocabulary.size))


def _per_class(model: LogisticRegression) -> tuple[Floats, Floats]:
    """One row of weights a class, also for two classes, where scikit-learn keeps only one."""
    coefficients, intercepts = model.coef_, model.intercept_
    if coefficients.shape[0] == 1:
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        intercepts = np.concatenate([-intercepts / 2, intercepts / 2])
    return coefficients.astype(np.float32), intercepts.astype(np.float32)


def _fit(
    model: LogisticRegression,
    table: object,
    answers: NDArray[np.int64],
    weights: NDArray[np.float64] | None = None,
) -> None:
    with warnings.catch_warnings():
        # Stopping early is wanted: it keeps the weights of rare pieces small.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(table, answers, sample_weight=weights)
