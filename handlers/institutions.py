"""Institutions: registering, letting colleagues in by a one-time link, who acts for us."""

from typing import Any

from aiogram import Bot, F, Router, html
from aiogram.filters import CommandObject, CommandStart, Filter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.channels import Channel
from bot.conversations import write_conversation
from bot.institutions import (
    POOL_TOKEN_PREFIX,
    InstitutionKind,
    InstitutionState,
    Registration,
    confirm_pool_invitation,
    demand_member,
    institutions_of,
    invite_to_institution,
    members_of,
    open_pool_invitation,
    register_institution,
    remove_member,
)
from bot.models import Chat, Institution, Resident
from bot.office import Office
from bot.switches import Module, demand_on
from bot.texts import _, day, isolated, moment
from handlers.buttons import Go, Keys
from handlers.conversations import EXPECT_NUMBERS
from handlers.dialogue import (
    Choice,
    Dialogue,
    GoTo,
    Outcome,
    Over,
    Question,
    Room,
    Step,
    Taken,
    begin,
    register,
)
from handlers.menu import language_keys
from handlers.notices import introduction
from handlers.pool_names import institution_state_name, kind_name
from handlers.volunteers.applying import APPLY
from handlers.volunteers.rules import read_phone
from handlers.volunteers.skills import choose_town, read_town, town_choices

_SHORTEST = 3


class House(CallbackData, prefix="house"):
    """Something about an institution: invite, people, leave one's place in it."""

    what: str
    institution: int


class Digits(CallbackData, prefix="pooldigits"):
    """The inviter has the two digits of a colleague's invitation."""

    invitation: int


class LetGo(CallbackData, prefix="letgo"):
    """A member leaves, or is taken out by a colleague; ``sure`` after the second question."""

    member: int
    institution: int
    sure: bool = False


class LettingIn(StatesGroup):
    """The dialogue that takes the two digits."""

    digits = State()


EXPECT_NUMBERS.add(str(LettingIn.digits.state))


# Registering


async def _ask_kind(room: Room) -> Question:
    return Question(
        html.bold(_("Registering an institution"))
        + "\n"
        + _(
            "Only institutions can ask for an interpreter: a Kita, a school, an office, a "
            "counselling centre, a practice. The office looks at your registration once. "
            "After that you can ask at any time."
        )
        + "\n\n"
        + _("What kind of institution are you?"),
        [Choice(kind_name(kind), kind.value) for kind in InstitutionKind],
    )


async def _ask_name(room: Room) -> Question:
    return Question(_("What is the name of the institution?"))


async def _read_words(room: Room, text: str) -> Outcome:
    return Taken(text[:160]) if sum(c.isalpha() for c in text) >= _SHORTEST else None


async def _ask_town(room: Room) -> Question:
    return Question(_("In which town is it? Choose or write:"), town_choices(room), 2)


async def _ask_contact(room: Room) -> Question:
    return Question(
        _(
            "Who is the contact person? Write first and last name. The office sees it. "
            "An interpreter sees it only after saying yes."
        )
    )


async def _ask_phone(room: Room) -> Question:
    return Question(_("On which phone number can we reach you at work?"))


def described(answers: dict[str, Any]) -> str:
    """The registration, a line each."""
    return "\n".join(
        [
            html.bold(html.quote(answers["name"])) + f" ({kind_name(answers['kind'])})",
            _("Town: {town}").format(town=isolated(html.quote(answers["town"]))),
            _("Contact: {name}").format(name=html.quote(answers["contact"])),
            _("Phone: {number}").format(number=html.quote(answers["phone"])),
        ]
    )


async def _ask_to_send(room: Room) -> Question:
    rules = _(
        "The rules: The interpreters are volunteers. They interpret what people say, and no "
        "papers. Nothing with legal effect: no court, no police, no notary, no asylum hearing, "
        "no consent to an operation. Never write a client's name or illness here."
    )
    changes = [
        Choice(_("Change: {what}").format(what=what), f">{name}")
        for name, what in (
            ("kind", _("kind")),
            ("name", _("name")),
            ("town", _("town")),
            ("contact", _("contact")),
            ("phone", _("phone")),
        )
    ]
    return Question(
        html.bold(_("Is this right?")) + "\n\n" + described(room.answers) + "\n\n" + rules,
        [Choice(_("Yes, we keep the rules. Register"), "send"), *changes],
    )


async def _send(room: Room, value: str) -> Outcome:
    if value != "send":
        name = value[1:]
        known = value.startswith(">") and REGISTER.step(name) is not None
        return GoTo(name) if known else None
    told = room.answers
    registration = Registration(
        kind=InstitutionKind(told["kind"]),
        name=told["name"],
        municipality=told["town"],
        contact=told["contact"],
        phone=told["phone"],
    )
    now = room.office.now()
    async with room.office.sessions.begin() as session:
        await register_institution(session, room.here, registration, now)
        await write_conversation(session, room.here, now, state=None, data={})
    return Over(_registered(room.channel), kept=True)


def _registered(channel: Channel) -> str:
    text = _("Thank you! The office looks at it.")
    if channel.can_push:
        return text + " " + _("You get a message here when you can ask for interpreters.")
    return (
        text
        + " "
        + _(
            "This page cannot write to you when it is closed. Come back to this tab, or register "
            "on Telegram: there you get a message."
        )
    )


async def _admit(session: Any, _here: Chat) -> None:
    """Anybody may register while the pool is on. Raises ``SwitchedOff``."""
    await demand_on(session, Module.INTERPRETERS)


REGISTER = register(
    Dialogue(
        "house",
        (
            Step("kind", _ask_kind, loose=True),
            Step("name", _ask_name, read=_read_words),
            Step("town", _ask_town, read=read_town, choose=choose_town),
            Step("contact", _ask_contact, read=_read_words),
            Step("phone", _ask_phone, read=read_phone, numbers=True),
            Step("send", _ask_to_send, choose=_send, closing=True),
        ),
        admit=_admit,
    )
)
"""Registering an institution."""


# The institution's page


def institution_lines(institution: Institution) -> str:
    """An institution as its own people see it."""
    return "\n".join(
        [
            html.bold(html.quote(institution.name)) + f" ({kind_name(institution.kind)})",
            isolated(html.quote(institution.municipality)),
            _("State: {state}").format(state=institution_state_name(institution.state)),
        ]
    )


def institution_keys(institution: Institution) -> Keys:
    """What an institution's people can do beside asking."""
    keys = Keys()
    if institution.state == InstitutionState.APPROVED:
        keys.row((_("Let a colleague in"), House(what="invite", institution=institution.id)))
    return keys.row((_("Who acts for us"), House(what="people", institution=institution.id)))


async def show_houses(message: Message, office: Office, here: Chat) -> None:
    """The institutions that this chat acts for."""
    async with office.sessions.begin() as session:
        mine = await institutions_of(session, here)
    for institution in mine:
        await message.answer(
            institution_lines(institution),
            reply_markup=institution_keys(institution)
            .row((_("Interpreter"), Go(screen="interpreter")))
            .markup(),
        )


async def invite(
    query: CallbackQuery,
    callback_data: House,
    bot: Bot,
    office: Office,
    here: Chat,
    channel: Channel,
) -> None:
    """A one-time link for a colleague."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        link = await invite_to_institution(session, here, callback_data.institution, office.now())
    await query.message.answer(
        "\n\n".join(
            [
                _("A link for one colleague:"),
                await link_line(bot, channel, link.token),
                _(
                    "The link works once, until {until}. Whoever opens it sees two digits. "
                    "Let them read the digits to you on the phone."
                ).format(until=moment(link.expires_at)),
            ]
        ),
        reply_markup=Keys()
        .row((_("I have the two digits"), Digits(invitation=link.id)))
        .row((_("Interpreter"), Go(screen="interpreter")))
        .markup(),
    )


async def link_line(bot: Bot, channel: Channel, token: str) -> str:
    """A one-time link to hand on; on the chat page the words to write."""
    start = f"{POOL_TOKEN_PREFIX}{token}"
    if channel.name == "telegram":
        me = await bot.me()
        return f"https://t.me/{me.username}?start={start}"
    return _("The person writes this in the chat:") + "\n" + html.code(f"/start {start}")


async def ask_digits(query: CallbackQuery, callback_data: Digits, state: FSMContext) -> None:
    """Ask the inviter for the two digits."""
    if not isinstance(query.message, Message):
        return
    await state.set_state(LettingIn.digits)
    await state.set_data({"invitation": callback_data.invitation})
    await query.message.answer(_("Please write the two digits:"), reply_markup=interpreter_keys())


def interpreter_keys() -> InlineKeyboardMarkup:
    """The way back to the pool's page."""
    return Keys().row((_("Interpreter"), Go(screen="interpreter"))).markup()


class TwoDigits(Filter):
    """Two digits while they are waited for; anything else is a question like any other."""

    async def __call__(self, message: Message, raw_state: str | None) -> bool:
        """Whether this is the answer."""
        typed = (message.text or "").strip()
        return raw_state == LettingIn.digits.state and len(typed) == 2 and typed.isdecimal()


async def take_digits(message: Message, office: Office, here: Chat, state: FSMContext) -> None:
    """Let the colleague in, or void the invitation when the digits are wrong."""
    invitation = int((await state.get_data())["invitation"])
    await state.clear()
    async with office.sessions.begin() as session:
        right = await confirm_pool_invitation(
            session, here, invitation, int(message.text or "0"), office.now()
        )
    text = (
        _("Good. Your colleague can ask for interpreters now.")
        if right
        else _("These digits are wrong. The invitation is void. Please make a new one.")
    )
    await message.answer(text, reply_markup=interpreter_keys())


async def see_people(
    query: CallbackQuery, callback_data: House, office: Office, here: Chat
) -> None:
    """Who acts for the institution: numbers and days, for we keep no names."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        people = await members_of(session, here, callback_data.institution)
    lines, keys = [_("These people act for your institution. We keep no names:")], Keys()
    for member in people:
        mine = (member.channel, member.chat_id) == (here.channel, here.id)
        line = _("Number {number}, since {day}").format(
            number=member.id, day=day(member.joined_at.date())
        )
        lines.append(f"• {line} {_yourself()}" if mine else f"• {line}")
        label = _("Leave") if mine else _("Remove number {number}").format(number=member.id)
        keys.row((label, LetGo(member=member.id, institution=callback_data.institution)))
    keys.row((_("Interpreter"), Go(screen="interpreter")))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


def _yourself() -> str:
    return _("(this is you)")


async def let_go(query: CallbackQuery, callback_data: LetGo, office: Office, here: Chat) -> None:
    """Ask once more, then take somebody out of the institution."""
    if not isinstance(query.message, Message):
        return
    if not callback_data.sure:
        async with office.sessions.begin() as session:
            await demand_member(session, here, callback_data.institution)
        sure = callback_data.model_copy(update={"sure": True})
        await query.message.answer(
            _("Number {number} cannot ask for interpreters any more. Are you sure?").format(
                number=callback_data.member
            ),
            reply_markup=Keys()
            .row((_("Yes, remove"), sure), (_("No"), Go(screen="interpreter")))
            .markup(),
        )
        return
    async with office.sessions.begin() as session:
        await remove_member(session, here, callback_data.member)
    await query.message.answer(_("Removed."), reply_markup=interpreter_keys())


# Links


class PoolLinkOpened(Filter):
    """A start link that carries an invitation of the pool."""

    async def __call__(self, message: Message, command: CommandObject) -> bool:
        """Whether the link's argument begins like one of our tokens."""
        return (command.args or "").startswith(POOL_TOKEN_PREFIX)


async def open_link(
    message: Message,
    command: CommandObject,
    room: Room,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """Somebody opened an invitation: to act for an institution, or to apply as an interpreter."""
    token = (command.args or "").removeprefix(POOL_TOKEN_PREFIX)
    async with room.office.sessions.begin() as session:
        opened = await open_pool_invitation(session, token, room.here, room.office.now())
    if opened.institution is not None:
        await message.answer(
            _(
                "Please read these two digits to the person who invited you: {digits}\n"
                "When they confirm the digits, you can ask for interpreters for: {institution}"
            ).format(
                digits=html.bold(str(opened.digits)),
                institution=html.bold(html.quote(opened.institution)),
            )
        )
        return
    if resident is None:
        await message.answer(
            introduction(room.office) + "\n\n" + html.bold(_("Please choose your language:")),
            reply_markup=language_keys(then="apply"),
        )
        return
    await begin(APPLY, message, room, state, resident)


def build_institutions_router() -> Router:
    """Institutions' people. Every action checks by itself who may."""
    router = Router(name="institutions")
    router.message.register(open_link, CommandStart(deep_link=True), PoolLinkOpened())
    router.message.register(take_digits, TwoDigits())
    router.callback_query.register(invite, House.filter(F.what == "invite"))
    router.callback_query.register(see_people, House.filter(F.what == "people"))
    router.callback_query.register(ask_digits, Digits.filter())
    router.callback_query.register(let_go, LetGo.filter())
    return router
