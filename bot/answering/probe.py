"""Linear classifiers that say for every topic and wish how likely a message means it.

Fitted in `bot.answering.fitting`; here they are arrays. One reads the sentence vector, one the
character pieces; both know all languages there are example messages for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.answering.encoder import Vectors
from bot.answering.lexical import Grams

Floats = NDArray[np.float32]


def log_softmax(scores: Floats) -> Floats:
    """Scores as log probabilities, row by row."""
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(
        shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), dtype=np.float32
    )


@dataclass(frozen=True, slots=True)
class VectorProbe:
    """Multinomial logistic regression on sentence vectors: `weights` (384, labels)."""

    weights: Floats
    bias: Floats

    def scores(self, vectors: Vectors) -> Floats:
        """Log odds, one row a message and one column a label."""
        return np.asarray(vectors @ self.weights + self.bias, dtype=np.float32)

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """What is stored: half floats are exact enough."""
        return {
            f"{name}_weights": self.weights.astype(np.float16),
            f"{name}_bias": self.bias.astype(np.float32),
        }

    @classmethod
    def read(cls, stored: Mapping[str, NDArray[np.generic]], name: str) -> "VectorProbe":
        """The probe from its stored arrays. Raises KeyError."""
        return cls(
            stored[f"{name}_weights"].astype(np.float32), stored[f"{name}_bias"].astype(np.float32)
        )


@dataclass(frozen=True, slots=True)
class GramProbe:
    """Multinomial logistic regression on the character pieces of a message, weighed by rarity.

    `vocabulary`: hashes of the known pieces, sorted. `rarity`: inverse document frequency of each.
    `weights`: signed bytes (pieces, labels), times `scale` of the label.
    """

    vocabulary: Grams
    rarity: Floats
    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats

    def scores(self, messages: Sequence[Grams]) -> Floats:
        """Log odds, one row a message and one column a label."""
        rows = []
        for message in messages:
            places, values = gram_features(message, self.vocabulary, self.rarity)
            total = values @ self.weights[places].astype(np.float32)
            rows.append(total * self.scale + self.bias)
        return np.asarray(np.stack(rows), dtype=np.float32)

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """What is stored."""
        return {
            f"{name}_vocabulary": self.vocabulary,
            f"{name}_rarity": self.rarity.astype(np.float16),
            f"{name}_weights": self.weights,
            f"{name}_scale": self.scale,
            f"{name}_bias": self.bias,
        }

    @classmethod
    def read(cls, stored: Mapping[str, NDArray[np.generic]], name: str) -> "GramProbe":
        """The probe from its stored arrays. Raises KeyError."""
        return cls(
            stored[f"{name}_vocabulary"].astype(np.uint32),
            stored[f"{name}_rarity"].astype(np.float32),
            stored[f"{name}_weights"].astype(np.int8),
            stored[f"{name}_scale"].astype(np.float32),
            stored[f"{name}_bias"].astype(np.float32),
        )


def gram_features(
    message: Grams, vocabulary: Grams, rarity: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Which known pieces a message has and how much each counts; the values have length one."""
    found, counts = np.unique(message, return_counts=True)
    places = np.searchsorted(vocabulary, found)
    places[places == vocabulary.size] = 0
    known = vocabulary[places] == found if vocabulary.size else np.zeros(found.size, dtype=bool)
    places = places[known]
    values = (1 + np.log(counts[known])) * rarity[places]
    length = float(np.sqrt((values * values).sum()))
    return places.astype(np.int64), np.asarray(values / max(length, 1e-9), dtype=np.float32)
