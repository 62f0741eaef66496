"""A volunteer's own page: requests that wait, appointments, pausing, quiet hours, leaving."""

from datetime import date, timedelta
from typing import Any

from aiogram import Bot, F, Router, html
from aiogram.filters import Command, CommandObject
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.channels import Channel
from bot.conversations import write_conversation
from bot.interpreting.forgetting import erase_volunteer
from bot.interpreting.moments import read_moment
from bot.interpreting.offers import my_offers
from bot.interpreting.seats import Held, my_seats, withdraw
from bot.interpreting.wishes import Seat
from bot.models import Chat, Resident, Volunteer
from bot.office import Office
from bot.texts import HOUSE_TIME, _, current_language, day
from bot.volunteers import (
    VolunteerState,
    demand_volunteer,
    find_volunteer,
    languages_of,
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
from handlers.interpreting.appointments import Asked
from handlers.menu import menu_keys
from handlers.pool_names import (
    mode_name,
    request_line,
    volunteer_state_name,
    when,
)
from handlers.volunteers.applying import APPLY, CHANGE, answers_of, described
from handlers.volunteers.offers import offer_keys, offer_of_request

UNTIL_FURTHER_NOTICE = date(9999, 12, 31)
"""A pause without an end: after /stop."""


class Mine(CallbackData, prefix="mine"):
    """Something of one's own page: data, change, pause, on, appointments, requests, leave."""

    what: str


def page_keys(volunteer: Volunteer, today: date) -> InlineKeyboardMarkup:
    """What a volunteer can do."""
    keys = (
        Keys()
        .row((_("Requests that wait for me"), Mine(what="requests")))
        .row((_("My appointments"), Mine(what="seats")))
        .row((_("My data: see and change"), Mine(what="data")))
    )
    if is_paused(volunteer, today):
        keys.row((_("End the pause"), Mine(what="on")))
    else:
        keys.row((_("Pause"), Mine(what="pause")))
    return (
        keys.row((_("Leave the pool"), Mine(what="leave")))
        .row((_("Menu"), Go(screen="menu")))
        .markup()
    )


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


async def show_page(message: Message, office: Office, here: Chat) -> None:
    """The page of somebody who interprets. Raises ``NotVolunteer``."""
    async with office.sessions.begin() as session:
        volunteer = await demand_volunteer(session, here)
        offers = await my_offers(session, here, office.now())
        seats = await my_seats(session, here, office.now())
    lines = [
        html.bold(_("You interpret for the Dolmetsch-Pool")),
        _("State: {state}").format(state=volunteer_state_name(volunteer.state)),
    ]
    if volunteer.state == VolunteerState.APPROVED and volunteer.certified_until is not None:
        lines.append(
            _("Your certificate is valid until {day}.").format(day=day(volunteer.certified_until))
        )
    if is_paused(volunteer, office.today()):
        lines.append(paused_line(volunteer))
    lines.append(_("Requests that wait for you: {count}").format(count=len(offers)))
    lines.append(_("Appointments to come: {count}").format(count=len(seats)))
    await message.answer("\n".join(lines), reply_markup=page_keys(volunteer, office.today()))


async def see_requests(query: CallbackQuery, office: Office, here: Chat) -> None:
    """Every open offer again, each with its buttons."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        offers = await my_offers(session, here, office.now())
    if not offers:
        await query.message.answer(_("No request waits for you now."), reply_markup=back_keys())
    for offered in offers:
        await query.message.answer(
            offer_of_request(offered), reply_markup=offer_keys(offered.offer.id)
        )


def back_keys() -> InlineKeyboardMarkup:
    """The way back to one's own page."""
    return Keys().row((_("My page"), Go(screen="volunteer"))).markup()


async def see_seats(query: CallbackQuery, office: Office, here: Chat) -> None:
    """Appointments to come."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        seats = await my_seats(session, here, office.now())
    if not seats:
        await query.message.answer(_("You have no appointments."), reply_markup=back_keys())
        return
    lines, keys = [html.bold(_("Your appointments"))], Keys()
    for number, held in enumerate(seats, start=1):
        lines.append(f"{number}. {seat_line(held)}")
        label = f"{_('Details')}: {when(held.request.starts_at)}"
        keys.row((label, Asked(what="details", request=held.request.id)))
        keys.row(
            (
                _("I cannot come: {when}").format(when=when(held.request.starts_at)),
                Asked(what="left", request=held.request.id),
            )
        )
    keys.row((_("My page"), Go(screen="volunteer")))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


def seat_line(held: Held) -> str:
    """An appointment in one line."""
    line = f"{request_line(held.request)}, {mode_name(held.request.mode)}"
    return f"{line} ({_('you stand by')})" if held.seat is Seat.STANDBY else line


async def ask_leave_seat(query: CallbackQuery, callback_data: Asked) -> None:
    """Ask once more before a seat is given back."""
    if not isinstance(query.message, Message):
        return
    await query.message.answer(
        _(
            "You cannot come? You need not say why. I look for somebody else at once. "
            "Is it today? Then please also call the institution."
        ),
        reply_markup=Keys()
        .row((_("Yes, I cannot come"), Asked(what="left!", request=callback_data.request)))
        .row((_("No, I come"), Go(screen="volunteer")))
        .markup(),
    )


async def leave_seat(
    query: CallbackQuery, callback_data: Asked, office: Office, here: Chat
) -> None:
    """The seat is free; the standby moves up or the search begins again."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await withdraw(session, here, callback_data.request, office.now())
    await query.message.answer(
        _("Thank you for telling me. I look for somebody else. The institution is told."),
        reply_markup=back_keys(),
    )


async def see_data(query: CallbackQuery, office: Office, here: Chat) -> None:
    """What is kept, and ways to change it."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        volunteer = await demand_volunteer(session, here)
        answers = answers_of(volunteer, await languages_of(session, volunteer.id))
    await query.message.answer(
        html.bold(_("Your data in the pool")) + "\n\n" + described(answers),
        reply_markup=Keys()
        .row((_("Change something"), Mine(what="change")))
        .row((_("My page"), Go(screen="volunteer")))
        .markup(),
    )


async def change(
    query: CallbackQuery,
    bot: Bot,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """Begin the dialogue with everything that is known."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        volunteer = await demand_volunteer(session, here)
        answers = answers_of(volunteer, await languages_of(session, volunteer.id))
    room = Room(office, here, channel, language, bot)
    await begin(CHANGE, query.message, room, state, resident, answers)


# Pausing


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
    bot: Bot,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """``/pause``, alone or with a day: ``/pause 1.2.2027``."""
    room = Room(office, here, channel, language, bot)
    async with office.sessions.begin() as session:
        await demand_volunteer(session, here)
    found = day_of_pause(command.args, office) if command.args else None
    if isinstance(found, date):
        async with office.sessions.begin() as session:
            await pause(session, here, found, office.now())
            volunteer = await demand_volunteer(session, here)
        await message.answer(paused_line(volunteer), reply_markup=back_keys())
        return
    await begin(PAUSE, message, room, state, resident)


async def ask_pause(
    query: CallbackQuery,
    bot: Bot,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """The button for a pause."""
    if isinstance(query.message, Message):
        room = Room(office, here, channel, language, bot)
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
        text += "\n" + _(
            "You still have {count} appointments. I only write to you about these."
        ).format(count=len(seats))
    return text


# Leaving


async def ask_leave(query: CallbackQuery) -> None:
    """Ask once more before somebody leaves the pool."""
    if not isinstance(query.message, Message):
        return
    await query.message.answer(
        _(
            "Do you want to leave the pool? I delete your data. For your appointments I look for "
            "somebody else. The hours that you have worked stay in the office's list, because the "
            "law says so."
        ),
        reply_markup=Keys()
        .row((_("Yes, leave the pool"), Mine(what="leave!")))
        .row((_("No"), Go(screen="volunteer")))
        .markup(),
    )


async def leave(query: CallbackQuery, office: Office, here: Chat, state: FSMContext) -> None:
    """The volunteer is gone; thank you."""
    if not isinstance(query.message, Message):
        return
    await state.clear()
    async with office.sessions.begin() as session:
        await demand_volunteer(session, here)
        await erase_volunteer(session, here)
    await query.message.answer(
        _("You have left the pool. Your data is deleted. Thank you for your help!"),
        reply_markup=menu_keys(),
    )


async def apply(
    query: CallbackQuery,
    bot: Bot,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """Begin to apply, where the bot can write by itself."""
    if not isinstance(query.message, Message):
        return
    await begin_applying(query.message, Room(office, here, channel, language, bot), state, resident)


async def begin_applying(
    message: Message, room: Room, state: FSMContext, resident: Resident | None
) -> None:
    """Begin to apply; who did so before sees their page; the chat page leads to Telegram."""
    if not room.channel.can_push:
        await message.answer(no_push(), reply_markup=menu_keys())
        return
    async with room.office.sessions.begin() as session:
        known = await find_volunteer(session, room.here)
    if known is not None:
        await show_page(message, room.office, room.here)
        return
    await begin(APPLY, message, room, state, resident)


def no_push() -> str:
    """Why interpreters cannot apply on the chat page."""
    return _(
        "Interpreters get requests as messages. This page cannot write to you when it is closed. "
        "Please apply on Telegram, or call the office."
    )


def build_page_router() -> Router:
    """A volunteer's page. Every action checks by itself who may."""
    router = Router(name="volunteer page")
    router.message.register(pause_command, Command("pause"))
    handlers: dict[str, Any] = {
        "requests": see_requests,
        "seats": see_seats,
        "data": see_data,
        "change": change,
        "pause": ask_pause,
        "on": end_pause,
        "leave": ask_leave,
        "leave!": leave,
    }
    for what, handler in handlers.items():
        router.callback_query.register(handler, Mine.filter(F.what == what))
    router.callback_query.register(ask_leave_seat, Asked.filter(F.what == "left"))
    router.callback_query.register(leave_seat, Asked.filter(F.what == "left!"))
    router.callback_query.register(apply, Go.filter(F.screen == "apply"))
    return router
