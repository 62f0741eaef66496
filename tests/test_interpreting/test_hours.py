"""The allowance ledger and the coverage report."""

import csv
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.errors import NotEligible, NothingToDo, NotVolunteer
from bot.interpreting import (
    HoursState,
    State,
    confirm_hours,
    coverage,
    ledger,
    ledger_csv,
    ledger_xlsx,
    settle_hours,
    unsettled,
)
from bot.interpreting.coverage import SMALLEST, hidden_cells, table
from bot.models import Chat, Request
from tests.pool import Pool


async def _held(pool: Pool, **changes: Any) -> tuple[Chat, Chat, int]:
    """An appointment that is over: volunteer, institution, number."""
    kita = await pool.institution()
    amina = await pool.volunteer(**changes)
    number = await pool.ask(kita)
    await pool.accept(amina, number)
    pool.now = (await pool.request(number)).ends_at + timedelta(minutes=5)
    await pool.work()
    return amina, kita[0], number


async def test_equal_hours_settle_the_row(pool: Pool) -> None:
    """One tap each; afterwards nobody can change it any more."""
    amina, kita, number = await _held(pool)
    async with pool.sessions.begin() as session:
        hours = await confirm_hours(session, amina, number, 60, pool.now)
        assert hours.state is HoursState.WAITING
        assert len(await unsettled(session, pool.now)) == 1
        hours = await confirm_hours(session, kita, number, 60, pool.now)
        assert hours.state is HoursState.AGREED
        assert await unsettled(session, pool.now) == []
    with pytest.raises(NothingToDo):
        async with pool.sessions.begin() as session:
            await confirm_hours(session, amina, number, 600, pool.now)


async def test_different_hours_are_flagged_and_staff_decide(pool: Pool) -> None:
    """Or one of the two corrects theirs."""
    amina, kita, number = await _held(pool)
    async with pool.sessions.begin() as session:
        await confirm_hours(session, amina, number, 90, pool.now)
        hours = await confirm_hours(session, kita, number, 60, pool.now)
        assert hours.state is HoursState.DIFFERENT
    [told] = await pool.letters(pool.staff, "staff_hours_differ")
    async with pool.sessions.begin() as session:
        assert "WEICHT AB" in ledger_csv(await ledger(session, pool.now.date(), pool.now)).decode()
        await settle_hours(session, told["assignment_id"], 75, pool.now, pool.staff)
    async with pool.sessions.begin() as session:
        [row] = await ledger(session, pool.now.date(), pool.now)
    assert row.settled_minutes == 75


async def test_only_the_two_sides_confirm_and_only_afterwards(pool: Pool) -> None:
    """Not a stranger, not another institution, not before it begins, not nonsense."""
    amina, _kita, number = await _held(pool)
    other = await pool.institution("Schule")
    for stranger in (Chat("telegram", 7), other[0], Chat("webchat", amina.id)):
        with pytest.raises(NotVolunteer):
            async with pool.sessions.begin() as session:
                await confirm_hours(session, stranger, number, 60, pool.now)
    with pytest.raises(NotEligible):
        async with pool.sessions.begin() as session:
            await confirm_hours(session, amina, number, 10_000, pool.now)
    with pytest.raises(NothingToDo):
        async with pool.sessions.begin() as session:
            await confirm_hours(session, amina, number, 60, pool.now - timedelta(days=1))


async def test_the_ledger_is_a_table_that_spreadsheets_read(pool: Pool) -> None:
    """As CSV and XLSX; a name that looks like a formula stays a name."""
    amina, kita, number = await _held(pool, name="=HYPERLINK(1)")
    async with pool.sessions.begin() as session:
        for chat in (amina, kita):
            await confirm_hours(session, chat, number, 45, pool.now)
    async with pool.sessions.begin() as session:
        rows = await ledger(session, pool.now.date(), pool.now)
        earlier = await ledger(session, date(2026, 10, 1), pool.now)
    assert earlier == []
    text = ledger_csv(rows).decode("utf-8-sig")
    [head, line] = list(csv.reader(StringIO(text), delimiter=";"))
    row = dict(zip(head, line, strict=True))
    assert (row["Datum"], row["Beginn"]) == ("27.11.2026", "10:00")
    assert (row["Minuten festgestellt"], row["Stand"]) == ("45", "bestätigt")
    assert row["Ehrenamtlich dolmetschend"] == "'=HYPERLINK(1)"
    sheet = load_workbook(BytesIO(ledger_xlsx(rows))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == head
    assert sheet["E2"].value == "'=HYPERLINK(1)"
    assert sheet["M3"].value == "=SUM(M2:M2)"


async def test_coverage_counts_by_month_and_town_and_hides_the_few(pool: Pool) -> None:
    """Nine asked for Kurmanji, seven in vain; the two who asked for Tigrinya are not shown."""
    outcomes = [("kmr", State.UNFILLED)] * 9 + [("ti", State.DONE)] * 2 + [("ar", State.DONE)] * 8
    outcomes += [("kmr", State.CANCELLED)] * 5
    async with pool.sessions.begin() as session:
        for number, (language, state) in enumerate(outcomes):
            starts_at = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)  # 23:30: still November
            session.add(
                Request(
                    language=language, substitutes=[], lane="appointment", mode="phone",
                    municipality="Raunheim", topic="other", wants_standby=False,
                    starts_at=starts_at, ends_at=starts_at + timedelta(minutes=number),
                    opened_at=starts_at, searched_from=starts_at, state=state.value,
                )
            )  # fmt: skip
    async with pool.sessions.begin() as session:
        report = await coverage(session, date(2026, 11, 5), date(2026, 11, 9))
    assert report.requested.columns == ("2026-11",)
    assert report.requested.cells["kmr", "2026-11"] == 9
    assert report.unmet.cells["kmr", "2026-11"] == 9
    assert report.requested.cells["ti", "2026-11"] is None
    assert report.requested.cells["ar", "2026-11"] is None, "else a sum would tell"
    assert report.requested.column_sums["2026-11"] is None
    assert report.requested_by_town.columns == ("Raunheim",)
    assert (report.first, report.last) == (date(2026, 11, 1), date(2026, 11, 30))


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")),
        st.tuples(st.integers(0, 12), st.integers(0, 12)),
        min_size=1,
    )
)
def test_no_small_cell_can_be_worked_out(cells: dict[tuple[str, str], tuple[int, int]]) -> None:
    """Also by whoever knows every sum: a line hides nothing, or two and more that are not few."""
    unmet = {cell: missed for cell, (missed, _) in cells.items()}
    found = {cell: met for cell, (_, met) in cells.items()}
    asked = {cell: missed + met for cell, (missed, met) in cells.items()}
    hidden = hidden_cells(asked, unmet, found)
    for layer in (asked, unmet, found):
        shown = table(layer, hidden, like=asked)
        counts = [value for value in shown.cells.values() if value]
        assert min(counts, default=SMALLEST) >= SMALLEST
        for axis in (0, 1):
            for name in {cell[axis] for cell in layer}:
                line = [cell for cell in layer if cell[axis] == name]
                inside = [cell for cell in line if cell in hidden]
                if inside and len(inside) < len(line):
                    assert len(inside) > 1
                    total = sum(layer[cell] for cell in inside)
                    assert total == 0 or total >= SMALLEST
