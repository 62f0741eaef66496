"""After the appointment: both sides confirm how long it took, with one tap or in own words."""

from aiogram import F, Router, html
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.conversations import write_conversation
from bot.interpreting.hours import HoursState, confirm_hours
from bot.interpreting.requests import (
    request_summary,
)
from bot.interpreting.spans import read_minutes
from bot.interpreting.wishes import LONGEST
from bot.models import Chat, Resident
from bot.office import Office
from bot.texts import _, current_language
from handlers.buttons import Go, Keys, drop_keys
from handlers.dialogue import (
    Again,
    Choice,
    Dialogue,
    Outcome,
    Over,
    Question,
    Room,
    Step,
    begin,
    register,
)
from handlers.interpreting.appointments import Asked, minutes_of
from handlers.pool_names import (
    length,
    request_line,
)


class HoursOf(CallbackData, prefix="hours"):
    """How long an appointment took, as either side confirms it; -1: write another length."""

    request: int
    minutes: int


def hours_keys(request_id: int, planned: int) -> InlineKeyboardMarkup:
    """One tap for the planned length; another length can be written."""
    return (
        Keys()
        .row(
            (
                _("It took {length}").format(length=length(planned)),
                HoursOf(request=request_id, minutes=planned),
            )
        )
        .row((_("It took longer or shorter"), HoursOf(request=request_id, minutes=-1)))
        .markup()
    )


async def ask_hours(query: CallbackQuery, callback_data: Asked, office: Office, here: Chat) -> None:
    """The institution confirms the hours from its list."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        summary = await request_summary(session, here, callback_data.request)
    await query.message.answer(
        request_line(summary.request) + "\n" + _("How long did it take?"),
        reply_markup=hours_keys(summary.request.id, minutes_of(summary.request)),
    )


async def take_hours(
    query: CallbackQuery,
    callback_data: HoursOf,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """Hours with one tap, or the question how long it was."""
    if not isinstance(query.message, Message):
        return
    if callback_data.minutes < 0:
        answers = {"request": callback_data.request}
        await begin(HOURS, query.message, room, state, resident, answers)
        return
    async with room.office.sessions.begin() as session:
        hours = await confirm_hours(
            session, room.here, callback_data.request, callback_data.minutes, room.office.now()
        )
    await drop_keys(query.message)
    await query.message.answer(hours_words(hours.state, callback_data.minutes))


def hours_words(state: HoursState, minutes: int) -> str:
    """What became of the hours."""
    return {
        HoursState.AGREED: _("Thank you. Both sides agree: {length}."),
        HoursState.WAITING: _("Thank you: {length}. The other side is asked, too."),
        HoursState.DIFFERENT: _(
            "Thank you: {length}. The other side wrote something else. The office looks at it."
        ),
    }[state].format(length=length(minutes))


async def _ask_took(room: Room) -> Question:
    return Question(
        _("How long did it take? Write it like {example}.").format(example=html.code("1:30"))
    )


async def _read_took(room: Room, text: str) -> Outcome:
    minutes = read_minutes(text, current_language())
    if minutes is None:
        return None
    if minutes > 2 * LONGEST:
        return Again(Question(_("That is too long. Please write it again:")))
    return Again(
        Question(
            _("It took {length}. Is that right?").format(length=html.bold(length(minutes))),
            [Choice(_("Yes"), str(minutes))],
        )
    )


async def _choose_took(room: Room, value: str) -> Outcome:
    if not value.isdigit() or len(value) > 4:
        return None
    now = room.office.now()
    async with room.office.sessions.begin() as session:
        hours = await confirm_hours(
            session, room.here, int(room.answers["request"]), int(value), now
        )
        await write_conversation(session, room.here, now, state=None, data={})
    return Over(
        hours_words(hours.state, int(value)),
        Keys().row((_("Interpreter"), Go(screen="interpreter"))).markup(),
        kept=True,
    )


HOURS = register(
    Dialogue(
        "hours", (Step("took", _ask_took, read=_read_took, choose=_choose_took, numbers=True),)
    )
)
"""Writing how long an appointment took."""


def build_hours_router() -> Router:
    """Hours of either side. The action checks by itself who may."""
    router = Router(name="hours")
    router.callback_query.register(ask_hours, Asked.filter(F.what == "hours"))
    router.callback_query.register(take_hours, HoursOf.filter())
    return router
