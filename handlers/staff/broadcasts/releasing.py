"""A broadcast is looked at, approved by a second person, and leaves: at once or at a moment."""

import difflib
import re
from datetime import datetime, timedelta

from aiogram import Bot, F, Router, html
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.broadcasts import (
    Draft,
    Parcel,
    Part,
    approve,
    ask_approval,
    call_urgent,
    discard,
    find_broadcast,
    is_quiet,
    load_draft,
    put_screen,
    quiet_until,
    release,
    unschedule,
)
from bot.channels.telegram import NAME as TELEGRAM
from bot.models import Chat
from bot.office import Office
from bot.staff import Action, note
from bot.texts import HOUSE_TIME, _, language_name, moment, speaking, speaks
from handlers.broadcasts import plain_words, wording
from handlers.buttons import Keys
from handlers.conversations import TAKE_ALARMING_WORDS
from handlers.staff.broadcasts.screens import Cast, audience_words, figure, groups_words, show_draft

_FURTHEST = timedelta(days=90)
_MOST_SHOWN = 3_500


class ReleasingBroadcast(StatesGroup):
    """The dialogues that ask why it is urgent, and when it leaves."""

    reason = State()
    moment = State()


TAKE_ALARMING_WORDS.add(str(ReleasingBroadcast.reason.state))


def _parcel(draft: Draft, language: str, chat: Chat) -> Parcel:
    """The message that a reader of a language would get."""
    text = draft.texts[language]
    part = Part(
        delivery_id=0,
        broadcast_id=draft.broadcast.id,
        html=text.html or "",
        language=language,
        version=draft.broadcast.version,
        withdrawn=False,
        event_id=draft.broadcast.event_id,
        topics=draft.audience.topics,
    )
    return Parcel(chat.channel, chat.id, language, (part,))


async def preview(query: CallbackQuery, callback_data: Cast, office: Office, here: Chat) -> None:
    """Every language as its readers see it, without the buttons, each under its name."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        draft = await load_draft(session, callback_data.id, TELEGRAM)
    for language, text in draft.texts.items():
        if text.html is not None:
            await query.message.answer(html.bold(language_name(language)))
            await query.message.answer(text.html)
    lines = [html.bold(_("Who reads what")), *groups_words(draft)]
    back = Keys().row((_("Back"), Cast(what="show", id=callback_data.id)))
    await query.message.answer("\n".join(lines), reply_markup=back.markup())


async def test_send(
    query: CallbackQuery, callback_data: Cast, bot: Bot, office: Office, here: Chat
) -> None:
    """The very messages, with their buttons, to the person who asks. Nobody else gets them."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        draft = await load_draft(session, callback_data.id, TELEGRAM)
    for language, text in draft.texts.items():
        if text.html is not None:
            with speaking(language if speaks(language) else "de"):
                words, keys = wording(_parcel(draft, language, here))
            await bot.send_message(here.id, words, reply_markup=keys)
    back = Keys().row((_("Back"), Cast(what="show", id=callback_data.id)))
    await query.message.answer(_("This was the test. Only you got it."), reply_markup=back.markup())


async def ask_second(query: CallbackQuery, callback_data: Cast, office: Office, here: Chat) -> None:
    """Ask the other staff to read and approve it."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await ask_approval(session, callback_data.id, here, TELEGRAM, office.now())
        what = f"ask approval of broadcast {callback_data.id}"
        await note(session, here, Action.WRITE_BROADCAST, what, office.now())
    await query.message.answer(
        _("I have asked the others. One of them reads it and approves it. Then I tell you.")
    )


def difference(old: str | None, new: str) -> str:
    """What a second person should look at: the lines that went and the lines that came."""
    if old is None:
        return new
    before, after = plain_words(old).splitlines(), plain_words(new).splitlines()
    if before == after:
        return _("Nothing has changed in the words.") if old == new else new
    lines = []
    for line in difflib.ndiff(before, after):
        words = html.quote(line[2:])
        if line.startswith("- "):
            lines.append(_("Before: {words}").format(words=html.strikethrough(words)))
        elif line.startswith("+ "):
            lines.append(_("Now: {words}").format(words=html.bold(words)))
        elif line.startswith("  "):
            lines.append(words)
    return "\n".join(lines)


async def read_it(query: CallbackQuery, callback_data: Cast, office: Office, here: Chat) -> None:
    """The second person sees every language, and what changed since the last approval."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        draft = await load_draft(session, callback_data.id, TELEGRAM)
    for language, text in draft.texts.items():
        if text.html is not None:
            shown = difference(text.approved, text.html)
            name = html.bold(language_name(language))
            whole = f"{name}\n\n{shown}"
            if len(plain_words(whole)) > _MOST_SHOWN:
                await query.message.answer(name)
                whole = text.html
            await query.message.answer(whole)
    number, version = draft.broadcast.id, draft.broadcast.version
    keys = Keys().row(
        (_("I approve it"), Cast(what="approve", id=number, item=str(version))),
        (_("Back"), Cast(what="show", id=number)),
    )
    lines = [audience_words(draft.audience)]
    lines.append(_("People: {count}").format(count=figure(draft.total)))
    lines += [*groups_words(draft), _("Is everything right?")]
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


async def approve_it(query: CallbackQuery, callback_data: Cast, office: Office, here: Chat) -> None:
    """Exactly what was read is approved."""
    if not isinstance(query.message, Message) or not callback_data.item.isdecimal():
        return
    async with office.sessions.begin() as session:
        version = int(callback_data.item)
        await approve(session, callback_data.id, version, here, office.now())
        what = f"broadcast {callback_data.id} version {version}"
        await note(session, here, Action.APPROVE_BROADCAST, what, office.now())
    await query.message.answer(_("Approved. It can be sent now."))
    await show_draft(query.message, office, here, callback_data.id)


async def ask_reason(query: CallbackQuery, callback_data: Cast, state: FSMContext) -> None:
    """What is urgent needs a reason in the place of a second person."""
    if not isinstance(query.message, Message):
        return
    await state.set_state(ReleasingBroadcast.reason)
    await state.set_data({"broadcast": callback_data.id})
    back = Keys().row((_("Back"), Cast(what="show", id=callback_data.id)))
    await query.message.answer(
        _(
            "Urgent announcements go out without a second person, at any "
            "hour, also at night. Why is it urgent? Your reason is kept in "
            "the record."
        ),
        reply_markup=back.markup(),
    )


async def take_reason(message: Message, office: Office, here: Chat, state: FSMContext) -> None:
    """Keep the reason; now it can be sent."""
    reason = (message.text or "").strip()
    if len(reason) < 5 or reason.startswith("/"):
        await message.answer(_("Please write the reason in words."))
        return
    number = int((await state.get_data())["broadcast"])
    await state.clear()
    async with office.sessions.begin() as session:
        await call_urgent(session, number, reason, TELEGRAM, office.now())
        what = f"urgent broadcast {number}: {reason}"
        await note(session, here, Action.APPROVE_BROADCAST, what, office.now())
    await show_draft(message, office, here, number)


async def ask_when(
    query: CallbackQuery, callback_data: Cast, office: Office, state: FSMContext
) -> None:
    """Now, tomorrow morning, or a moment that is typed."""
    if not isinstance(query.message, Message):
        return
    now, number = office.now(), callback_data.id
    async with office.sessions.begin() as session:
        draft = await load_draft(session, number, TELEGRAM)
    lines = [audience_words(draft.audience)]
    lines.append(_("People: {count}").format(count=figure(draft.total)))
    lines += [*groups_words(draft)]
    if is_quiet(now) and not draft.broadcast.urgent_reason:
        lines.append(
            _("It is quiet time: nothing goes out before {moment}.").format(
                moment=moment(quiet_until(now))
            )
        )
    lines.append(_("When should it go out? You can also write day and time: 24.12. 10:00"))
    await state.set_state(ReleasingBroadcast.moment)
    await state.set_data({"broadcast": number})
    keys = Keys().row(
        (_("Send now"), Cast(what="send", id=number, item="now")),
        (_("Tomorrow at 10"), Cast(what="send", id=number, item="tomorrow")),
    )
    keys.row((_("Back"), Cast(what="show", id=number)))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


def read_moment(text: str, now: datetime) -> datetime | None:
    """A moment as staff write it: "24.12. 10:00", "24.12.2026 10 Uhr"; the next one that comes.

    Nothing for what cannot be read, has passed, or is more than ninety days ahead.
    """
    found = re.fullmatch(
        r"\s*(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})?,?\s+(?:um\s+)?(\d{1,2})(?:[:.](\d{2}))?(?:\s*Uhr)?\s*",
        text,
    )
    if found is None:
        return None
    day, month, year, hour, minute = (int(part) if part else None for part in found.groups())
    local = now.astimezone(HOUSE_TIME)
    for candidate in [year] if year else [local.year, local.year + 1]:
        try:
            then = datetime(
                candidate or 0, month or 0, day or 0, hour or 0, minute or 0, tzinfo=HOUSE_TIME
            )
        except ValueError:
            continue
        if now < then <= now + _FURTHEST:
            return then
    return None


async def send_at(
    query: CallbackQuery,
    callback_data: Cast,
    office: Office,
    here: Chat,
    state: FSMContext,
) -> None:
    """Let it leave now or tomorrow; who presses second is told."""
    if not isinstance(query.message, Message) or callback_data.item not in {"now", "tomorrow"}:
        return
    await state.clear()
    now = office.now()
    at = now
    if callback_data.item == "tomorrow":
        tomorrow = now.astimezone(HOUSE_TIME) + timedelta(days=1)
        at = tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)
    await _release(query.message, office, here, callback_data.id, at)


async def take_moment(message: Message, office: Office, here: Chat, state: FSMContext) -> None:
    """Let it leave at the moment that was written."""
    at = read_moment(message.text or "", office.now())
    if at is None:
        await message.answer(
            _("Please write day and time like this: 24.12. 10:00. At most 90 days ahead.")
        )
        return
    number = int((await state.get_data())["broadcast"])
    await state.clear()
    await _release(message, office, here, number, at)


async def _release(message: Message, office: Office, here: Chat, number: int, at: datetime) -> None:
    now = office.now()
    async with office.sessions.begin() as session:
        broadcast = await find_broadcast(session, number)
        if is_quiet(at) and not broadcast.urgent_reason:
            at = quiet_until(at)
        await release(session, number, at, TELEGRAM, now)
        await note(session, here, Action.WRITE_BROADCAST, f"release broadcast {number}", now)
    at_once = at <= now
    text = (
        _("It is going out now. This message shows the progress.")
        if at_once
        else _("It goes out on {moment}. Then this message shows the progress.").format(
            moment=moment(at)
        )
    )
    keys = Keys().row(
        (_("Announcement {number}").format(number=number), Cast(what="show", id=number))
    )
    screen = await message.answer(text, reply_markup=keys.markup())
    async with office.sessions.begin() as session:
        await put_screen(session, number, here, screen.message_id, now)


async def take_back(query: CallbackQuery, callback_data: Cast, office: Office, here: Chat) -> None:
    """It does not leave at its moment; it stays approved."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await unschedule(session, callback_data.id, office.now())
    await show_draft(query.message, office, here, callback_data.id)


async def throw_away(query: CallbackQuery, callback_data: Cast, office: Office, here: Chat) -> None:
    """A broadcast that has not left goes."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        await discard(session, callback_data.id, office.now())
        what = f"discard broadcast {callback_data.id}"
        await note(session, here, Action.WRITE_BROADCAST, what, office.now())
    await query.message.answer(_("It is deleted. Nobody has received it."))


def register_releasing(router: Router) -> None:
    """Looking, approving, leaving."""
    writing = {"action": Action.WRITE_BROADCAST}
    approving = {"action": Action.APPROVE_BROADCAST}
    for what, handler, flags in (
        ("preview", preview, writing),
        ("test", test_send, writing),
        ("ask", ask_second, writing),
        ("read", read_it, approving),
        ("approve", approve_it, approving),
        ("urgent", ask_reason, approving),
        ("when", ask_when, writing),
        ("send", send_at, writing),
        ("unschedule", take_back, writing),
        ("discard", throw_away, writing),
    ):
        router.callback_query.register(handler, Cast.filter(F.what == what), flags=flags)
    router.message.register(take_reason, StateFilter(ReleasingBroadcast.reason), flags=approving)
    router.message.register(take_moment, StateFilter(ReleasingBroadcast.moment), flags=writing)
