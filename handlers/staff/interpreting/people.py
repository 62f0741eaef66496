"""Interpreters and institutions: approving, suspending, locking, certificates, inviting."""

from datetime import date, timedelta
from typing import Any

from aiogram import Bot, F, Router, html
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from bot.channels import Channel
from bot.conversations import write_conversation
from bot.institutions import (
    InstitutionState,
    all_institutions,
    approve_institution,
    get_institution,
    invite_volunteer,
    lock_institution,
    waiting_institutions,
)
from bot.interpreting.spans import read_day
from bot.models import Chat, Institution, Resident, Volunteer
from bot.office import Office
from bot.staff import Action, demand
from bot.texts import _, current_language, day, isolated, moment
from bot.volunteers import (
    CERTIFICATE_LASTS,
    VolunteerState,
    all_volunteers,
    applications,
    approve_volunteer,
    get_volunteer,
    languages_of,
    suspend_volunteer,
    volunteers_expiring,
)
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
    begin,
    register,
)
from handlers.institutions import link_line
from handlers.pool_names import (
    institution_state_name,
    kind_name,
    volunteer_state_name,
)
from handlers.staff.desk import Desk
from handlers.staff.interpreting.desk import Pool, desk_keys
from handlers.volunteers.applying import answers_of, described

_PAGE = 12


# Interpreters


async def see_volunteers(query: CallbackQuery, callback_data: Pool, office: Office) -> None:
    """Applications, certificates that run out, or everybody by name, a page at a time."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        if callback_data.what == "applications":
            title, found = _("Applications"), await applications(session)
        elif callback_data.what == "certificates":
            title = _("Certificates that run out in 60 days, or have run out")
            found = await volunteers_expiring(session, office.today())
        else:
            title, found = _("All interpreters"), await all_volunteers(session)
    lines, keys = [html.bold(title)], Keys()
    first = callback_data.item * _PAGE
    for volunteer in found[first : first + _PAGE]:
        lines.append(f"• {_volunteer_line(volunteer)}")
        keys.row((volunteer.name, Pool(what="volunteer", item=volunteer.id)))
    if not found:
        lines.append(_("Nobody."))
    if len(found) > first + _PAGE:
        keys.row((_("More"), Pool(what=callback_data.what, item=callback_data.item + 1)))
    keys.row((_("Desk: interpreters"), Desk(screen="pool")))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


def _volunteer_line(volunteer: Volunteer) -> str:
    line = f"{html.quote(volunteer.name)}: {volunteer_state_name(volunteer.state)}"
    if volunteer.certified_until is not None:
        until = _("certificate until {day}").format(day=day(volunteer.certified_until))
        line = f"{line}, {until}"
    return line


async def see_volunteer(query: CallbackQuery, callback_data: Pool, office: Office) -> None:
    """All that an interpreter told, and what staff can decide."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        volunteer = await get_volunteer(session, callback_data.item)
        spoken = await languages_of(session, volunteer.id)
    lines = [
        _volunteer_line(volunteer),
        described(answers_of(volunteer, spoken)),
        _("Promised confidentiality: {day}").format(
            day=day(volunteer.pledged_on) if volunteer.pledged_on else _("no")
        ),
    ]
    keys = Keys()
    if volunteer.state == VolunteerState.APPROVED:
        keys.row((_("New end of the certificate"), Pool(what="approve", item=volunteer.id)))
    else:
        keys.row((_("Approve"), Pool(what="approve", item=volunteer.id)))
    if volunteer.state != VolunteerState.SUSPENDED:
        keys.row((_("Suspend"), Pool(what="suspend", item=volunteer.id)))
    keys.row((_("Desk: interpreters"), Desk(screen="pool")))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


async def ask_until(
    query: CallbackQuery,
    callback_data: Pool,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """Somebody is approved until the certificate runs out."""
    if isinstance(query.message, Message):
        answers = {"volunteer": callback_data.item}
        await begin(APPROVE, query.message, room, state, resident, answers)


async def _ask_until(room: Room) -> Question:
    async with room.office.sessions.begin() as session:
        volunteer = await get_volunteer(session, int(room.answers["volunteer"]))
    today = room.office.today()
    ends = [today + CERTIFICATE_LASTS, today + timedelta(days=365)]
    if volunteer.certified_on is not None:
        ends.insert(0, volunteer.certified_on + CERTIFICATE_LASTS)
    choices = [
        Choice(_("until {day}").format(day=day(end)), f"{end:%Y%m%d}")
        for end in dict.fromkeys(ends)
        if end >= today
    ]
    return Question(
        _("{name}: until when is the certificate valid? Choose, or write a day:").format(
            name=html.bold(html.quote(volunteer.name))
        ),
        choices,
    )


async def _read_until(room: Room, text: str) -> Outcome:
    found = read_day(text, current_language(), room.office.now())
    if found is not None and found < room.office.today():
        return Again(Question(_("This day has already passed. Please write another day:")))
    return await _approve(room, found) if found is not None else None


async def _choose_until(room: Room, value: str) -> Outcome:
    offered = {choice.value for choice in (await _ask_until(room)).choices}
    if value not in offered:
        return None
    return await _approve(room, date(int(value[:4]), int(value[4:6]), int(value[6:])))


async def _approve(room: Room, until: date) -> Outcome:
    now = room.office.now()
    async with room.office.sessions.begin() as session:
        await approve_volunteer(session, int(room.answers["volunteer"]), until, now, room.here)
        await write_conversation(session, room.here, now, state=None, data={})
    return Over(
        _("Approved until {day}. The interpreter is told.").format(day=day(until)),
        desk_keys(),
        kept=True,
    )


async def _may_approve(session: Any, here: Chat) -> None:
    await demand(session, here, Action.APPROVE_VOLUNTEERS)


APPROVE = register(
    Dialogue(
        "approve",
        (Step("until", _ask_until, read=_read_until, choose=_choose_until, numbers=True),),
        admit=_may_approve,
    )
)
"""Until when somebody is approved."""


async def ask_suspend(query: CallbackQuery, callback_data: Pool, office: Office) -> None:
    """Ask once more: appointments are given to others."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        volunteer = await get_volunteer(session, callback_data.item)
    await query.message.answer(
        _(
            "{name} gets no more requests. For appointments to come I look for somebody else. "
            "Are you sure?"
        ).format(name=html.bold(html.quote(volunteer.name))),
        reply_markup=Keys()
        .row(
            (_("Yes, suspend"), Pool(what="suspend!", item=volunteer.id)),
            (_("No"), Pool(what="volunteer", item=volunteer.id)),
        )
        .markup(),
    )


async def suspend(query: CallbackQuery, callback_data: Pool, office: Office, here: Chat) -> None:
    """Somebody is not asked any more."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await suspend_volunteer(session, callback_data.item, office.now(), here)
    await query.message.answer(_("Suspended. The interpreter is told."), reply_markup=desk_keys())


async def invite(
    query: CallbackQuery, bot: Bot, office: Office, here: Chat, channel: Channel
) -> None:
    """A one-time link that leads to the application."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        link = await invite_volunteer(session, office.now(), here)
    await query.message.answer(
        "\n\n".join(
            [
                _("A link for somebody who wants to interpret. It leads to the application."),
                await link_line(bot, channel, link.token),
                _("The link works once, until {until}.").format(until=moment(link.expires_at)),
            ]
        ),
        reply_markup=desk_keys(),
    )


# Institutions


async def see_houses(query: CallbackQuery, callback_data: Pool, office: Office) -> None:
    """New institutions, or all of them."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        if callback_data.what == "newhouses":
            title, found = _("New institutions"), await waiting_institutions(session)
        else:
            title, found = _("All institutions"), await all_institutions(session)
    lines, keys = [html.bold(title)], Keys()
    first = callback_data.item * _PAGE
    for house in found[first : first + _PAGE]:
        lines.append(f"• {html.quote(house.name)}: {institution_state_name(house.state)}")
        keys.row((house.name, Pool(what="house", item=house.id)))
    if not found:
        lines.append(_("None."))
    if len(found) > first + _PAGE:
        keys.row((_("More"), Pool(what=callback_data.what, item=callback_data.item + 1)))
    keys.row((_("Desk: interpreters"), Desk(screen="pool")))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


async def see_house(query: CallbackQuery, callback_data: Pool, office: Office) -> None:
    """An institution, and what staff can decide."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        house = await get_institution(session, callback_data.item)
    keys = Keys()
    if house.state != InstitutionState.APPROVED:
        keys.row((_("Approve"), Pool(what="open", item=house.id)))
    if house.state != InstitutionState.LOCKED:
        keys.row((_("Lock"), Pool(what="lock", item=house.id)))
    keys.row((_("Desk: interpreters"), Desk(screen="pool")))
    await query.message.answer(_house_lines(house), reply_markup=keys.markup())


def _house_lines(house: Institution) -> str:
    return "\n".join(
        [
            html.bold(html.quote(house.name)) + f" ({kind_name(house.kind)})",
            isolated(html.quote(house.municipality)),
            _("Contact: {name}, {number}").format(
                name=html.quote(house.contact or "–"), number=html.quote(house.phone or "–")
            ),
            _("State: {state}").format(state=institution_state_name(house.state)),
            _("Registered: {day}").format(day=day(house.registered_at.date())),
            _("Please call the institution's own number once before you approve it."),
        ]
    )


async def decide_house(
    query: CallbackQuery, callback_data: Pool, office: Office, here: Chat
) -> None:
    """Approve or lock an institution."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        if callback_data.what == "open":
            await approve_institution(session, callback_data.item, office.now(), here)
            text = _("Approved. The institution is told.")
        else:
            await lock_institution(session, callback_data.item, office.now(), here)
            text = _("Locked. The institution is told. What is arranged stays.")
    await query.message.answer(text, reply_markup=desk_keys())


def build_pool_people_router() -> Router:
    """Every door names its action; the lock checks it."""
    router = Router(name="pool people")
    doors: tuple[tuple[str, Any, Action], ...] = (
        ("applications", see_volunteers, Action.APPROVE_VOLUNTEERS),
        ("certificates", see_volunteers, Action.APPROVE_VOLUNTEERS),
        ("volunteers", see_volunteers, Action.APPROVE_VOLUNTEERS),
        ("volunteer", see_volunteer, Action.APPROVE_VOLUNTEERS),
        ("approve", ask_until, Action.APPROVE_VOLUNTEERS),
        ("suspend", ask_suspend, Action.APPROVE_VOLUNTEERS),
        ("suspend!", suspend, Action.APPROVE_VOLUNTEERS),
        ("invite", invite, Action.APPROVE_VOLUNTEERS),
        ("newhouses", see_houses, Action.APPROVE_INSTITUTIONS),
        ("houses", see_houses, Action.APPROVE_INSTITUTIONS),
        ("house", see_house, Action.APPROVE_INSTITUTIONS),
        ("open", decide_house, Action.APPROVE_INSTITUTIONS),
        ("lock", decide_house, Action.APPROVE_INSTITUTIONS),
    )
    for what, handler, action in doors:
        router.callback_query.register(
            handler, Pool.filter(F.what == what), flags={"action": action}
        )
    return router
