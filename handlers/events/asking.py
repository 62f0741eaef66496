"""What was asked in words: one event by its name, a list that fits, or messages."""

from aiogram.types import Message

from bot.channels import Channel
from bot.events import Scope, Topic, Wanted, Yearly, whats_on, yearly_events
from bot.events.finding import named
from bot.events.listing import dated_yearly, titles
from bot.events.topics import mentions, says_only, topic_in
from bot.events.yearly import without_a_date
from bot.models import Chat, Resident
from bot.office import Office
from bot.places import find_place
from bot.texts import OFFICE_LANGUAGE, _
from handlers.buttons import Events, Hear, Keys, ShowTopic
from handlers.events.cards import yearly_line
from handlers.events.hearing import show_hearing
from handlers.events.screens import index_of, refused_while_off, show_event, show_events
from handlers.notices import ways_to_reach


def asks_for_events(text: str) -> bool:
    """Whether a message that nothing else understood asks what is on."""
    return says_only(text, "asks") or says_only(text, "subscribe") or says_only(text, "mine")


async def answer_events(
    message: Message,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    resident: Resident | None,
    text: str,
) -> None:
    """What was asked in words: one event by its name, a list that fits, or messages."""
    if await refused_while_off(message, office, resident):
        return
    if mentions(text, "unsubscribe") or mentions(text, "subscribe"):
        await show_hearing(message, office, here, channel, resident)
        return
    now = office.now()
    async with office.sessions.begin() as session:
        found = await whats_on(session, Wanted(), now)
        names = await titles(session, [one.event for one in found], language)
        entries = without_a_date(await dated_yearly(session, now))
    by_name: dict[int | str, str] = {key: title for key, title in names.items()}
    for one in found:
        by_name[one.event.id] = f"{one.event.title} {names[one.event.id]}"
    by_name.update({entry.id: entry.titles[OFFICE_LANGUAGE] for entry in entries})
    meant = named(text, by_name) or named(text, {e.id: e.title(language) for e in entries})
    if len(meant) == 1 and isinstance(meant[0], int):
        await show_event(message, office, here, channel, language, meant[0])
        return
    if len(meant) == 1:
        await show_yearly(message, office, yearly_events()[str(meant[0])], language)
        return
    place = find_place(text)
    week = 1 if mentions(text, "next_week") else 0
    scope = Scope.ALL
    if place is not None or mentions(text, "near"):
        scope = Scope.NEAR
    elif mentions(text, "mine"):
        scope = Scope.MINE
    elif week or mentions(text, "this_week"):
        scope = Scope.WEEK
    elif mentions(text, "series"):
        scope = Scope.SERIES
    topic = topic_in(text)
    await show_events(
        message,
        office,
        here,
        channel,
        language,
        resident,
        Events(
            scope=scope.value,
            topic=topic.value if topic and topic is not Topic.MY_TOWN else "",
            place=index_of(office, place.municipality if place else None),
            week=week,
        ),
    )


async def show_yearly(message: Message, office: Office, entry: Yearly, language: str) -> None:
    """An event of every year that has no date yet, and how to hear of it."""
    await message.answer(
        "\n\n".join(
            [
                yearly_line(entry, language),
                _("Do you want a message when there is something new? Press “Get messages”."),
                ways_to_reach(office),
            ]
        ),
        reply_markup=Keys()
        .row((_("Get messages"), Hear(what="add", topic=entry.topic.value)))
        .row((_("How it works"), ShowTopic(topic_id="events")), (_("All events"), Events()))
        .markup(),
    )
