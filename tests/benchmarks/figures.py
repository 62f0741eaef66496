"""What the benchmarks share: the messages that are asked, and figures from many measurements."""

import json
import random
import statistics
from collections.abc import Sequence
from pathlib import Path

_QUESTIONS = Path(__file__).parents[1] / "questions" / "de.jsonl"
_SEED = 20261124


class BenchmarkError(Exception):
    """Something did not do its part, so there is nothing to measure."""


def questions(number: int) -> list[str]:
    """German questions as residents write them, the same ones every time; dangers are left out.

    A danger is answered before any search, so it would make the figures too good.
    """
    lines = map(json.loads, _QUESTIONS.read_text(encoding="utf-8").splitlines())
    texts = [line["text"] for line in lines if line["kind"] != "emergency"]
    random.Random(_SEED).shuffle(texts)
    return texts[:number]


def percentile(values: Sequence[float], share: int) -> float:
    """The value below which ``share`` of a hundred values lie, to a tenth."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) * share // 100, len(ordered) - 1)], 1)


def middle(values: Sequence[float]) -> float:
    """The median: one disturbed round does not count."""
    return statistics.median(values)
