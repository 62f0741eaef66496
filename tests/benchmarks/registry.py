"""The benchmarks by name. A later one is one more line."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.benchmarks import answers, broadcast, interpreting, reports
from tests.benchmarks.amounts import Amounts
from tests.benchmarks.answers import measure_answers
from tests.benchmarks.broadcast import measure_broadcast
from tests.benchmarks.interpreting import measure_interpreting
from tests.benchmarks.reports import measure_reports


@dataclass(frozen=True, slots=True)
class Benchmark:
    """``measure`` gives figures by name; those in ``promised`` are always among them."""

    measure: Callable[[Amounts], Coroutine[Any, Any, dict[str, Any]]]
    promised: frozenset[str]


BENCHMARKS = {
    "answers": Benchmark(measure_answers, answers.PROMISED),
    "broadcast": Benchmark(measure_broadcast, broadcast.PROMISED),
    "interpreting": Benchmark(measure_interpreting, interpreting.PROMISED),
    "reports": Benchmark(measure_reports, reports.PROMISED),
}
