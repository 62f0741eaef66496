"""Answers to an event: I come, I am interested, a reminder, a calendar file, telling it on."""

import re

from aiogram import Bot, html
from aiogram.filters import CommandObject, Filter
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from bot.channels import Channel
from bot.events import (
    Answer,
    Answered,
    LoadedEvent,
    come,
    date_of,
    load_event,
    remind,
    say_interested,
    take_back,
    unremind,
)
from bot.events.answers import MOST_PLACES
from bot.events.calendar import Entry, write_calendar
from bot.models import Chat, Event, Resident
from bot.office import Office
from bot.texts import _, isolated, left_to_right
from handlers.buttons import EventDo, Events, Keys
from handlers.events.cards import (
    clock_words,
    date_words,
    day_words,
    facts_of,
    places_words,
    reach,
)
from handlers.events.screens import refused_while_off, show_event, telegram_link
from handlers.menu import ask_language, menu_keys

START_PREFIX = "event_"
_STORES = frozenset({"come", "like", "remind", "places"})
_TAGS = re.compile(r"<[^>]*>")


async def do(
    query: CallbackQuery,
    callback_data: EventDo,
    bot: Bot,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    resident: Resident | None,
) -> None:
    """A button below an event. Nothing is kept about somebody who has not agreed yet."""
    message, event_id = query.message, callback_data.event
    if not isinstance(message, Message) or await refused_while_off(message, office, resident):
        return
    what = callback_data.what
    if what in _STORES and not channel.can_push:
        await message.answer(why_telegram(await telegram_link(office, bot, channel)))
        return
    if what in _STORES and resident is None:
        await ask_language(message, office, resident)
        return
    match what:
        case "come":
            await _come(message, office, here, event_id, callback_data.count or 1)
        case "like":
            await _like(message, office, here, event_id)
        case "back":
            await _take_back(message, office, here, event_id)
        case "places":
            await _ask_places(message, event_id)
        case "remind":
            await _remind(message, office, here, event_id)
        case "unremind":
            await _unremind(message, office, here, event_id)
        case "file":
            await _send_file(message, bot, office, channel, language, event_id)
        case "share":
            await _share(message, bot, office, channel, language, event_id)
        case _show:
            await show_event(message, office, here, channel, language, event_id)


def why_telegram(link: str | None) -> str:
    """Why messages, places and reminders need Telegram."""
    lines = [
        _(
            "This page cannot write to you when it is closed. "
            "For messages, places and reminders you need our bot on Telegram."
        ),
        _("Here you can see what is on, and you can keep the calendar file."),
    ]
    if link:
        lines.insert(1, _("Our bot on Telegram: {link}").format(link=link))
    return "\n".join(lines)


def _back_keys(event_id: int, *more: tuple[str, EventDo]) -> Keys:
    keys = Keys()
    if more:
        keys.grid(list(more))
    return keys.row(
        (_("The event"), EventDo(what="show", event=event_id)), (_("All events"), Events())
    )


async def _come(message: Message, office: Office, here: Chat, event_id: int, count: int) -> None:
    async with office.sessions.begin() as session:
        answered = await come(session, event_id, here, count, office.now())
        loaded = await load_event(session, event_id)
    if loaded is None:
        return
    await message.answer(
        came_of(loaded.event, answered),
        reply_markup=_back_keys(event_id, *_ways(event_id, answered)).markup(),
    )


def _ways(event_id: int, answered: Answered) -> list[tuple[str, EventDo]]:
    if answered.answer is Answer.WAITING:
        return [(_("Take me off the waiting list"), EventDo(what="back", event=event_id))]
    return [
        (_("More people"), EventDo(what="places", event=event_id)),
        (_("Remind me the day before"), EventDo(what="remind", event=event_id)),
        (_("Calendar file"), EventDo(what="file", event=event_id)),
        (_("I am not coming"), EventDo(what="back", event=event_id)),
    ]


def came_of(event: Event, answered: Answered) -> str:
    """What came of "I come", in words."""
    when = date_words(answered.date, all_day=event.all_day, has_end=event.ends_at is not None)
    places = places_words(answered.places)
    if answered.answer is Answer.WAITING:
        return "\n".join(
            [
                html.bold(_("You are on the waiting list. {places}.").format(places=places)),
                _(
                    "There are not enough places. I will write to you when there is "
                    "a place for you."
                ),
            ]
        )
    lines = [html.bold(_("Good. You are coming. {places}.").format(places=places)), when]
    if answered.wished > answered.places:
        lines.append(_("There are no more places than that."))
    if event.registration == "elsewhere":
        where = reach(event.registration_at)
        lines.append(_("You also have to register: {where}").format(where=where))
    lines.append(_("I will write to you when the time or the place changes."))
    return "\n".join(lines)


async def _ask_places(message: Message, event_id: int) -> None:
    counts = range(1, MOST_PLACES + 1)
    keys = Keys().grid(
        [(places_words(n), EventDo(what="come", event=event_id, count=n)) for n in counts]
    )
    keys.row((_("The event"), EventDo(what="show", event=event_id)))
    await message.answer(
        _("How many people are coming, including you?"), reply_markup=keys.markup()
    )


async def _like(message: Message, office: Office, here: Chat, event_id: int) -> None:
    async with office.sessions.begin() as session:
        await say_interested(session, event_id, here, office.now())
    await message.answer(
        _("Thank you. You find this event under “My events”."),
        reply_markup=_back_keys(
            event_id,
            (_("Remind me the day before"), EventDo(what="remind", event=event_id)),
            (_("Calendar file"), EventDo(what="file", event=event_id)),
        ).markup(),
    )


async def _take_back(message: Message, office: Office, here: Chat, event_id: int) -> None:
    async with office.sessions.begin() as session:
        gone = await take_back(session, event_id, here, office.now())
    text = _("Good. I have deleted your answer.") if gone else _("You have not answered here.")
    await message.answer(text, reply_markup=_back_keys(event_id).markup())


async def _remind(message: Message, office: Office, here: Chat, event_id: int) -> None:
    async with office.sessions.begin() as session:
        due = await remind(session, event_id, here, office.now())
    text = _("Good. I will remind you: {day}, {time}").format(
        day=day_words(due), time=left_to_right(clock_words(due))
    )
    more = ((_("Do not remind me"), EventDo(what="unremind", event=event_id)),)
    await message.answer(text, reply_markup=_back_keys(event_id, *more).markup())


async def _unremind(message: Message, office: Office, here: Chat, event_id: int) -> None:
    async with office.sessions.begin() as session:
        await unremind(session, event_id, here)
    await message.answer(
        _("Good. I will not remind you."), reply_markup=_back_keys(event_id).markup()
    )


async def _shown(message: Message, office: Office, event_id: int) -> LoadedEvent | None:
    async with office.sessions.begin() as session:
        loaded = await load_event(session, event_id)
    if loaded is None or loaded.event.state == "draft" or loaded.event.starts_at is None:
        await message.answer(_("This event is not there any more."), reply_markup=menu_keys())
        return None
    return loaded


def calendar_entry(loaded: LoadedEvent, language: str, link: str | None) -> Entry:
    """An event for a reader's calendar: words in their language, facts below the text."""
    event = loaded.event
    title, text = loaded.words(loaded.language_for(language))
    facts = [_TAGS.sub("", fact) for fact in facts_of(event)]
    place = ", ".join(part for part in (event.place, event.address, event.municipality) if part)
    return Entry(
        event=event,
        title=title,
        description="\n".join([*([text] if text != title else []), *facts]),
        location=place,
        link=link or "",
        alarm=True,
    )


async def _send_file(
    message: Message, bot: Bot, office: Office, channel: Channel, language: str, event_id: int
) -> None:
    loaded = await _shown(message, office, event_id)
    if loaded is None:
        return
    link = await telegram_link(office, bot, channel, f"{START_PREFIX}{event_id}")
    content = write_calendar([calendar_entry(loaded, language, link)])
    await message.answer_document(
        BufferedInputFile(content, filename=f"event-{event_id}.ics"),
        caption=_("Open this file. Then the event is in your calendar."),
    )


async def _share(
    message: Message, bot: Bot, office: Office, channel: Channel, language: str, event_id: int
) -> None:
    loaded = await _shown(message, office, event_id)
    if loaded is None:
        return
    title, _text = loaded.words(loaded.language_for(language))
    link = await telegram_link(office, bot, channel, f"{START_PREFIX}{event_id}")
    lines = [_("Send this to others:"), html.bold(isolated(html.quote(title)))]
    if loaded.event.starts_at is not None:
        date = date_of(loaded.event, loaded.event.starts_at)
        if date is not None and loaded.event.rule is None:
            lines.append(
                date_words(
                    date, all_day=loaded.event.all_day, has_end=loaded.event.ends_at is not None
                )
            )
    if link:
        lines.append(left_to_right(link))
    else:
        lines.append(_("They can write to us in this chat: /events"))
    await message.answer("\n".join(lines), reply_markup=_back_keys(event_id).markup())


# A link to an event


class EventLink(Filter):
    """A start link that leads to an event."""

    async def __call__(self, message: Message, command: CommandObject) -> bool | dict[str, int]:
        """Hand on the event's number."""
        found = re.fullmatch(rf"{START_PREFIX}([1-9][0-9]{{0,14}})", command.args or "")
        return {"event_id": int(found[1])} if found else False


async def start_with_event(
    message: Message,
    event_id: int,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """Somebody opened a link to an event: it is shown, and to a newcomer who we are after it."""
    await state.clear()
    if not await refused_while_off(message, office, resident):
        await show_event(message, office, here, channel, language, event_id)
    if resident is None:
        await ask_language(message, office, resident)
