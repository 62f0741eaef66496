"""The coverage report: languages requested and not found, by month and town, without small cells.

A cell below ``SMALLEST`` says too much about the few people behind it and is not shown. Nor is a
second cell where sums would give the first away (complementary suppression).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.interpreting.wishes import State
from bot.models import Request
from bot.texts import HOUSE_TIME

SMALLEST = 5
UNMET = frozenset({State.UNFILLED.value, State.BY_PHONE.value})
_COUNTED = frozenset({*UNMET, State.FILLED.value, State.DONE.value})


@dataclass(frozen=True, slots=True)
class Table:
    """Rows by columns with their sums; a sum that would give a cell away is not shown either."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], int | None]
    row_sums: Mapping[str, int | None]
    column_sums: Mapping[str, int | None]
    total: int | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Requests whose outcome is known, from ``first`` to ``last`` (whole months).

    ``requested`` and ``unmet`` are language by month. ``*_by_town`` are language by town, always
    for the calendar year ``year``: tables of spans of one's choice could be subtracted from each
    other. Cancelled and closed requests do not count, nor do those that are still searched for.
    """

    first: date
    last: date
    year: int
    requested: Table
    unmet: Table
    requested_by_town: Table
    unmet_by_town: Table


async def coverage(session: AsyncSession, first: date, last: date) -> Coverage:
    """The report for the months of ``first`` to ``last``, and by town for the year of ``last``."""
    begins = first.replace(day=1)
    after = (last.replace(day=1) + timedelta(days=32)).replace(day=1)
    months = await _outcomes(session, begins, after)
    year = await _outcomes(session, date(last.year, 1, 1), date(last.year + 1, 1, 1))
    requested, unmet = _both((language, month, missed) for language, _, month, missed in months)
    by_town, unmet_by_town = _both((language, town, missed) for language, town, _, missed in year)
    return Coverage(
        first=begins,
        last=after - timedelta(days=1),
        year=last.year,
        requested=requested,
        unmet=unmet,
        requested_by_town=by_town,
        unmet_by_town=unmet_by_town,
    )


async def _outcomes(
    session: AsyncSession, first: date, after: date
) -> list[tuple[str, str, str, bool]]:
    """Language, town, month and whether nobody was found, for each request of a span."""
    rows = await session.execute(
        select(Request.language, Request.municipality, Request.starts_at, Request.state)
        .where(
            Request.starts_at >= datetime.combine(first, time(0), HOUSE_TIME),
            Request.starts_at < datetime.combine(after, time(0), HOUSE_TIME),
            Request.state.in_(_COUNTED),
        )
        .order_by(Request.id)
    )
    return [
        (language, town, starts_at.astimezone(HOUSE_TIME).strftime("%Y-%m"), state in UNMET)
        for language, town, starts_at, state in rows
    ]


def _both(rows: Iterable[tuple[str, str, bool]]) -> tuple[Table, Table]:
    """Requested and unmet, suppressed together: their difference (what was found) is a count, too.

    A cell is hidden in both tables when requested, unmet or found is small in it.
    """
    requested: dict[tuple[str, str], int] = defaultdict(int)
    unmet: dict[tuple[str, str], int] = defaultdict(int)
    for row, column, is_unmet in rows:
        requested[row, column] += 1
        unmet[row, column] += is_unmet
    found = {cell: count - unmet[cell] for cell, count in requested.items()}
    hidden = hidden_cells(requested, unmet, found)
    return table(requested, hidden), table(unmet, hidden, like=requested)


def hidden_cells(*layers: Mapping[tuple[str, str], int]) -> frozenset[tuple[str, str]]:
    """The cells that must not be shown.

    First every cell that is small in one of the layers; then, until nothing changes, in a row or a
    column where exactly one is hidden, or where the hidden ones together are small, the smallest
    one beside it. Sums are shown only where nothing is hidden, which is stricter than needed
    where a row has several.
    """
    names = {cell for layer in layers for cell in layer}
    hidden = {cell for cell in names if any(0 < layer.get(cell, 0) < SMALLEST for layer in layers)}
    lines: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    for cell in sorted(names):
        lines[0, cell[0]].append(cell)
        lines[1, cell[1]].append(cell)
    changed = True
    while changed:
        changed = False
        for line in lines.values():
            inside = [cell for cell in line if cell in hidden]
            if not inside or _is_safe(inside, layers):
                continue
            shown = sorted(
                (cell for cell in line if cell not in hidden),
                key=lambda cell: (layers[0].get(cell, 0), cell),
            )
            if shown:
                hidden.add(shown[0])
                changed = True
    return frozenset(hidden)


def _is_safe(
    inside: Sequence[tuple[str, str]], layers: Sequence[Mapping[tuple[str, str], int]]
) -> bool:
    """Whether the difference between a sum and the shown cells says nothing about few people."""
    if len(inside) < 2:
        return False
    sums = [sum(layer.get(cell, 0) for cell in inside) for layer in layers]
    return all(each == 0 or each >= SMALLEST for each in sums)


def table(
    counts: Mapping[tuple[str, str], int],
    hidden: frozenset[tuple[str, str]],
    like: Mapping[tuple[str, str], int] | None = None,
) -> Table:
    """A table that shows what is not hidden."""
    names = sorted(like if like is not None else counts)
    rows = tuple(dict.fromkeys(row for row, _ in names))
    columns = tuple(sorted({column for _, column in names}))
    cells = {
        (row, column): None if (row, column) in hidden else counts.get((row, column), 0)
        for row in rows
        for column in columns
    }
    return Table(
        rows=rows,
        columns=columns,
        cells=cells,
        row_sums={row: _sum(cells[row, column] for column in columns) for row in rows},
        column_sums={column: _sum(cells[row, column] for row in rows) for column in columns},
        total=_sum(cells.values()),
    )


def _sum(values: Iterable[int | None]) -> int | None:
    total = 0
    for value in values:
        if value is None:
            return None
        total += value
    return total
