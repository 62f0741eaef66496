"""Coverage as pictures, the hours of a month as a file, hours to settle, colleagues' languages."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from aiogram import F, Router, html
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from bot.charts import bar_chart
from bot.colleagues import add_colleague, all_colleagues, remove_colleague
from bot.conversations import write_conversation
from bot.interpreting.coverage import SMALLEST, Table, coverage
from bot.interpreting.coverage_table import coverage_csv
from bot.interpreting.hours import hours_of_row, ledger, settle_hours, unsettled
from bot.interpreting.languages import named_languages, pool_languages
from bot.interpreting.spans import read_minutes
from bot.interpreting.tables import ledger_csv, ledger_xlsx
from bot.models import Assignment, Chat, Resident
from bot.office import Office
from bot.staff import Action, demand, note
from bot.texts import _, current_language, day, left_to_right, ngettext
from handlers.buttons import Keys
from handlers.dialogue import (
    Again,
    Choice,
    Dialogue,
    Outcome,
    Over,
    Question,
    Room,
    Step,
    Taken,
    begin,
    register,
)
from handlers.pool_names import language_in_both, language_label, length, when, which_language
from handlers.staff.desk import Desk
from handlers.staff.interpreting.desk import Pool, desk_keys
from handlers.volunteers.rules import read_phone

_MONTHS_SHOWN = 6
_MOST_BARS = 30
_MOST_ROWS = 10
_SHORTEST_NAME = 3
_PAGE = 15


# Coverage


async def see_coverage(query: CallbackQuery, office: Office) -> None:
    """Languages requested and not found: pictures and a list; small numbers stay hidden."""
    if not isinstance(query.message, Message):
        return
    today = office.today()
    first = (today.replace(day=1) - timedelta(days=31 * 11)).replace(day=1)
    async with office.sessions.begin() as session:
        report = await coverage(session, first, today)
    if not report.requested.rows and not report.requested_by_town.rows:
        await query.message.answer(_("There are no figures yet."), reply_markup=desk_keys())
        return
    note_ = _("Not shown: fewer than {count}, or a number that would reveal one.").format(
        count=SMALLEST
    )
    hidden = _("not shown")
    charts: list[tuple[str, list[tuple[str, float | None]]]] = [
        (_("Requested languages, 12 months"), _bars(report.requested, languages=True)),
        (_("Nobody found, 12 months"), _bars(report.unmet, languages=True)),
        (
            _("Requests by town, {year}").format(year=report.year),
            _column_bars(report.requested_by_town),
        ),
        (
            _("Nobody found by town, {year}").format(year=report.year),
            _column_bars(report.unmet_by_town),
        ),
    ]
    for title, rows in charts:
        if not rows:
            continue
        picture = await asyncio.to_thread(bar_chart, title, rows, hidden=hidden, note=note_)
        words = "; ".join(f"{name}: {hidden if n is None else f'{n:g}'}" for name, n in rows)
        await query.message.answer_photo(
            BufferedInputFile(picture, filename="coverage.png"),
            caption=html.bold(title) + "\n" + html.quote(words[:900]),
        )
    await query.message.answer_document(
        BufferedInputFile(coverage_csv(report), filename=f"dolmetsch-bericht-{today:%Y-%m}.csv"),
        caption=_("The same by month and by town, as a table.") + "\n" + note_,
        reply_markup=desk_keys(),
    )


def _bars(table: Table, *, languages: bool) -> list[tuple[str, float | None]]:
    rows = [(language_label(row) if languages else row, table.row_sums[row]) for row in table.rows]
    return _ordered(rows)


def _column_bars(table: Table) -> list[tuple[str, float | None]]:
    return _ordered([(column, table.column_sums[column]) for column in table.columns])


def _ordered(rows: Sequence[tuple[str, int | None]]) -> list[tuple[str, float | None]]:
    """The most first; hidden ones last, by name."""
    shown = [(name, count) for name, count in rows if count != 0]
    shown.sort(key=lambda row: (row[1] is None, -(row[1] or 0), row[0]))
    return [(name, None if n is None else float(n)) for name, n in shown][:_MOST_BARS]


# The ledger


async def choose_month(query: CallbackQuery, office: Office) -> None:
    """Which month."""
    if not isinstance(query.message, Message):
        return
    keys, month = Keys(), office.today().replace(day=1)
    for _number in range(_MONTHS_SHOWN):
        keys.row(
            (f"{month:%m/%Y} CSV", Pool(what="csv", item=month.year * 100 + month.month)),
            (f"{month:%m/%Y} Excel", Pool(what="xlsx", item=month.year * 100 + month.month)),
        )
        month = (month - timedelta(days=1)).replace(day=1)
    keys.row((_("Desk: interpreters"), Desk(screen="pool")))
    await query.message.answer(
        _("The hours of which month? The file holds names: please keep it safe."),
        reply_markup=keys.markup(),
    )


async def send_ledger(
    query: CallbackQuery, callback_data: Pool, office: Office, here: Chat
) -> None:
    """The appointments of a month as a file."""
    year, number = divmod(callback_data.item, 100)
    if not isinstance(query.message, Message) or not (2000 < year < 3000 and 1 <= number <= 12):
        return
    month = date(year, number, 1)
    async with office.sessions.begin() as session:
        rows = await ledger(session, month, office.now())
        await note(session, here, Action.EXPORT_LEDGER, f"{month:%Y-%m}", office.now())
    csv = callback_data.what == "csv"
    content = ledger_csv(rows) if csv else await asyncio.to_thread(ledger_xlsx, rows)
    name = f"dolmetsch-stunden-{month:%Y-%m}.{'csv' if csv else 'xlsx'}"
    await query.message.answer_document(
        BufferedInputFile(content, filename=name),
        caption=ngettext("{count} appointment", "{count} appointments", len(rows)).format(
            count=len(rows)
        ),
        reply_markup=desk_keys(),
    )


# Hours to settle


async def see_hours(query: CallbackQuery, office: Office) -> None:
    """Appointments whose hours differ or wait."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        rows = await unsettled(session, office.now())
    lines, keys = [html.bold(_("Hours to settle"))], Keys()
    for row in rows[:_MOST_ROWS]:
        lines.append(f"• {_hours_line(row)}")
        label = f"{row.volunteer_name}, {day(row.starts_at.date())}"
        keys.row((label, Pool(what="settle", item=row.id)))
    if not rows:
        lines.append(_("Nothing waits."))
    keys.row((_("Desk: interpreters"), Desk(screen="pool")))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


def _hours_line(row: Assignment) -> str:
    hours = hours_of_row(row)

    def told(minutes: int | None) -> str:
        return _("nothing yet") if minutes is None else length(minutes)

    return _("{name}, {when}: planned {planned}, interpreter {theirs}, institution {ours}").format(
        name=html.quote(row.volunteer_name),
        when=when(row.starts_at),
        planned=length(row.planned_minutes),
        theirs=told(hours.volunteer_minutes),
        ours=told(hours.institution_minutes),
    )


async def ask_settle(
    query: CallbackQuery,
    callback_data: Pool,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """Staff decide the hours."""
    if isinstance(query.message, Message):
        answers = {"row": callback_data.item}
        await begin(SETTLE, query.message, room, state, resident, answers)


async def _ask_settled(room: Room) -> Question:
    async with room.office.sessions.begin() as session:
        rows = await unsettled(session, room.office.now())
    row = next((each for each in rows if each.id == room.answers["row"]), None)
    if row is None:
        return Question(_("These hours are settled already."))
    told = [row.volunteer_minutes, row.institution_minutes, row.planned_minutes]
    return Question(
        _hours_line(row) + "\n" + _("Which duration counts? Choose, or write it like 1:30."),
        [Choice(length(n), str(n)) for n in dict.fromkeys(told) if n is not None],
    )


async def _read_settled(room: Room, text: str) -> Outcome:
    minutes = read_minutes(text, current_language())
    return await _settle(room, minutes) if minutes is not None else None


async def _choose_settled(room: Room, value: str) -> Outcome:
    return await _settle(room, int(value)) if value.isdigit() and len(value) <= 4 else None


async def _settle(room: Room, minutes: int) -> Outcome:
    now = room.office.now()
    async with room.office.sessions.begin() as session:
        await settle_hours(session, int(room.answers["row"]), minutes, now, room.here)
        await write_conversation(session, room.here, now, state=None, data={})
    return Over(_("Settled: {length}.").format(length=length(minutes)), desk_keys(), kept=True)


async def _may_settle(session: Any, here: Chat) -> None:
    await demand(session, here, Action.STEP_IN)


SETTLE = register(
    Dialogue(
        "settle",
        (Step("minutes", _ask_settled, read=_read_settled, choose=_choose_settled, numbers=True),),
        admit=_may_settle,
    )
)
"""Which hours count where the two sides differ."""


# Colleagues' languages


async def see_colleagues(query: CallbackQuery, callback_data: Pool, office: Office) -> None:
    """The list that is named when nobody was found, a page at a time."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        everybody = await all_colleagues(session)
    lines = [
        html.bold(_("Colleagues' languages (Sprachvielfalt im Haus)")),
        _("The institution reads these names when nobody of the pool was found."),
    ]
    keys = Keys().row((_("Add somebody"), Pool(what="addcolleague")))
    first = callback_data.item * _PAGE
    for colleague in everybody[first : first + _PAGE]:
        lines.append(
            f"• {html.quote(language_label(colleague.language))}: "
            f"{html.quote(colleague.colleague)}, {left_to_right(html.quote(colleague.phone))} "
            f"({day(colleague.checked_on)})"
        )
        label = _("Remove: {name}").format(
            name=f"{colleague.colleague}, {language_label(colleague.language)}"
        )
        keys.row((label, Pool(what="nocolleague", item=colleague.id)))
    if len(everybody) > first + _PAGE:
        keys.row((_("More"), Pool(what="colleagues", item=callback_data.item + 1)))
    keys.row((_("Desk: interpreters"), Desk(screen="pool")))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


async def take_off(query: CallbackQuery, callback_data: Pool, office: Office, here: Chat) -> None:
    """Take somebody off the list."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await remove_colleague(session, here, callback_data.item, office.now())
    await query.message.answer(_("Removed."), reply_markup=desk_keys())


async def add(
    query: CallbackQuery,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """Put somebody on the list."""
    if isinstance(query.message, Message):
        await begin(COLLEAGUE, query.message, room, state, resident)


async def _ask_language(room: Room) -> Question:
    return Question(_("Which language does the colleague speak?"))


async def _read_language(room: Room, text: str) -> Outcome:
    named = named_languages(text)
    if named.sure:
        return Taken(named.codes[0])
    if not named.codes:
        return None
    return Again(
        Question(
            which_language(named),
            [Choice(language_in_both(code), code) for code in named.codes],
        )
    )


async def _choose_language(room: Room, value: str) -> Outcome:
    return Taken(value) if value in pool_languages() else None


async def _ask_name(room: Room) -> Question:
    return Question(_("Name and department. The colleague has to agree to be on this list."))


async def _read_name(room: Room, text: str) -> Outcome:
    return Taken(text[:160]) if len(text) >= _SHORTEST_NAME else None


async def _ask_phone(room: Room) -> Question:
    return Question(_("On which phone number at work?"))


async def _read_phone(room: Room, text: str) -> Outcome:
    taken = await read_phone(room, text)
    if not isinstance(taken, Taken):
        return taken
    now, told = room.office.now(), room.answers
    async with room.office.sessions.begin() as session:
        await add_colleague(session, room.here, told["language"], told["name"], text, now)
        await write_conversation(session, room.here, now, state=None, data={})
    return Over(_("Saved."), desk_keys(), kept=True)


async def _may_keep(session: Any, here: Chat) -> None:
    await demand(session, here, Action.KEEP_COLLEAGUES)


COLLEAGUE = register(
    Dialogue(
        "colleague",
        (
            Step("language", _ask_language, read=_read_language, choose=_choose_language),
            Step("name", _ask_name, read=_read_name),
            Step("phone", _ask_phone, read=_read_phone, numbers=True),
        ),
        admit=_may_keep,
    )
)
"""A colleague for the list of the house."""


def build_pool_figures_router() -> Router:
    """Every door names its action; the lock checks it."""
    router = Router(name="pool figures")
    doors: tuple[tuple[str, Any, Action], ...] = (
        ("coverage", see_coverage, Action.SEE_COVERAGE),
        ("ledger", choose_month, Action.EXPORT_LEDGER),
        ("csv", send_ledger, Action.EXPORT_LEDGER),
        ("xlsx", send_ledger, Action.EXPORT_LEDGER),
        ("hours", see_hours, Action.STEP_IN),
        ("settle", ask_settle, Action.STEP_IN),
        ("colleagues", see_colleagues, Action.KEEP_COLLEAGUES),
        ("addcolleague", add, Action.KEEP_COLLEAGUES),
        ("nocolleague", take_off, Action.KEEP_COLLEAGUES),
    )
    for what, handler, action in doors:
        router.callback_query.register(
            handler, Pool.filter(F.what == what), flags={"action": action}
        )
    return router
