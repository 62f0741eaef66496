"""Who is staff: inviting by a one-time link, confirming by two digits, removing."""

from aiogram import Bot, F, Router, html
from aiogram.filters import StateFilter
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.channels import Channel
from bot.models import Chat
from bot.office import Office
from bot.staff import TOKEN_PREFIX, Action, Role, confirm, invite, members, remove
from bot.texts import _, day, moment
from handlers.buttons import Keys
from handlers.conversations import EXPECT_NUMBERS
from handlers.staff.desk import Desk, back_keys, role_name


class Invite(CallbackData, prefix="invite"):
    """A role somebody is invited to."""

    role: str


class Heard(CallbackData, prefix="heard"):
    """The inviter has the two digits of an invitation."""

    invitation: int


class Remove(CallbackData, prefix="unstaff"):
    """A role is taken away; ``sure`` after the second question."""

    member: int
    sure: bool = False


class Confirming(StatesGroup):
    """The dialogue that takes the two digits."""

    digits = State()


EXPECT_NUMBERS.add(str(Confirming.digits.state))


def heard_keys(invitation: int) -> InlineKeyboardMarkup:
    """The button under "somebody opened your invitation"."""
    return Keys().row((_("I have the two digits"), Heard(invitation=invitation))).markup()


async def see_people(query: CallbackQuery, office: Office) -> None:
    """Everybody with a role, without names: we keep none."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        everybody = await members(session)
    lines, keys = [html.bold(_("Staff"))], Keys()
    for member in everybody:
        line = _("Number {number}: {role}, since {day}").format(
            number=member.id, role=role_name(member.role), day=day(member.added_at.date())
        )
        lines.append(f"• {line}")
        label = _("Remove number {number}").format(number=member.id)
        keys.row((label, Remove(member=member.id)))
    lines.append(_("Invite somebody as:"))
    keys.grid([(role_name(role), Invite(role=role.value)) for role in Role])
    keys.row((_("Desk"), Desk(screen="open")))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


async def make_link(
    query: CallbackQuery,
    callback_data: Invite,
    bot: Bot,
    office: Office,
    here: Chat,
    channel: Channel,
) -> None:
    """A one-time link to a role, to be handed on."""
    if not isinstance(query.message, Message) or callback_data.role not in set(Role):
        return
    async with office.sessions.begin() as session:
        invited = await invite(session, Role(callback_data.role), office.now(), inviter=here)
    start = f"{TOKEN_PREFIX}{invited.token}"
    lines = [
        _("Invitation number {number} for the role: {role}").format(
            number=invited.id, role=role_name(invited.role)
        )
    ]
    if channel.name == "telegram":
        me = await bot.me()
        lines.append(f"https://t.me/{me.username}?start={start}")
    else:
        lines.append(_("The person writes this in the chat:"))
        lines.append(html.code(f"/start {start}"))
    lines.append(
        _(
            "The link works once, until {until}. Whoever opens it sees two digits. "
            "Let them read the digits to you on the phone."
        ).format(until=moment(invited.expires_at))
    )
    await query.message.answer("\n\n".join(lines), reply_markup=heard_keys(invited.id))


async def ask_digits(query: CallbackQuery, callback_data: Heard, state: FSMContext) -> None:
    """Ask the inviter for the two digits."""
    if not isinstance(query.message, Message):
        return
    await state.set_state(Confirming.digits)
    await state.set_data({"invitation": callback_data.invitation})
    await query.message.answer(_("Please write the two digits:"), reply_markup=back_keys())


async def take_digits(message: Message, office: Office, here: Chat, state: FSMContext) -> None:
    """Make the role active, or void the invitation when the digits are wrong."""
    typed = (message.text or "").strip()
    if len(typed) != 2 or not typed.isdecimal():
        await message.answer(_("Please write exactly two digits."), reply_markup=back_keys())
        return
    invitation = int((await state.get_data())["invitation"])
    await state.clear()
    async with office.sessions.begin() as session:
        role = await confirm(session, invitation, int(typed), office.now(), by=here)
    if role is None:
        text = _("These digits are wrong. The invitation is void. Please make a new one.")
    else:
        text = _("Good. The role is active: {role}").format(role=role_name(role))
    await message.answer(text, reply_markup=back_keys())


async def ask_removal(query: CallbackQuery, callback_data: Remove) -> None:
    """Ask once more before a role is taken away."""
    if not isinstance(query.message, Message):
        return
    sure = Remove(member=callback_data.member, sure=True)
    await query.message.answer(
        _("Remove the role of number {number}?").format(number=callback_data.member),
        reply_markup=Keys().row((_("Yes, remove"), sure), (_("No"), Desk(screen="open"))).markup(),
    )


async def take_role(
    query: CallbackQuery, callback_data: Remove, office: Office, here: Chat
) -> None:
    """Take a role away at once."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        role = await remove(session, callback_data.member, office.now(), by=here)
    await query.message.answer(
        _("Removed: {role}, number {number}").format(
            role=role_name(role), number=callback_data.member
        ),
        reply_markup=back_keys(),
    )


def build_people_router() -> Router:
    """Every door names its action; the lock checks it."""
    router = Router(name="people")
    inviting, removing = {"action": Action.INVITE_STAFF}, {"action": Action.REMOVE_STAFF}
    router.callback_query.register(
        see_people, Desk.filter(F.screen == "people"), flags={"action": Action.SEE_STAFF}
    )
    router.callback_query.register(make_link, Invite.filter(), flags=inviting)
    router.callback_query.register(ask_digits, Heard.filter(), flags=inviting)
    router.message.register(take_digits, StateFilter(Confirming.digits), flags=inviting)
    router.callback_query.register(ask_removal, Remove.filter(~F.sure), flags=removing)
    router.callback_query.register(take_role, Remove.filter(F.sure), flags=removing)
    return router
