"""Pausing until a day, or until further notice after /stop; and going on."""

from datetime import date, timedelta

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.conversations import write_conversation
from bot.interpreting.moments import read_moment
from bot.interpreting.seats import my_seats
from bot.models import Chat, Resident, Volunteer
from bot.office import Office
from bot.texts import HOUSE_TIME, _, current_language, day
from bot.volunteers import (
    demand_volunteer,
    find_volunteer,
    pause,
)
from handlers.buttons import Go, Keys
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

UNTIL_FURTHER_NOTICE = date(9999, 12, 31)
"""A pause without an end: after /stop."""


class Mine(CallbackData, prefix="mine"):
    """Something of one's own page: data, change, pause, on, appointments, requests, leave."""

    what: str


def back_keys() -> InlineKeyboardMarkup:
    """The way back to one's own page."""
    return Keys().row((_("My page"), Go(screen="volunteer"))).markup()


def is_paused(volunteer: Volunteer, today: date) -> bool:
    """Whether nothing is asked at the moment."""
    return volunteer.paused_until is not None and volunteer.paused_until > today


def paused_line(volunteer: Volunteer) -> str:
    """Until when nothing is asked."""
    if volunteer.paused_until == UNTIL_FURTHER_NOTICE:
        return _("You get no requests: you pause until you end the pause.")
    return _("You get no requests before {day}: you pause.").format(
        day=day(volunteer.paused_until or UNTIL_FURTHER_NOTICE)
    )


async def _ask_pause(room: Room) -> Question:
    today = room.office.today()
    return Question(
        _("Until when shall I send you no requests? Choose, or write a day:"),
        [
            Choice(_("one week"), f"{today + timedelta(weeks=1):%Y%m%d}"),
            Choice(_("two weeks"), f"{today + timedelta(weeks=2):%Y%m%d}"),
            Choice(_("one month"), f"{today + timedelta(days=30):%Y%m%d}"),
            Choice(_("until I end the pause"), f"{UNTIL_FURTHER_NOTICE:%Y%m%d}"),
        ],
    )


def day_of_pause(text: str, office: Office) -> date | Again | None:
    """The day that somebody wrote: one, a choice of several, or none."""
    meant = read_moment(text, current_language(), office.now())
    days = list(meant.days) or [m.astimezone(HOUSE_TIME).date() for m in meant.moments]
    ahead = list(dict.fromkeys(found for found in days if found > office.today()))
    if len(ahead) > 1:
        return Again(
            Question(
                _("Which day do you mean?"),
                [Choice(day(found), f"{found:%Y%m%d}") for found in ahead],
            )
        )
    return ahead[0] if ahead else None


async def _read_pause(room: Room, text: str) -> Outcome:
    found = day_of_pause(text, room.office)
    if isinstance(found, date):
        return await _pause(room, found)
    return found


async def _choose_pause(room: Room, value: str) -> Outcome:
    if len(value) != 8 or not value.isdigit():
        return None
    try:
        found = date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return None
    return await _pause(room, found) if found > room.office.today() else None


async def _pause(room: Room, until: date) -> Outcome:
    now = room.office.now()
    async with room.office.sessions.begin() as session:
        await pause(session, room.here, until, now)
        volunteer = await demand_volunteer(session, room.here)
        seats = await my_seats(session, room.here, now)
        await write_conversation(session, room.here, now, state=None, data={})
    return Over(paused_line(volunteer) + _still_yours(len(seats)), back_keys(), kept=True)


def _still_yours(seats: int) -> str:
    if not seats:
        return ""
    return " " + _("Your appointments stay: {count}. I remind you of them.").format(count=seats)


PAUSE = register(
    Dialogue(
        "pause",
        (Step("until", _ask_pause, read=_read_pause, choose=_choose_pause),),
        admit=demand_volunteer,
    )
)
"""How long to pause."""


async def pause_command(
    message: Message,
    command: CommandObject,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """``/pause``, alone or with a day: ``/pause 1.2.2027``."""
    async with room.office.sessions.begin() as session:
        await demand_volunteer(session, room.here)
    found = day_of_pause(command.args, room.office) if command.args else None
    if isinstance(found, date):
        async with room.office.sessions.begin() as session:
            await pause(session, room.here, found, room.office.now())
            volunteer = await demand_volunteer(session, room.here)
        await message.answer(paused_line(volunteer), reply_markup=back_keys())
        return
    await begin(PAUSE, message, room, state, resident)


async def ask_pause(
    query: CallbackQuery,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """The button for a pause."""
    if isinstance(query.message, Message):
        await begin(PAUSE, query.message, room, state, resident)


async def end_pause(query: CallbackQuery, office: Office, here: Chat) -> None:
    """Requests may come again."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await pause(session, here, None, office.now())
    await query.message.answer(_("Welcome back! You get requests again."), reply_markup=back_keys())


async def stop_asking(office: Office, here: Chat) -> str:
    """After /stop nobody is asked any more; what that means for appointments, if there are any."""
    async with office.sessions.begin() as session:
        volunteer = await find_volunteer(session, here)
        if volunteer is None:
            return ""
        await pause(session, here, UNTIL_FURTHER_NOTICE, office.now())
        seats = await my_seats(session, here, office.now())
    text = _("You get no requests of the Dolmetsch-Pool until you end the pause: /interpreter")
    if seats:
        text += "\n" + _("Appointments to come: {count}. I only write to you about these.").format(
            count=len(seats)
        )
    return text


def build_pausing_router() -> Router:
    """``/pause`` and its buttons."""
    router = Router(name="pausing")
    router.message.register(pause_command, Command("pause"))
    router.callback_query.register(ask_pause, Mine.filter(F.what == "pause"))
    router.callback_query.register(end_pause, Mine.filter(F.what == "on"))
    return router
