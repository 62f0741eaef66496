"""Figures that identify nobody: an attacker with every published table finds no small number."""

import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from scipy.optimize import linprog  # type: ignore[import-untyped]
from sqlalchemy import text

from bot.casework.tables import HIDDEN, write_tables
from bot.db import Sessions, open_database
from bot.errors import FiguresHeldBack
from bot.reports.figures import (
    DIMENSIONS,
    Counted,
    Period,
    count,
    release,
    releases,
    town_names,
)
from bot.reports.suppression import (
    LEAST_ROWS,
    K,
    block_table,
    hidden_cells,
    rounded,
    year_table,
)
from bot.reports.told import Form, Motive

LATE = date(2027, 6, 1)
TOWNS = town_names()


def _rows(counts: Iterable[tuple[str, str, str, str, int]], begin: int = 0) -> list[Counted]:
    """So many rows of each form, motive, town and month."""
    found: list[Counted] = []
    for form, motive, town, month, many in counts:
        for _ in range(many):
            found.append(
                Counted(
                    f"f{begin + len(found)}", form, motive, town, date.fromisoformat(f"{month}-01")
                )
            )
    return found


async def _count(sessions: Sessions, rows: list[Counted]) -> None:
    async with sessions.begin() as session:
        await count(session, rows)


async def _release(sessions: Sessions, period: str, today: date = LATE) -> dict[str, Any]:
    async with sessions.begin() as session:
        return await release(session, Period.parse(period), today)


@pytest_asyncio.fixture(scope="session")
async def file(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sessions]:
    """A SQLite file for many made-up years."""
    folder = tmp_path_factory.mktemp("figures")
    sessions = await open_database(f"sqlite+aiosqlite:///{folder / 'figures.sqlite'}")
    yield sessions
    await sessions.close()


# One block


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 30), min_size=2))
def test_a_table_hides_what_is_small_and_enough_beside_it(cells: dict[str, int]) -> None:
    """All cells below k; and the hidden ones are two or more and together at least k."""
    shown = block_table(cells)
    hidden = hidden_cells(cells)
    assert all(value is None or value >= K for value in shown.values())
    assert {name for name, value in shown.items() if value is None} == hidden
    if hidden and sum(cells.values()) >= LEAST_ROWS:
        assert len(hidden) >= 2
        assert sum(cells[name] for name in hidden) >= K


def test_totals_are_rounded() -> None:
    """To the nearest five."""
    assert [rounded(total) for total in (10, 12, 13, 17, 18)] == [10, 10, 15, 15, 20]


# An attacker who knows every table, and the true total of each block


def _ranges(
    blocks: list[dict[str, int]], shown: list[dict[str, int | None]], year: dict[str, int | None]
) -> list[float]:
    """How wide the possible values of each hidden cell are, by linear programming.

    Independent of the code under test: unknowns are the hidden cells of the blocks; what is known
    is each block's sum and each published sum of a year.
    """
    hidden = [(b, name) for b, table in enumerate(shown) for name, v in table.items() if v is None]
    if not hidden:
        return []
    rows, sums = [], []
    for number, (cells, table) in enumerate(zip(blocks, shown, strict=True)):
        rows.append([1.0 if b == number else 0.0 for b, _ in hidden])
        sums.append(float(sum(cells[name] for name, v in table.items() if v is None)))
    for name, value in year.items():
        if value is not None:
            rows.append([1.0 if n == name else 0.0 for _, n in hidden])
            known = sum(table.get(name) or 0 for table in shown)
            sums.append(float(value - known))
    goals = [[1.0 if i == j else 0.0 for j in range(len(hidden))] for i in range(len(hidden))]
    goals += [
        [1.0 if n == name else 0.0 for _, n in hidden]
        for name, value in year.items()
        if value is None
    ]
    widths = []
    for goal in goals:
        low = linprog(goal, A_eq=rows, b_eq=sums, bounds=(0, None))
        high = linprog([-g for g in goal], A_eq=rows, b_eq=sums, bounds=(0, None))
        assert low.status == high.status == 0
        widths.append(-high.fun - low.fun)
    return widths


@given(
    st.lists(
        st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 4, 5, 6, 7, 9, 20]), min_size=3, max_size=6),
        min_size=2,
        max_size=4,
    )
)
@settings(max_examples=80, deadline=None)
def test_no_small_cell_can_be_worked_out_from_all_tables(counts: list[list[int]]) -> None:
    """Quarters and year together: every hidden figure could be any of at least k + 1 numbers."""
    size = min(map(len, counts))
    blocks = [dict(zip("abcdef", row[:size], strict=False)) for row in counts]
    blocks = [block for block in blocks if sum(block.values()) >= LEAST_ROWS]
    shown = [block_table(block) for block in blocks]
    if not blocks:
        return
    year = year_table(list(zip(blocks, shown, strict=True)))
    for name, value in year.items():
        assert value is None or value == sum(block[name] for block in blocks)
        assert value is None or value >= K
    widths = _ranges(blocks, shown, year)
    assert all(width >= K - 1e-6 for width in widths), (blocks, shown, year, widths)


def test_a_year_is_not_hidden_more_than_it_must() -> None:
    """Small quarters hide a town; the year shows it where that gives nothing away."""
    blocks = [{"a": 3, "b": 4, "c": 20}, {"a": 4, "b": 2, "c": 20}, {"a": 4, "b": 4, "c": 8}]
    shown = [block_table(block) for block in blocks]
    assert [table["a"] for table in shown] == [None, None, None]
    year = year_table(list(zip(blocks, shown, strict=True)))
    assert year["c"] == 48
    assert year["a"] is None or year["b"] is None or sum((year["a"], year["b"])) == 21


# Releases


async def test_a_year_and_its_quarters(empty: Sessions) -> None:
    """Published once, the same for ever; what comes late counts in the next table."""
    many = [
        ("words", "anti-black", "Raunheim", "2026-01", 9),
        ("attack", "anti-muslim", "Kelsterbach", "2026-02", 6),
        ("threat", "anti-muslim", "Raunheim", "2026-02", 2),
        ("print", "queer", "Riedstadt", "2026-03", 4),
    ]
    await _count(empty, _rows(many))
    first = await _release(empty, "2026-Q1")
    assert first["tables"]["form"]["words"] == 9
    assert first["tables"]["form"]["threat"] is None
    assert first["about"] == 20
    late = [
        ("words", "anti-black", "Raunheim", "2026-01", 6),
        ("words", "anti-black", "Riedstadt", "2026-05", 7),
        ("threat", "queer", "Riedstadt", "2026-06", 3),
        ("print", "queer", "Riedstadt", "2026-06", 3),
    ]
    await _count(empty, _rows(late, 100))
    assert await _release(empty, "2026-Q1") == first
    second = await _release(empty, "2026-Q2")
    assert second["tables"]["month"]["2026-05"] == 7
    assert second["tables"]["form"] == {
        name: 13 if name == "words" else None for name in second["tables"]["form"]
    }
    year = await _release(empty, "2026")
    assert year["tables"]["form"]["words"] == 22
    assert year["tables"]["month"]["2026-05"] == second["tables"]["month"]["2026-05"]
    await _count(empty, _rows([("words", "queer", "Raunheim", "2026-03", 30)], 200))
    assert await _release(empty, "2026") == year
    async with empty.begin() as session:
        assert [one.period for one in await releases(session)] == ["2026", "2026-Q1", "2026-Q2"]


async def test_too_few_wait_for_the_next_table(empty: Sessions) -> None:
    """Nine in a quarter are not published; they are counted with the next one."""
    await _count(empty, _rows([("words", "queer", "Raunheim", "2026-01", 9)]))
    with pytest.raises(FiguresHeldBack) as held:
        await _release(empty, "2026-Q1")
    assert held.value.reason == "too-few"
    more = [
        ("words", "queer", "Raunheim", "2026-04", 6),
        ("attack", "queer", "Raunheim", "2026-05", 8),
    ]
    await _count(empty, _rows(more, 50))
    table = await _release(empty, "2026-Q2")
    assert table["tables"]["form"]["words"] == 15
    assert table["tables"]["month"]["earlier"] == 9
    assert table["about"] == 25


async def test_a_period_must_be_over_and_a_year_is_whole(empty: Sessions) -> None:
    """No quarter of a year that was published as one table: the difference would tell."""
    await _count(empty, _rows([("words", "queer", "Raunheim", "2026-01", 40)]))
    with pytest.raises(FiguresHeldBack) as held:
        await _release(empty, "2026", date(2026, 12, 31))
    assert held.value.reason == "not-over"
    await _release(empty, "2026", date(2027, 1, 1))
    with pytest.raises(FiguresHeldBack) as held:
        await _release(empty, "2026-Q1")
    assert held.value.reason == "year-published"


async def test_the_last_quarter_is_published_with_its_year(empty: Sessions) -> None:
    """Asking for the year publishes what is left as its last quarter."""
    rows = [("words", "queer", "Raunheim", f"2026-{month:02}", 5) for month in range(1, 13)]
    rows += [("print", "queer", "Raunheim", f"2026-{month:02}", 3) for month in range(1, 13)]
    rows += [("threat", "queer", "Raunheim", f"2026-{month:02}", 2) for month in range(1, 13)]
    await _count(empty, _rows(rows))
    await _release(empty, "2026-Q1")
    year = await _release(empty, "2026")
    assert year["tables"]["form"]["words"] == 60
    fourth = await _release(empty, "2026-Q4")
    assert fourth["tables"]["month"]["earlier"] == 60


async def test_a_row_is_counted_once_and_only_known_words(empty: Sessions) -> None:
    """Sent twice it is one; an unknown town is refused."""
    [row] = _rows([("words", "queer", "Raunheim", "2026-01", 1)])
    await _count(empty, [row, row])
    await _count(empty, [row])
    with pytest.raises(FiguresHeldBack):
        await _release(empty, "2026")
    for wrong in (
        Counted("x", "words", "queer", "Frankfurt am Main", date(2026, 1, 1)),
        Counted("x", "nonsense", "queer", "Raunheim", date(2026, 1, 1)),
        Counted("x", "words", "nonsense", "Raunheim", date(2026, 1, 1)),
        Counted("x", "words", "queer", "Raunheim", date(2026, 1, 2)),
    ):
        with pytest.raises(ValueError, match=r"nonsense|town"):
            await _count(empty, [wrong])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Form)),
            st.sampled_from(list(Motive)[:4]),
            st.sampled_from(TOWNS[:5]),
            st.integers(1, 12),
        ),
        min_size=20,
        max_size=90,
    ),
    st.permutations(["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
    st.integers(0, 4),
)
@settings(max_examples=6, deadline=None)
async def test_whatever_is_published_in_whatever_order(
    file: Sessions, rows: list[tuple[Form, Motive, str, int]], order: list[str], some: int
) -> None:
    """Real releases of a made-up year, attacked in every dimension."""
    async with file.begin() as session:
        await session.execute(text("DELETE FROM figures"))
        await session.execute(text("DELETE FROM figure_releases"))
        await count(
            session,
            [
                Counted(f"f{n}", form.value, motive.value, town, date(2026, month, 1))
                for n, (form, motive, town, month) in enumerate(rows)
            ],
        )
    published: dict[str, dict[str, Any]] = {}
    for period in [*order[:some], "2026"]:
        try:
            published[period] = await _release(file, period)
        except FiguresHeldBack as held:
            assert held.reason in {"too-few", "year-published"}  # noqa: PT017
    truth: dict[str, list[dict[str, int]]] = {}
    async with file.begin() as session:
        every = [one for one in await releases(session) if one.period != "2026" or some == 0]
        found = (await session.execute(text("SELECT * FROM figures ORDER BY id"))).mappings().all()
    blocks = [one for one in every if any(row["release"] == one.period for row in found)]
    for dimension in DIMENSIONS[:3]:
        truth[dimension] = []
        for one in blocks:
            counted = Counter(str(r[dimension]) for r in found if r["release"] == one.period)
            truth[dimension].append(
                {name: counted[name] for name in one.tables["tables"][dimension]}
            )
        shown = [one.tables["tables"][dimension] for one in blocks]
        year = published.get("2026", {"tables": {dimension: {}}})["tables"][dimension]
        widths = _ranges(truth[dimension], shown, year)
        assert all(width >= K - 1e-6 for width in widths), (dimension, shown, year)


# Files


def test_tables_as_files(tmp_path: Path) -> None:
    """CSV, XLSX and a picture for each table; a hidden cell is never a zero or an empty one."""
    tables = {
        "period": "2026-Q1",
        "k": K,
        "about": 25,
        "tables": {
            "form": {"words": 12, "attack": None, "threat": None},
            "month": {"earlier": None, "2026-01": 9, "2026-02": None},
        },
    }
    made = {path.name: path for path in write_tables(tables, tmp_path / "out")}
    assert set(made) == {
        "figures-2026-Q1.xlsx",
        "figures-2026-Q1-form.csv", "figures-2026-Q1-form.png",
        "figures-2026-Q1-month.csv", "figures-2026-Q1-month.png",
    }  # fmt: skip
    words = made["figures-2026-Q1-form.csv"].read_bytes().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(words), delimiter=";"))
    assert rows[1] == ["Worte, Beleidigung", "12"]
    assert rows[2] == ["Angriff", HIDDEN]
    assert "etwa 25" in rows[-1][0]
    sheet = load_workbook(made["figures-2026-Q1.xlsx"]).worksheets[0]
    assert [cell.value for cell in sheet["B"]][:3] == ["2026-Q1", 12, HIDDEN]
    assert made["figures-2026-Q1-form.png"].read_bytes().startswith(b"\x89PNG")


def test_periods() -> None:
    """A year, a quarter, nothing else."""
    assert Period.parse("2026-Q4").end == date(2026, 12, 31)
    assert Period.parse("2024-Q1").end == date(2024, 3, 31)
    assert [month.month for month in Period.parse("2026-Q3").months] == [7, 8, 9]
    for wrong in ("26", "2026-Q5", "2026-Q", "2026-03", ""):
        with pytest.raises(ValueError, match="period"):
            Period.parse(wrong)
