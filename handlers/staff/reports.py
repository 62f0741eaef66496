"""What case workers see in the chat: states, days and tasks of cases. Never what they are about."""

from collections.abc import Iterator

from aiogram import F, Router, html
from aiogram.types import CallbackQuery, Message

from bot.models import Chat
from bot.office import Office
from bot.reports.cases import CaseLine, case_lines
from bot.reports.process import CLOSED, guide
from bot.staff import Action, may, note, roles_of
from bot.switches import Module, switch_off, switch_on, switched_off
from bot.texts import OFFICE_LANGUAGE, _, day, gettext_in, ngettext
from handlers.buttons import Keys
from handlers.reports.door import PAUSED
from handlers.staff.desk import Desk

_MOST_CASES = 20


async def see_cases(query: CallbackQuery, office: Office, here: Chat) -> None:
    """Open cases with their state and the next day that counts."""
    if isinstance(query.message, Message):
        await show_cases(query.message, office, here)


async def show_cases(message: Message, office: Office, here: Chat, said: str = "") -> None:
    """The list, and the button that pauses new reports."""
    async with office.sessions.begin() as session:
        lines = await case_lines(session)
        off = (await switched_off(session)).get(Module.REPORTS)
        pauses = may(await roles_of(session, here), Action.PAUSE_REPORTS)
    opened = [line for line in lines if line.state != CLOSED]
    parts = [said] if said else []
    parts.append(html.bold(_("Cases of reports")))
    count = ngettext("{count} open case", "{count} open cases", len(opened))
    parts.append(count.format(count=len(opened)))
    parts += [case_words(line) for line in opened[:_MOST_CASES]]
    if len(opened) > _MOST_CASES:
        parts.append(_("More cases: python bot.py cases list"))
    parts.append(
        _("What a report says can only be read on your own computer: python bot.py cases pull")
    )
    if not office.reporting.ready:
        parts.append(_("No public key of a case worker is set: no reports can be taken."))
    keys = Keys()
    if off is None and pauses:
        keys.row((_("Pause new reports"), Desk(screen="pause-reports")))
    elif off is not None and pauses:
        parts.append(_("New reports are paused. Reason: {reason}").format(reason=html.quote(off)))
        keys.row((_("Take new reports again"), Desk(screen="resume-reports")))
    keys.row((_("Desk"), Desk(screen="open")))
    await message.answer("\n\n".join(parts), reply_markup=keys.markup())


def case_words(line: CaseLine) -> str:
    """One case: its number drawn by lot, week, state, and what is due."""
    return "\n".join(_case_parts(line))


def _case_parts(line: CaseLine) -> Iterator[str]:
    state = guide().states.get(line.state)
    head = _("{case}, week {week}: {state}").format(
        case=html.code(line.id), week=line.week, state=html.quote(state.name if state else "")
    )
    urgent = html.bold(_("Urgent"))
    yield f"{urgent}: {head}" if line.urgent else head
    if line.worker is not None:
        yield _("Number {number} works on it").format(number=line.worker)
    if line.closing is not None:
        yield _("Number {number} wants to close it: a second person must agree").format(
            number=line.closing
        )
    if line.unread:
        yield ngettext(
            "{count} new message of the reporter",
            "{count} new messages of the reporter",
            line.unread,
        ).format(count=line.unread)
    for task in line.tasks:
        known = guide().task(task.task)
        if task.done_on is None and known is not None:
            yield _("To do until {day}: {task}").format(
                day=day(task.due_on), task=html.quote(known.name)
            )


async def pause(query: CallbackQuery, office: Office, here: Chat) -> None:
    """No new reports for a while: floods, holidays. The other ways are named, mailboxes stay."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        reason = gettext_in(OFFICE_LANGUAGE, PAUSED)
        await switch_off(session, Module.REPORTS, reason, office.now())
        await note(session, here, Action.PAUSE_REPORTS, "paused", office.now())
    await show_cases(query.message, office, here, _("New reports are paused."))


async def resume(query: CallbackQuery, office: Office, here: Chat) -> None:
    """Reports are taken again."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await switch_on(session, Module.REPORTS)
        await note(session, here, Action.PAUSE_REPORTS, "taken again", office.now())
    await show_cases(query.message, office, here, _("New reports are taken again."))


def build_case_router() -> Router:
    """Every door names its action; the lock checks it."""
    router = Router(name="cases")
    for screen, handler, action in (
        ("cases", see_cases, Action.SEE_CASES),
        ("pause-reports", pause, Action.PAUSE_REPORTS),
        ("resume-reports", resume, Action.PAUSE_REPORTS),
    ):
        router.callback_query.register(
            handler, Desk.filter(F.screen == screen), flags={"action": action}
        )
    return router
