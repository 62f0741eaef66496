"""The benchmarks by name. A later one is one more line."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.amounts import Amounts
from tests.benchmarks.answers import PROMISED, measure_answers
from tests.benchmarks.broadcast import PROMISED as PROMISED_RUNS
from tests.benchmarks.broadcast import measure_broadcast


@dataclass(frozen=True, slots=True)
class Benchmark:
    """``measure`` gives figures by name; those in ``promised`` are always among them."""

    measure: Callable[[Amounts], Coroutine[Any, Any, dict[str, Any]]]
    promised: frozenset[str]


BENCHMARKS = {
    "answers": Benchmark(measure_answers, PROMISED),
    "broadcast": Benchmark(measure_broadcast, PROMISED_RUNS),
}
