"""A volunteer's own page: requests that wait, appointments, pausing, quiet hours, leaving."""

from datetime import date
from typing import Any

from aiogram import F, Router, html
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.interpreting.forgetting import erase_volunteer
from bot.interpreting.offers import my_offers
from bot.interpreting.seats import Held, my_seats, withdraw
from bot.interpreting.wishes import Seat
from bot.models import Chat, Resident, Volunteer
from bot.office import Office
from bot.texts import _, day
from bot.volunteers import (
    VolunteerState,
    demand_volunteer,
    find_volunteer,
    languages_of,
)
from handlers.buttons import Go, Keys
from handlers.dialogue import (
    Room,
    begin,
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
from handlers.volunteers.pausing import Mine, back_keys, is_paused, paused_line


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
        label = _("Details: {when}").format(when=when(held.request.starts_at))
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
    standing_by = _("you stand by")
    return f"{line} ({standing_by})" if held.seat is Seat.STANDBY else line


async def ask_leave_seat(query: CallbackQuery, callback_data: Asked) -> None:
    """Ask once more before a seat is given back."""
    if not isinstance(query.message, Message):
        return
    await query.message.answer(
        _(
            "You cannot come? You need not say why. I will look for somebody "
            "else at once. Is it today? Then please also call the "
            "institution."
        ),
        reply_markup=Keys()
        .row((_("Yes, I cannot come"), Asked(what="left!", request=callback_data.request)))
        .row((_("No, I can come"), Go(screen="volunteer")))
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
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """Begin the dialogue with everything that is known."""
    if not isinstance(query.message, Message):
        return
    async with room.office.sessions.begin() as session:
        volunteer = await demand_volunteer(session, room.here)
        answers = answers_of(volunteer, await languages_of(session, volunteer.id))
    await begin(CHANGE, query.message, room, state, resident, answers)


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
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """Begin to apply, where the bot can write by itself."""
    if not isinstance(query.message, Message):
        return
    await begin_applying(query.message, room, state, resident)


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
    handlers: dict[str, Any] = {
        "requests": see_requests,
        "seats": see_seats,
        "data": see_data,
        "change": change,
        "leave": ask_leave,
        "leave!": leave,
    }
    for what, handler in handlers.items():
        router.callback_query.register(handler, Mine.filter(F.what == what))
    router.callback_query.register(ask_leave_seat, Asked.filter(F.what == "left"))
    router.callback_query.register(leave_seat, Asked.filter(F.what == "left!"))
    router.callback_query.register(apply, Go.filter(F.screen == "apply"))
    return router
