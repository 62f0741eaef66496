"""What is told by the nearest known message: danger by its meaning, and kinds of danger and talk.

Phrases and word stems (`bot.answering.emergency`) are exact but know only what was thought of. The
vector of a message is near those of known cries for help in any language. Either raises the alarm;
words in a short message that is far from any danger in its meaning do not.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.answering.decision import log_odds
from bot.answering.encoder import Vectors
from bot.answering.entries import Entry
from bot.answering.probe import VectorProbe
from bot.answering.vectors import Rows, unpacked


class Nearest:
    """The labels of some known messages, found by the nearest vector. `column`: which messages."""

    def __init__(
        self, listed: Sequence[Entry], rows: Rows, there: NDArray[np.bool_], column: str
    ) -> None:
        used = [
            place for place, entry in enumerate(listed) if there[place] and entry.column == column
        ]
        self._vectors = unpacked(rows[used])
        self._labels = [listed[place].label for place in used]

    def label(self, vector: Vectors) -> str | None:
        """The label of the nearest known message; None if none is known."""
        return self._labels[int(np.argmax(self._vectors @ vector))] if self._labels else None


def danger_odds(probe: VectorProbe, vector: Vectors, likely: float) -> float:
    """How much a message means danger now: the log odds of two judgements added.

    One is that of the danger probe on its vector alone; the other, `likely`, is the probability of
    danger among everything else that the message may mean.
    """
    none, danger = probe.scores(vector[None, :])[0].tolist()
    return float(np.clip(danger - none, -15, 15)) + log_odds(likely)
