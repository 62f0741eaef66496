"""What a broadcast looks like in a chat, and the function that puts it there."""

import logging
import re
from datetime import datetime
from html import unescape

from aiogram import Bot, html
from aiogram.types import InlineKeyboardMarkup

from bot.broadcasts import (
    Outcome,
    Parcel,
    Part,
    Refused,
    Sent,
    changed_events,
    follow_event,
)
from bot.channels.calls import outcome_of
from bot.db import Sessions
from bot.events import LoadedEvent, load_event
from bot.texts import _, speaking
from handlers.buttons import EventDo, Events, Hear, Keys
from handlers.events.cards import event_text, topic_name

logger = logging.getLogger(__name__)

TEXT_LIMIT = 4096  # UTF-16 units that Telegram takes, without the markup
_BETWEEN = "\n\n— — —\n\n"
_MOST_TOPICS = 3


def plain_words(text: str) -> str:
    """A text without its markup."""
    return unescape(re.sub(r"<[^>]*>", "", text))


def length_of(text: str) -> int:
    """Length as Telegram counts it: without markup, in UTF-16 units."""
    return len(plain_words(text).encode("utf-16-le", "surrogatepass")) // 2


def _words(part: Part) -> str:
    if not part.withdrawn:
        return part.html
    head = html.bold(_("This does not take place any more."))
    whole = f"{head}\n\n{part.html}"
    if length_of(whole) <= TEXT_LIMIT:
        return whole
    # Cut without its markup: a tag must not be cut in two. No letter is longer than two units.
    return f"{head}\n\n{html.quote(plain_words(part.html)[: TEXT_LIMIT // 2 - 100])} …"


def wording(parcel: Parcel) -> tuple[str, InlineKeyboardMarkup]:
    """What a message of a broadcast says, and its buttons; in the language being spoken."""
    keys = Keys()
    several = len(parcel.parts) > 1
    for number, part in enumerate(parcel.parts, start=1):
        if part.event_id is None or part.withdrawn:
            continue
        if several:
            label = _("More about number {number}").format(number=number)
            keys.row((label, EventDo(what="show", event=part.event_id)))
            continue
        keys.row(
            (_("I am coming"), EventDo(what="come", event=part.event_id, count=1)),
            (_("I am interested"), EventDo(what="like", event=part.event_id)),
        )
        keys.row((_("The event"), EventDo(what="show", event=part.event_id)))
    topics = {topic for part in parcel.parts for topic in part.topics if topic_name(topic)}
    if 0 < len(topics) <= _MOST_TOPICS:
        for topic in sorted(topics):
            label = _("No more: {topic}").format(topic=topic_name(topic))
            keys.row((label, Hear(what="end", topic=topic)))
    else:
        keys.row((_("My messages"), Hear()), (_("All events"), Events()))
    texts = [_words(part) for part in parcel.parts]
    if several:
        texts = [f"{number}.\n{text}" for number, text in enumerate(texts, start=1)]
    return _BETWEEN.join(texts), keys.markup()


async def deliver_parcel(bot: Bot, parcel: Parcel) -> Outcome:
    """Send a message of a broadcast, or edit the one that stands in the chat."""
    try:
        with speaking(parcel.language):
            text, keys = wording(parcel)
            if parcel.message_id is None:
                message = await bot.send_message(parcel.chat_id, text, reply_markup=keys)
                return Sent(message.message_id)
            await bot.edit_message_text(
                text, chat_id=parcel.chat_id, message_id=parcel.message_id, reply_markup=keys
            )
    except Exception as error:
        outcome = outcome_of(error)
        if isinstance(outcome, Refused) and parcel.message_id and "not modified" in outcome.why:
            return Sent(parcel.message_id)
        return outcome
    return Sent(parcel.message_id)


def event_words(loaded: LoadedEvent, language: str, now: datetime) -> str:
    """An event's card in a language, as a broadcast about it says it."""
    with speaking(language):
        return event_text(loaded, language, now=now)


async def follow_events(sessions: Sessions, now: datetime) -> int:
    """Let broadcasts say what their events say now, where they show the event's card.

    Every message that stands in a chat is edited then; whoever comes was told by the event itself.
    What is cancelled is sent to nobody else.
    """
    async with sessions.begin() as session:
        for broadcast, texts in await changed_events(session):
            loaded = await load_event(session, broadcast.event_id or 0)
            if loaded is None:
                continue
            words = {
                language: event_words(loaded, language, now)
                for language, text in texts.items()
                if text.card
            }
            cancelled = loaded.event.state == "cancelled"
            if await follow_event(session, broadcast, words, now, cancelled=cancelled):
                logger.info("broadcast %d follows its event", broadcast.id)
    return 0
