"""Messages about events: begin a topic, end it with one tap, and what is still to come at once."""

from aiogram import Bot, html
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.channels import Channel
from bot.events import Topic, my_subscriptions, still_valid, subscribe, unsubscribe
from bot.events.listing import titles
from bot.models import Chat, Event, Resident
from bot.office import Office
from bot.texts import _, isolated
from handlers.buttons import EventDo, Events, Go, Hear, Keys
from handlers.cards import fitting
from handlers.events.answering import why_telegram
from handlers.events.cards import event_line, spoken_list, topic_name
from handlers.events.screens import index_of, refused_while_off, telegram_link, town_of
from handlers.menu import ask_language

MOST_IN_DIGEST = 5


def subscription_name(topic: Topic, town: str | None) -> str:
    """A topic and where: "Courses (Raunheim)"."""
    name = topic_name(topic)
    return f"{name} ({isolated(html.quote(town))})" if town else name


async def show_hearing(
    message: Message,
    office: Office,
    here: Chat,
    channel: Channel,
    resident: Resident | None,
) -> None:
    """What somebody hears of now; every topic can be begun or ended with one tap."""
    if not channel.can_push:
        bot = message.bot
        link = await telegram_link(office, bot, channel) if bot is not None else None
        await message.answer(
            why_telegram(link), reply_markup=Keys().row((_("All events"), Events())).markup()
        )
        return
    async with office.sessions.begin() as session:
        mine = await my_subscriptions(session, here)
    if mine:
        lines = [_("You get messages about:")]
        lines += [f"• {subscription_name(topic, town)}" for topic, town in mine.items()]
        lines.append(_("One tap ends a topic. /stop ends everything."))
    else:
        lines = [
            _("You do not get messages about events yet."),
            _("Choose a topic. It is free, and one tap ends it."),
        ]
    await message.answer("\n".join(lines), reply_markup=_topic_keys(mine))


def _topic_keys(mine: dict[Topic, str | None]) -> InlineKeyboardMarkup:
    keys = Keys()
    for topic in mine:
        label = _("End: {topic}").format(topic=topic_name(topic))
        keys.row((label, Hear(what="end", topic=topic.value)))
    for topic in Topic:
        if topic not in mine:
            keys.row((topic_name(topic), Hear(what="add", topic=topic.value)))
    keys.row((_("All events"), Events()), (_("Menu"), Go(screen="menu")))
    return keys.markup()


async def hear(
    query: CallbackQuery,
    callback_data: Hear,
    bot: Bot,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    resident: Resident | None,
) -> None:
    """A topic is begun or ended. Ending works whatever is switched off."""
    message = query.message
    if not isinstance(message, Message):
        return
    topic = Topic(callback_data.topic) if callback_data.topic in set(Topic) else None
    if topic is not None and callback_data.what == "end":
        async with office.sessions.begin() as session:
            await unsubscribe(session, here, topic)
        await message.answer(
            _("Good. No more messages about: {topic}").format(topic=topic_name(topic)),
            reply_markup=Keys()
            .row((_("My messages"), Hear()), (_("All events"), Events()))
            .markup(),
        )
        return
    if await refused_while_off(message, office, resident):
        return
    if topic is None or callback_data.what != "add" or not channel.can_push:
        await show_hearing(message, office, here, channel, resident)
        return
    if resident is None:
        await ask_language(message, office, resident)
        return
    town = town_of(office, callback_data.place)
    if topic is Topic.MY_TOWN:
        town = town or resident.municipality
        if town is None:
            await message.answer(
                _("I need your town for this. Tell me your town first."),
                reply_markup=Keys().row((_("My town"), Go(screen="place"))).markup(),
            )
            return
    await _begin(message, office, here, language, resident, topic, town)


async def _begin(
    message: Message,
    office: Office,
    here: Chat,
    language: str,
    resident: Resident,
    topic: Topic,
    town: str | None,
) -> None:
    now = office.now()
    async with office.sessions.begin() as session:
        await subscribe(session, here, topic, town)
        coming = await still_valid(session, topic, town, now)
        shown = coming[:MOST_IN_DIGEST]
        names = await titles(session, [one.event for one in shown], language)
    where = isolated(html.quote(town)) if town else _("the whole county")
    head = [
        html.bold(_("You get messages about: {topic}").format(topic=topic_name(topic))),
        _("From: {place}").format(place=where),
    ]
    parts = ["\n".join(head)]
    keys = Keys()
    if shown:
        parts.append(_("This is still to come:"))
        parts += [
            event_line(number, one, names[one.event.id])
            for number, one in enumerate(shown, start=1)
        ]
        for one in shown:
            keys.row((names[one.event.id], EventDo(what="show", event=one.event.id)))
    home = resident.municipality
    if town is None and home is not None:
        label = _("Only from {town}").format(town=home)
        keys.row((label, Hear(what="add", topic=topic.value, place=index_of(office, home))))
    elif town is not None and topic is not Topic.MY_TOWN:
        keys.row((_("From the whole county"), Hear(what="add", topic=topic.value)))
    elif town is None:
        keys.row((_("My town"), Go(screen="place")))
    label = _("End: {topic}").format(topic=topic_name(topic))
    keys.row((label, Hear(what="end", topic=topic.value)))
    keys.row((_("Another topic"), Hear()), (_("All events"), Events()))
    ending = _("One tap ends a topic. /stop ends everything.")
    await message.answer(fitting(parts, ending), reply_markup=keys.markup())


def stopped_words(kept: list[Event], names: dict[int, str]) -> tuple[str, InlineKeyboardMarkup]:
    """What /stop says about places that somebody still has, and the way to give them back."""
    shown = kept[:MOST_IN_DIGEST]
    text = _(
        "You still have a place at: {events}. I will not write to you "
        "about it any more. If you are not coming, please tell me here:"
    ).format(events=spoken_list([names[event.id] for event in shown]))
    keys = Keys()
    for event in shown:
        label = _("I am not coming: {event}").format(event=names[event.id])
        keys.row((label, EventDo(what="back", event=event.id)))
    return text, keys.markup()
