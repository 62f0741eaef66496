"""The benchmarks still work: a little of each. No figure is judged here, machines differ."""

import json

import pytest

from tests.benchmarks.__main__ import WRONG_USE, main, table
from tests.benchmarks.amounts import SMALL
from tests.benchmarks.broadcast import ROW
from tests.benchmarks.registry import BENCHMARKS


@pytest.mark.parametrize("name", BENCHMARKS)
async def test_a_benchmark_gives_the_figures_it_promises(name: str) -> None:
    """Every promised figure is there, is a number or numbers above zero, and fits into JSON."""
    benchmark = BENCHMARKS[name]
    figures = await benchmark.measure(SMALL)
    assert benchmark.promised <= set(figures)
    for key in benchmark.promised:
        value = figures[key]
        if isinstance(value, list):
            assert all(set(ROW) <= set(run) for run in value)
            value = {n: run[name] for n, run in enumerate(value) for name in ("lost", "uncertain")}
        numbers = list(value.values()) if isinstance(value, dict) else [value]
        assert numbers
        assert all(isinstance(number, int | float) and number >= 0 for number in numbers), key
    assert json.loads(json.dumps(figures)) == figures
    assert name in table(name, figures)


def test_an_unknown_name_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """It says which names there are."""
    assert main(["answers", "nonsense"]) == WRONG_USE
    printed = capsys.readouterr()
    assert printed.out == ""
    there = "answers, broadcast, interpreting, reports"
    assert printed.err == f"no benchmark is called 'nonsense'; there is: {there}\n"
