"""The benchmarks by name. A later one is one more line."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.amounts import Amounts
from tests.benchmarks.answers import PROMISED, measure_answers
from tests.benchmarks.reports import PROMISED as REPORTS_PROMISED
from tests.benchmarks.reports import measure_reports


@dataclass(frozen=True, slots=True)
class Benchmark:
    """``measure`` gives figures by name; those in ``promised`` are always among them."""

    measure: Callable[[Amounts], Coroutine[Any, Any, dict[str, Any]]]
    promised: frozenset[str]


BENCHMARKS = {
    "answers": Benchmark(measure_answers, PROMISED),
    "reports": Benchmark(measure_reports, REPORTS_PROMISED),
}
