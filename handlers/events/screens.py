"""What is on: lists by date, week, town and topic; and one event with all that can be done."""

from datetime import timedelta

from aiogram import Bot, html
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardMarkup, Message

from bot.channels import Channel
from bot.events import (
    Answer,
    Listed,
    LoadedEvent,
    Scope,
    Topic,
    Wanted,
    Yearly,
    load_event,
    load_picture,
    my_answer,
    my_events,
    my_subscriptions,
    next_date,
    reminded,
    whats_on,
)
from bot.events.editing import keep_file_id
from bot.events.listing import dated_yearly, titles, week_of
from bot.events.yearly import without_a_date
from bot.models import Attendance, Chat, Event, EventPicture, Resident
from bot.office import Office
from bot.staff import bot_username
from bot.switches import Module, demand_on, switched_off
from bot.texts import _, day, isolated
from handlers.buttons import EventDo, Events, Go, Hear, Keys, ShowTopic
from handlers.cards import fitting
from handlers.events.cards import (
    answer_words,
    event_line,
    event_text,
    places_words,
    topic_name,
    yearly_line,
)
from handlers.menu import menu_keys
from handlers.notices import switched_off_notice, ways_to_reach

PAGE = 4
_LAST_WEEK = 60


def town_of(office: Office, index: int) -> str | None:
    """The municipality at a position of the list; nothing for any other number."""
    names = list(office.knowledge.municipalities)
    return names[index] if 0 <= index < len(names) else None


def index_of(office: Office, town: str | None) -> int:
    """The position of a municipality in the list; -1 for none."""
    names = list(office.knowledge.municipalities)
    return names.index(town) if town in names else -1


async def refused_while_off(message: Message, office: Office, resident: Resident | None) -> bool:
    """Say why events are switched off, and who helps; whether they are."""
    async with office.sessions.begin() as session:
        off = await switched_off(session)
    if Module.EVENTS not in off:
        return False
    topic = office.knowledge.topics.get("events")
    home = resident.municipality if resident else None
    await message.answer(
        switched_off_notice(office, off[Module.EVENTS], topic, home), reply_markup=menu_keys()
    )
    return True


async def first_page(office: Office, language: str) -> tuple[str, InlineKeyboardMarkup]:
    """What is on, as a text and its buttons, without anybody having to be told about anything.

    Raises ``SwitchedOff`` while events are switched off.
    """
    now = office.now()
    async with office.sessions.begin() as session:
        await demand_on(session, Module.EVENTS)
        found = await whats_on(session, Wanted(), now)
        entries = without_a_date(await dated_yearly(session, now))
        page = found[:PAGE]
        names = await titles(session, [one.event for one in page], language)
    head = _heading(office, Scope.ALL, None, None, 0)
    lines = [event_line(n, one, names[one.event.id]) for n, one in enumerate(page, start=1)]
    if page:
        text = fitting([head, *lines], _("Press a title to see everything."))
    else:
        text = "\n\n".join([head, _nothing(Scope.ALL, entries), ways_to_reach(office)])
    more = len(found) > PAGE
    return text, _list_keys(Events(), Scope.ALL, page, names, more, bool(entries))


async def show_events(
    message: Message,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    resident: Resident | None,
    wanted: Events,
) -> None:
    """A list of events; unknown words in a button mean "all"."""
    if await refused_while_off(message, office, resident):
        return
    scope = Scope(wanted.scope) if wanted.scope in set(Scope) else Scope.ALL
    topic = Topic(wanted.topic) if wanted.topic in set(Topic) else None
    home = resident.municipality if resident else None
    town = town_of(office, wanted.place) or home
    if town is None and (scope is Scope.NEAR or topic is Topic.MY_TOWN):
        await message.answer(
            _("I need your town for this. Tell me your town first."),
            reply_markup=Keys()
            .row((_("My town"), Go(screen="place")), (_("All events"), Events()))
            .markup(),
        )
        return
    now = office.now()
    async with office.sessions.begin() as session:
        if scope is Scope.MINE:
            found = await my_events(session, here, now)
        elif scope is Scope.YEARLY:
            found = []
        else:
            found = await whats_on(session, Wanted(scope, topic, wanted.week, town), now)
        entries = without_a_date(await dated_yearly(session, now))
        first = wanted.page * PAGE
        page = found[first : first + PAGE]
        names = await titles(session, [one.event for one in page], language)
    if topic is not None:
        entries = [entry for entry in entries if entry.topic == topic]
    head = _heading(office, scope, topic, town, wanted.week)
    if scope is Scope.YEARLY:
        text = fitting(
            [head, *(yearly_line(entry, language) for entry in entries)],
            _("When there is a date, you find it here."),
        )
    elif page:
        lines = [
            event_line(first + number, one, names[one.event.id])
            for number, one in enumerate(page, start=1)
        ]
        ending = _("Press a title to see everything.")
        if channel.can_push:
            ending = _("Press a title to see everything and to say “I am coming”.")
        text = fitting([head, *lines], ending)
    else:
        text = "\n\n".join([head, _nothing(scope, entries), ways_to_reach(office)])
    more = len(found) > first + PAGE
    keys = _list_keys(wanted, scope, page, names, more, bool(entries))
    await message.answer(text, reply_markup=keys)


def _heading(office: Office, scope: Scope, topic: Topic | None, town: str | None, week: int) -> str:
    words = {
        Scope.ALL: _("What is on"),
        Scope.NEAR: _("Near {town}"),
        Scope.SERIES: _("Again and again"),
        Scope.MINE: _("My events"),
        Scope.YEARLY: _("Every year"),
        Scope.WEEK: _("This week"),
    }[scope]
    if scope is Scope.WEEK and week:
        monday, next_monday = week_of(office.now(), week)
        words = _("{first} to {last}").format(
            first=day(monday.date()), last=day((next_monday - timedelta(days=1)).date())
        )
    if scope is Scope.NEAR:
        words = words.format(town=isolated(html.quote(town or "")))
    if topic is not None:
        name = topic_name(topic)
        words = name if scope is Scope.ALL else f"{words}: {name}"
    return html.bold(words)


def _nothing(scope: Scope, entries: list[Yearly]) -> str:
    match scope:
        case Scope.MINE:
            return _("You have not answered an event yet.")
        case Scope.WEEK:
            return _("There is nothing in my list for this week.")
        case Scope.NEAR:
            return _("There is nothing in my list near this town.")
    text = _("There is nothing in my list at the moment.")
    if entries:
        text += " " + _("Some events come every year. Their date is not known yet.")
    return text + "\n\n" + _("Please ask the office:")


def _list_keys(
    wanted: Events,
    scope: Scope,
    page: list[Listed],
    names: dict[int, str],
    more: bool,
    yearly: bool,
) -> InlineKeyboardMarkup:
    keys = Keys()
    for event_id in dict.fromkeys(one.event.id for one in page):
        keys.row((names[event_id], EventDo(what="show", event=event_id)))
    if more:
        keys.row((_("More"), wanted.model_copy(update={"page": wanted.page + 1})))
    base = {"page": 0, "week": 0}
    if scope is Scope.WEEK and wanted.week < _LAST_WEEK:
        later = wanted.model_copy(update={"page": 0, "week": wanted.week + 1})
        keys.row((_("The week after"), later))
    ways = [
        (Scope.ALL, _("All events")),
        (Scope.WEEK, _("This week")),
        (Scope.NEAR, _("Near my town")),
        (Scope.SERIES, _("Again and again")),
        (Scope.YEARLY, _("Every year")),
        (Scope.MINE, _("My events")),
    ]
    choices = [
        (label, wanted.model_copy(update={**base, "scope": way.value}))
        for way, label in ways
        if way is not scope and (way is not Scope.YEARLY or yearly)
    ]
    keys.grid([(label, choice) for label, choice in choices])
    keys.row(
        (_("By topic"), Events(scope="topics")),
        (_("Get messages"), Hear()),
    )
    keys.row(
        (_("How it works"), ShowTopic(topic_id="events")),
        (_("Menu"), Go(screen="menu")),
    )
    return keys.markup()


async def show_topics(message: Message) -> None:
    """All topics of events, to look at one of them."""
    keys = Keys()
    for topic in Topic:
        keys.row((topic_name(topic), Events(topic=topic.value)))
    keys.row((_("All events"), Events()), (_("Menu"), Go(screen="menu")))
    await message.answer(_("Which topic?"), reply_markup=keys.markup())


async def list_pressed(
    query: CallbackQuery,
    callback_data: Events,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    resident: Resident | None,
) -> None:
    """A list of events was asked for by a button."""
    if not isinstance(query.message, Message):
        return
    if callback_data.scope == "topics":
        await show_topics(query.message)
        return
    await show_events(query.message, office, here, channel, language, resident, callback_data)


async def events_command(
    message: Message,
    office: Office,
    here: Chat,
    channel: Channel,
    language: str,
    resident: Resident | None,
    state: FSMContext,
) -> None:
    """``/events``: what is on."""
    await state.clear()
    await show_events(message, office, here, channel, language, resident, Events())


async def show_event(
    message: Message, office: Office, here: Chat, channel: Channel, language: str, event_id: int
) -> bool:
    """An event with its picture and everything that can be done; whether there is such an event."""
    now = office.now()
    async with office.sessions.begin() as session:
        loaded = await load_event(session, event_id)
        if loaded is None or loaded.event.state == "draft":
            loaded = None
        picture = await load_picture(session, event_id) if loaded and loaded.has_picture else None
        mine = await my_answer(session, event_id, here, now)
        reminder = await reminded(session, event_id, here)
        topics = await my_subscriptions(session, here)
    if loaded is None:
        await message.answer(
            _("This event is not there any more."),
            reply_markup=Keys().row((_("All events"), Events())).markup(),
        )
        return False
    if picture is not None:
        await send_picture(message, office, channel, picture, loaded.words(language)[0])
    text = event_text(loaded, language, now=now)
    extra = state_lines(loaded.event, mine, office)
    if extra:
        text = f"{text}\n\n{extra}"
    subscribed = loaded.event.topic in topics
    keys = event_keys(loaded, channel, office, mine, reminder, subscribed)
    await message.answer(text, reply_markup=keys)
    return True


async def send_picture(
    message: Message, office: Office, channel: Channel, picture: EventPicture, title: str
) -> None:
    """An event's picture with its title; to Telegram it is uploaded once."""
    known = picture.file_id if channel.name == "telegram" else None
    photo = known or BufferedInputFile(picture.content, filename="event.jpg")
    sent = await message.answer_photo(photo, caption=html.quote(title))
    if channel.name == "telegram" and known is None and sent.photo:
        async with office.sessions.begin() as session:
            await keep_file_id(session, picture.event_id, sent.photo[-1].file_id)


def state_lines(event: Event, mine: Attendance | None, office: Office) -> str:
    """How many places are left, and what the person said."""
    lines = []
    date = next_date(event, office.now())
    if event.capacity is not None and date is not None and event.state != "cancelled":
        taken = event.places_taken if event.places_taken_for == date.starts_at else 0
        free = max(0, event.capacity - taken)
        if free:
            lines.append(_("Free now: {places}").format(places=places_words(free)))
        else:
            lines.append(_("All places are taken. There is a waiting list."))
    if mine is not None:
        lines.append(html.bold(answer_words(mine.answer, mine.places)))
    return "\n".join(lines)


def event_keys(
    loaded: LoadedEvent,
    channel: Channel,
    office: Office,
    mine: Attendance | None,
    reminder: bool,
    subscribed: bool,
) -> InlineKeyboardMarkup:
    """What can be done with an event; on a page that we cannot write to, only what works there."""
    event, keys = loaded.event, Keys()
    number = event.id
    open_ = event.state != "cancelled" and next_date(event, office.now()) is not None
    if channel.can_push:
        answer = mine.answer if mine else None
        if open_ and answer is None:
            keys.row(
                (_("I am coming"), EventDo(what="come", event=number, count=1)),
                (_("I am interested"), EventDo(what="like", event=number)),
            )
        elif open_ and answer == Answer.INTERESTED:
            keys.row(
                (_("I am coming"), EventDo(what="come", event=number, count=1)),
                (_("Not interested any more"), EventDo(what="back", event=number)),
            )
        elif answer == Answer.COMES:
            keys.row(
                (_("I am not coming"), EventDo(what="back", event=number)),
                *(((_("More people"), EventDo(what="places", event=number)),) if open_ else ()),
            )
        elif answer == Answer.WAITING:
            keys.row((_("Take me off the waiting list"), EventDo(what="back", event=number)))
        if open_ and not reminder:
            keys.row((_("Remind me the day before"), EventDo(what="remind", event=number)))
        elif open_:
            keys.row((_("Do not remind me"), EventDo(what="unremind", event=number)))
    if open_:
        keys.row(
            (_("Calendar file"), EventDo(what="file", event=number)),
            (_("Tell others"), EventDo(what="share", event=number)),
        )
    topic = topic_name(event.topic)
    if topic and channel.can_push and subscribed:
        keys.row((_("No more: {topic}").format(topic=topic), Hear(what="end", topic=event.topic)))
    elif topic and channel.can_push:
        label = _("Messages: {topic}").format(topic=topic)
        keys.row((label, Hear(what="add", topic=event.topic)))
    keys.row((_("All events"), Events()), (_("Menu"), Go(screen="menu")))
    return keys.markup()


async def telegram_link(office: Office, bot: Bot, channel: Channel, start: str = "") -> str | None:
    """A link that opens our bot on Telegram; nothing when it is not there."""
    if channel.name == "telegram":
        username: str | None = (await bot.me()).username
    else:
        async with office.sessions.begin() as session:
            username = await bot_username(session, "telegram")
    if username is None:
        return None
    return f"https://t.me/{username}" + (f"?start={start}" if start else "")
