"""A calendar feed's file: first what would happen, row by row; then it happens."""

from collections import Counter
from collections.abc import Sequence

from aiogram import Bot, F, Router, html
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.errors import CalendarNotReadable
from bot.events.calendar import Row
from bot.events.importing import Imported, import_rows
from bot.models import Chat
from bot.office import Office
from bot.staff import Action, note
from bot.texts import _, ngettext
from handlers.buttons import Keys
from handlers.cards import fitting
from handlers.events.cards import day_words
from handlers.staff.desk import Desk
from handlers.staff.events.desk import EventDesk, told_words
from handlers.staff.events.files import read_calendar_file, read_files


class Importing(StatesGroup):
    """The dialogue that takes a calendar file and shows what would happen."""

    file = State()
    sure = State()


def fault_words(fault: str) -> str:
    """Why a row cannot be taken, in words."""
    return {
        "broken": _("cannot be read"),
        "no title": _("has no title"),
        "no date": _("has no date"),
        "date": _("has a date that cannot be right"),
        "rule": _("repeats in a way that I do not know"),
        "single date": _("changes one date of a series; please do this by hand"),
        "twice": _("is in the file twice"),
        "cancelled": _("is cancelled in the file"),
    }[fault]


def note_words(remark: str) -> str:
    """What should be looked at in a row, in words."""
    return {
        "title cut": _("title was too long"),
        "text cut": _("text was too long"),
        "place cut": _("place was too long"),
        "no topic": _("topic is missing"),
        "no text": _("text is missing"),
    }[remark]


async def ask_file(query: CallbackQuery, state: FSMContext) -> None:
    """Ask for the file."""
    if isinstance(query.message, Message):
        await state.set_state(Importing.file)
        await state.set_data({})
        await query.message.answer(
            _("Please send the calendar file (.ics). I first show what would happen."),
            reply_markup=Keys().row((_("Events"), Desk(screen="events"))).markup(),
        )


async def take_file(message: Message, bot: Bot, office: Office, state: FSMContext) -> None:
    """Show what the file would change; nothing happens yet."""
    if message.document is None:
        await message.answer(_("Please send the calendar file (.ics)."))
        return
    rows = await read_files(bot, message)
    await report_rows(message, office, state, rows, message.document.file_id)


async def report_rows(
    message: Message, office: Office, state: FSMContext, rows: Sequence[Row], file_id: str
) -> None:
    """The dry run, row by row, and the button that does it."""
    async with office.sessions.begin() as session:
        done = await import_rows(session, rows, office.now(), dry_run=True)
    usable = any(one.outcome in ("new", "changed") for one in done)
    keys = Keys()
    if usable:
        await state.set_state(Importing.sure)
        await state.set_data({"file": file_id})
        keys.row((_("Import it"), EventDesk(what="do-import")))
    keys.row((_("Do not import"), Desk(screen="events")))
    ending = counted(done) + " " + _("Nothing has happened yet.")
    await message.answer(fitting(lines_of(done), ending), reply_markup=keys.markup())


def lines_of(done: Sequence[Imported]) -> list[str]:
    """Each row with what becomes of it."""
    lines = []
    for one in done:
        row = one.row
        what = {"new": _("new"), "changed": _("changes"), "same": _("stays as it is")}.get(
            one.outcome, ""
        )
        if row.fault is not None:
            what = _("left out: {reason}").format(reason=fault_words(row.fault))
        if row.draft is not None and row.draft.starts_at is not None:
            what = f"{day_words(row.draft.starts_at)}; {what}"
        remarks = "; ".join(note_words(remark) for remark in row.notes)
        line = f"{row.number}. {html.bold(html.quote(row.title or '–'))}: {what}"
        lines.append(f"{line} ({remarks})" if remarks and row.fault is None else line)
    return lines


def counted(done: Sequence[Imported]) -> str:
    """How many rows are new, changed, the same and left out."""
    counts = Counter(one.outcome for one in done)
    return _("{new} new, {changed} changed, {same} the same, {fault} left out.").format(
        new=counts["new"], changed=counts["changed"], same=counts["same"], fault=counts["fault"]
    )


async def do_import(
    query: CallbackQuery, bot: Bot, office: Office, here: Chat, state: FSMContext
) -> None:
    """Take the file over, all of it or, with an error, nothing."""
    if not isinstance(query.message, Message):
        return
    file_id = (await state.get_data()).get("file")
    if not isinstance(file_id, str):
        raise CalendarNotReadable
    rows = await read_calendar_file(bot, file_id)
    await state.clear()
    async with office.sessions.begin() as session:
        done = await import_rows(session, rows, office.now(), dry_run=False)
        await note(session, here, Action.EDIT_EVENTS, "import events", office.now())
    told = sum(one.told for one in done)
    lines = [counted(done)]
    fresh = sum(one.outcome == "new" for one in done)
    if fresh:
        lines.append(
            ngettext(
                "{count} new event is a draft. Look at it and show it to everybody.",
                "{count} new events are drafts. Look at them and show them to everybody.",
                fresh,
            ).format(count=fresh)
        )
    if told:
        lines.append(told_words(told))
    await query.message.answer(
        "\n".join(lines),
        reply_markup=Keys().row((_("Events"), Desk(screen="events"))).markup(),
    )


def register_importing(router: Router) -> None:
    """The dialogue that takes a calendar file."""
    editing = {"action": Action.EDIT_EVENTS}
    router.callback_query.register(ask_file, EventDesk.filter(F.what == "import"), flags=editing)
    router.callback_query.register(
        do_import, EventDesk.filter(F.what == "do-import"), flags=editing
    )
    router.message.register(take_file, StateFilter(Importing.file), flags=editing)
