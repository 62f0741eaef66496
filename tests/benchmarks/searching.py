"""How long understanding one message takes, and how much memory the index needs, by its size.

``python -m tests.benchmarks.searching ARTICLES QUESTIONS`` prints one JSON object for one size. It
is a process of its own so that the memory is that of this index alone.
"""

import asyncio
import ctypes
import gc
import json
import sys
import time
from collections.abc import Sequence

import numpy as np
import psutil

from bot.answering.decision import read_decider
from bot.answering.encoder import DIMENSIONS, Encoder, Vectors
from bot.answering.languages import warm_up
from bot.answering.signals import GERMAN
from bot.answering.understanding import Answerer
from bot.answering.vectors import packed
from bot.knowledge import KNOWLEDGE, load
from tests.benchmarks.figures import BenchmarkError, percentile, questions
from tests.benchmarks.made_index import made

_WARM_UP = 5


class Remembering(Encoder):
    """The real encoder. After ``rest`` it says again what it said before, and needs no time."""

    def __init__(self) -> None:
        super().__init__(time_limit=30.0)  # a busy machine is slow, not broken
        self._known: dict[str, Vectors] = {}
        self._resting = False

    async def queries(self, texts: Sequence[str]) -> Vectors | None:
        """The vectors of messages; raises BenchmarkError when there are none."""
        if self._resting:
            rows = [self._known[text] for text in texts]
            return np.array(rows, dtype=np.float32).reshape(-1, DIMENSIONS)
        vectors = await super().queries(texts)
        if vectors is None:
            raise BenchmarkError("the encoder does not answer")
        self._known.update(zip(texts, vectors, strict=True))
        return vectors

    async def rest(self) -> None:
        """End the process."""
        await self.close()
        self._resting = True


async def measure(size: int, number: int) -> dict[str, float]:
    """The figures for one size, from ``number`` questions."""
    texts = questions(number)
    knowledge = load()
    warm_up()
    encoder = Remembering()
    before = _megabytes()
    base = made(knowledge, size)
    began = time.perf_counter()
    decider = read_decider(KNOWLEDGE)
    answerer = Answerer(
        base.listed, packed(base.vectors), base.there, base.weights, decider, encoder
    )
    took = time.perf_counter() - began
    del base
    index = _megabytes() - before
    await encoder.start()
    try:
        whole = await _timed(answerer, texts)
    finally:
        await encoder.rest()
    alone = await _timed(answerer, texts)
    return {
        "p50_ms": percentile(whole, 50),
        "p95_ms": percentile(whole, 95),
        "without_encoder_p50_ms": percentile(alone, 50),
        "without_encoder_p95_ms": percentile(alone, 95),
        "index_mb": round(index, 1),
        "build_s": round(took, 2),
    }


def _megabytes() -> float:
    """Memory that is this process's alone."""
    gc.collect()
    # What was freed goes back to the system, so that only what is used is counted.
    ctypes.CDLL(None).malloc_trim(0)
    return float(psutil.Process().memory_full_info().uss) / 1e6


async def _timed(answerer: Answerer, texts: Sequence[str]) -> list[float]:
    """Milliseconds for each text; some are asked before, for warming up."""
    milliseconds = []
    for text in [*texts[:_WARM_UP], *texts]:
        began = time.perf_counter()
        await answerer.understand(text, language=GERMAN)
        milliseconds.append((time.perf_counter() - began) * 1000)
    return milliseconds[-len(texts) :]


if __name__ == "__main__":
    articles, asked = map(int, sys.argv[1:])
    sys.stdout.write(json.dumps(asyncio.run(measure(articles, asked))) + "\n")
