"""A broadcast as staff see it: the list, and one of them with its words and its readers."""

from collections.abc import Iterable
from typing import Annotated

from aiogram import F, Router, html
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from pydantic import Field as Bounded

from bot.broadcasts import (
    SMALLEST,
    Audience,
    Draft,
    about,
    create_broadcast,
    load_draft,
    recent_broadcasts,
    write_text,
)
from bot.channels.telegram import NAME as TELEGRAM
from bot.errors import EventGone
from bot.events import load_event
from bot.models import Broadcast, BroadcastText, Chat
from bot.office import Office
from bot.staff import Action, may, note, roles_of
from bot.texts import OFFICE_LANGUAGE, _, language_name, listing, moment
from handlers.broadcasts import event_words, plain_words
from handlers.buttons import Keys
from handlers.events.cards import topic_name
from handlers.staff.desk import Desk

_TITLE_LENGTH = 50
_LIVE = frozenset({"planning", "running", "paused", "done", "cancelled"})


class Cast(CallbackData, prefix="bc"):
    """A staff screen about one broadcast; ``item`` is a language, a topic, a town or a version."""

    what: str
    id: Annotated[int, Bounded(ge=0, le=2**53)] = 0
    item: Annotated[str, Bounded(max_length=40)] = ""


def figure(count: int) -> str:
    """A figure as staff may see it: rounded, and "<5" where few people are behind it."""
    shown = about(count)
    if shown is None:
        return f"&lt;{SMALLEST}"
    if shown == SMALLEST:
        return _("{least} to {most}").format(least=SMALLEST, most=2 * SMALLEST - 1)
    return _("about {count}").format(count=shown) if shown else "0"


def state_name(broadcast: Broadcast) -> str:
    """Where a broadcast stands, in words."""
    if broadcast.state == "ready" and broadcast.scheduled_at is not None:
        return _("goes out on {moment}").format(moment=moment(broadcast.scheduled_at))
    return {
        "draft": _("draft"),
        "waiting": _("waits for a second person"),
        "ready": _("approved, not sent"),
        "planning": _("begins"),
        "running": _("is being sent"),
        "paused": _("paused"),
        "done": _("sent"),
        "cancelled": _("stopped for good"),
    }[broadcast.state]


def title_of(texts: dict[str, BroadcastText]) -> str:
    """The first words of the German text."""
    text = texts.get(OFFICE_LANGUAGE)
    words = plain_words(text.html) if text is not None and text.html else ""
    first = words.strip().split("\n")[0]
    return first if len(first) <= _TITLE_LENGTH else first[: _TITLE_LENGTH - 1] + "…"


def audience_words(audience: Audience) -> str:
    """Topics and towns in a sentence."""
    topics = listing([topic_name(topic) or topic for topic in audience.topics])
    towns = listing([html.quote(town) for town in audience.towns])
    who = (
        _("For everybody who wants: {topics}.").format(topics=topics)
        if topics
        else _("For everybody who gets messages.")
    )
    where = _("Town: {towns}.").format(towns=towns) if towns else _("In the whole county.")
    return f"{who} {where}"


def groups_words(draft: Draft) -> Iterable[str]:
    """Every language with its readers and what they will read."""
    for group in draft.groups:
        name, count = language_name(group.reader), figure(group.count)
        if group.language is None:
            line = _("{language}: {count}. There is no text for them yet.")
        elif group.language == group.reader:
            line = _("{language}: {count}. They read their language.")
        else:
            line = _("{language}: {count}. They read: {other}.")
        other = language_name(group.language or "")
        yield "• " + line.format(language=name, count=count, other=other)


def draft_words(draft: Draft) -> str:
    """A broadcast that has not left."""
    broadcast = draft.broadcast
    title = title_of(draft.texts)
    head = _("Announcement {number}").format(number=broadcast.id)
    lines = [html.bold(f"{head}: {html.quote(title)}" if title else head)]
    lines.append(_("State: {state}").format(state=state_name(broadcast)))
    if broadcast.urgent_reason:
        reason = html.quote(broadcast.urgent_reason)
        lines.append(_("Urgent, at any hour. Reason: {reason}").format(reason=reason))
    lines.append(audience_words(draft.audience))
    lines.append(_("People: {count}").format(count=figure(draft.total)))
    lines += groups_words(draft)
    if draft.missing:
        names = listing([language_name(language) for language in draft.missing])
        lines.append(html.bold(_("Still missing: a text for {languages}.").format(languages=names)))
    return "\n".join(lines)


def draft_keys(draft: Draft, here: Chat) -> InlineKeyboardMarkup:
    """What can be done with a broadcast that has not left."""
    broadcast, keys = draft.broadcast, Keys()
    number = broadcast.id
    mine = draft.author == here
    keys.row(
        (_("Texts"), Cast(what="texts", id=number)), (_("For whom"), Cast(what="whom", id=number))
    )
    if not draft.missing:
        keys.row(
            (_("Preview"), Cast(what="preview", id=number)),
            (_("Test to me"), Cast(what="test", id=number)),
        )
        if broadcast.state == "draft":
            keys.row((_("Ask a second person"), Cast(what="ask", id=number)))
        elif broadcast.state == "waiting" and not mine:
            keys.row((_("Read and approve"), Cast(what="read", id=number)))
        if broadcast.state in {"draft", "waiting"}:
            keys.row((_("It is urgent"), Cast(what="urgent", id=number)))
    if broadcast.state == "ready" and broadcast.scheduled_at is None:
        keys.row((_("Send"), Cast(what="when", id=number)))
    elif broadcast.state == "ready":
        keys.row((_("Do not send it after all"), Cast(what="unschedule", id=number)))
    keys.row((_("Throw away"), Cast(what="discard", id=number)))
    return keys.row(*back()).markup()


def back() -> tuple[tuple[str, CallbackData], ...]:
    """The way back to the list and to the desk."""
    return (
        (_("Announcements"), Desk(screen="broadcasts")),
        (_("Desk"), Desk(screen="open")),
    )


async def see_list(query: CallbackQuery, office: Office, state: FSMContext, here: Chat) -> None:
    """The broadcasts of the last time."""
    if not isinstance(query.message, Message):
        return
    await state.clear()
    lines, keys = [html.bold(_("Announcements"))], Keys()
    async with office.sessions.begin() as session:
        roles = await roles_of(session, here)
        drafts = [
            await load_draft(session, broadcast.id, TELEGRAM)
            for broadcast in await recent_broadcasts(session)
        ]
    if may(roles, Action.WRITE_BROADCAST):
        keys.row((_("New announcement"), Cast(what="new")))
    for draft in drafts:
        number = draft.broadcast.id
        title = html.quote(title_of(draft.texts)) or _("without words")
        lines.append(f"• {number}: {title} ({state_name(draft.broadcast)})")
        words = title_of(draft.texts) or _("without words")
        label = f"{number}: {words}"
        keys.row((label, Cast(what="show", id=number)))
    if not drafts:
        lines.append(_("Nothing yet."))
    keys.row((_("Desk"), Desk(screen="open")))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


async def show_draft(message: Message, office: Office, here: Chat, number: int) -> None:
    """One broadcast that has not left, with what can be done."""
    async with office.sessions.begin() as session:
        draft = await load_draft(session, number, TELEGRAM)
    await message.answer(draft_words(draft), reply_markup=draft_keys(draft, here))


async def begin_new(query: CallbackQuery, office: Office, here: Chat) -> None:
    """A new broadcast about anything."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        broadcast = await create_broadcast(session, here, office.now())
        await note(
            session, here, Action.WRITE_BROADCAST, f"new broadcast {broadcast.id}", office.now()
        )
    await show_draft(query.message, office, here, broadcast.id)


async def begin_about_event(
    query: CallbackQuery, callback_data: Cast, office: Office, here: Chat
) -> None:
    """A new broadcast that shows an event's card, for those whom the event concerns."""
    if not isinstance(query.message, Message):
        return
    now = office.now()
    async with office.sessions.begin() as session:
        loaded = await load_event(session, callback_data.id)
        if loaded is None or loaded.event.state in {"draft", "cancelled"}:
            raise EventGone
        event = loaded.event
        broadcast = await create_broadcast(
            session, here, now, event_id=event.id, ends_at=event.over_at
        )
        broadcast.topics = event.topic
        broadcast.towns = event.municipality or ""
        for language in (OFFICE_LANGUAGE, *loaded.texts):
            words = event_words(loaded, language, now)
            await write_text(session, broadcast.id, language, words, now, card=True)
        what = f"new broadcast {broadcast.id} about event {event.id}"
        await note(session, here, Action.WRITE_BROADCAST, what, now)
    await show_draft(query.message, office, here, broadcast.id)


def register_screens(router: Router) -> None:
    """The list and new broadcasts."""
    writing = {"action": Action.WRITE_BROADCAST}
    router.callback_query.register(
        see_list, Desk.filter(F.screen == "broadcasts"), flags={"action": Action.STEER_BROADCAST}
    )
    router.callback_query.register(begin_new, Cast.filter(F.what == "new"), flags=writing)
    router.callback_query.register(begin_about_event, Cast.filter(F.what == "event"), flags=writing)
