"""``python -m tests.benchmarks [NAME …] [--json]``: tables for people, JSON for programs."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from tests.benchmarks.amounts import WHOLE
from tests.benchmarks.figures import BenchmarkError
from tests.benchmarks.registry import BENCHMARKS

WRONG_USE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named benchmarks, or all. One JSON object or one table each on stdout.

    The exit code is 2 for a name that does not exist, 1 when something could not be measured.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", action="store_true", help="one JSON object a benchmark")
    options = parser.parse_args(arguments)
    for name in options.names:
        if name not in BENCHMARKS:
            sys.stderr.write(
                f"no benchmark is called {name!r}; there is: {', '.join(BENCHMARKS)}\n"
            )
            return WRONG_USE
    for name in options.names or BENCHMARKS:
        try:
            figures = asyncio.run(BENCHMARKS[name].measure(WHOLE))
        except BenchmarkError as error:
            sys.stderr.write(f"{name}: {error}\n")
            return 1
        except KeyboardInterrupt:
            return 130
        sys.stdout.write((json.dumps(figures) if options.json else table(name, figures)) + "\n")
    return 0


def table(name: str, figures: Mapping[str, Any]) -> str:
    """Figures for people: one a line, and those with the same members as rows of one table."""
    lines = [name, "=" * len(name)]
    figures = dict(_spread(figures))
    for members, group in groupby(figures.items(), key=lambda item: _members(item[1])):
        lines.append(_row("", members))
        lines.extend(_row(key, value.values() if members else [value]) for key, value in group)
    return "\n".join(lines)


def _spread(figures: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Figures in which each member of a list is a figure of its own, numbered."""
    for key, value in figures.items():
        if isinstance(value, list):
            yield from ((f"{key} {number}", one) for number, one in enumerate(value, start=1))
        else:
            yield key, value


def _members(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, dict) else ()


def _row(name: str, values: Iterable[object]) -> str:
    shown = (f"{value:,}" if isinstance(value, int | float) else str(value) for value in values)
    return (f"{name:<32}" + "".join(f"{each:>18}" for each in shown)).rstrip()


if __name__ == "__main__":
    raise SystemExit(main())
