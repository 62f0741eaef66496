"""A broadcast is written: its words in each language, and for whom it is."""

from aiogram import F, Router, html
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message

from bot.broadcasts import (
    SMALLEST,
    Audience,
    Draft,
    choose_audience,
    count_by_topic,
    find_broadcast,
    let_stand_in,
    load_draft,
    reach_by_town,
    write_text,
)
from bot.channels.telegram import NAME as TELEGRAM
from bot.events import Topic
from bot.models import Chat
from bot.office import Office
from bot.places import towns
from bot.staff import Action
from bot.texts import (
    OFFICE_LANGUAGE,
    SOURCE_LANGUAGE,
    _,
    is_right_to_left,
    language_name,
    languages,
)
from handlers.broadcasts import TEXT_LIMIT, length_of
from handlers.buttons import Keys
from handlers.conversations import TAKE_ALARMING_WORDS
from handlers.events.cards import topic_name
from handlers.staff.broadcasts.screens import Cast, audience_words, figure, show_draft


class WritingBroadcast(StatesGroup):
    """The dialogue that takes the words of one language."""

    words = State()


TAKE_ALARMING_WORDS.add(str(WritingBroadcast.words.state))


def _wanted_languages(draft: Draft) -> list[str]:
    """German and English first, then the readers' languages, then others that have words."""
    known = [
        OFFICE_LANGUAGE,
        SOURCE_LANGUAGE,
        *(group.reader for group in draft.groups),
        *draft.texts,
        *languages(),
    ]
    return list(dict.fromkeys(known))


async def see_texts(
    query: CallbackQuery, callback_data: Cast, office: Office, state: FSMContext
) -> None:
    """Every language with its words or what stands in for them."""
    if not isinstance(query.message, Message):
        return
    await state.clear()
    async with office.sessions.begin() as session:
        draft = await load_draft(session, callback_data.id, TELEGRAM)
    lines, keys = [html.bold(_("Texts"))], Keys()
    buttons = []
    for language in _wanted_languages(draft):
        text, name = draft.texts.get(language), language_name(language)
        if text is not None and text.html is not None:
            lines.append("• " + _("{language}: written").format(language=name))
        elif text is not None and text.fallback:
            other = language_name(text.fallback)
            lines.append(
                "• " + _("{language}: they read {other}").format(language=name, other=other)
            )
        elif language in draft.missing:
            lines.append("• " + html.bold(_("{language}: missing").format(language=name)))
        buttons.append((name, Cast(what="text", id=callback_data.id, item=language)))
    lines.append(_("Which language do you want to write?"))
    keys.grid(buttons).row((_("Back"), Cast(what="show", id=callback_data.id)))
    await query.message.answer("\n".join(lines), reply_markup=keys.markup())


async def ask_text(
    query: CallbackQuery, callback_data: Cast, office: Office, state: FSMContext
) -> None:
    """Ask for the words of one language; another language may stand in for it."""
    message, language = query.message, callback_data.item
    if not isinstance(message, Message):
        return
    async with office.sessions.begin() as session:
        draft = await load_draft(session, callback_data.id, TELEGRAM)
    await state.set_state(WritingBroadcast.words)
    await state.set_data({"broadcast": callback_data.id, "language": language})
    keys = Keys()
    for other in _wanted_languages(draft):
        text = draft.texts.get(other)
        if language in (OFFICE_LANGUAGE, other) or text is None:
            continue
        if text.html is not None:
            label = _("No text. They read: {language}").format(language=language_name(other))
            item = f"{language}>{other}"
            keys.row((label, Cast(what="instead", id=callback_data.id, item=item)))
    keys.row((_("Back"), Cast(what="texts", id=callback_data.id)))
    now_written = draft.texts.get(language)
    if now_written is not None and now_written.html:
        await message.answer(now_written.html)
    name = language_name(language)
    asked = _("Write the text in this language: {language}.").format(language=name)
    if is_right_to_left(language):
        asked += " " + _("It is written from right to left.")
    asked += " " + _("Bold and italic words and links stay as you make them.")
    await message.answer(asked, reply_markup=keys.markup())


async def take_text(message: Message, office: Office, here: Chat, state: FSMContext) -> None:
    """Keep the words; an approval that was given before is void."""
    data = await state.get_data()
    number, language = int(data["broadcast"]), str(data["language"])
    if not message.text or message.text.startswith("/"):
        await message.answer(_("Please write the text in words."))
        return
    words = message.html_text
    if length_of(words) > TEXT_LIMIT:
        await message.answer(
            _("This is too long: at most {count} characters.").format(count=TEXT_LIMIT)
        )
        return
    await state.clear()
    async with office.sessions.begin() as session:
        before = (await find_broadcast(session, number)).state
        await write_text(session, number, language, words, office.now(), by=here)
    kept = _("The text is kept.")
    if before != "draft":
        kept += " " + _("A second person must read the announcement again.")
    await message.answer(kept)
    await show_draft(message, office, here, number)


async def use_instead(
    query: CallbackQuery, callback_data: Cast, office: Office, here: Chat, state: FSMContext
) -> None:
    """Let another language stand in."""
    reader, _separator, other = callback_data.item.partition(">")
    if not isinstance(query.message, Message) or reader == OFFICE_LANGUAGE or not other:
        return
    await state.clear()
    async with office.sessions.begin() as session:
        await let_stand_in(session, callback_data.id, reader, other, office.now(), by=here)
    await show_draft(query.message, office, here, callback_data.id)


async def see_audience(query: CallbackQuery, callback_data: Cast, office: Office) -> None:
    """Topics and towns; groups that are too small cannot be chosen."""
    if isinstance(query.message, Message):
        await _show_audience(query.message, office, callback_data.id)


async def _show_audience(message: Message, office: Office, number: int) -> None:
    async with office.sessions.begin() as session:
        draft = await load_draft(session, number, TELEGRAM)
        wanted = await count_by_topic(session, TELEGRAM)
        reach = await reach_by_town(session, TELEGRAM, draft.audience.topics)
    lines = [html.bold(_("For whom")), audience_words(draft.audience)]
    lines.append(_("People: {count}").format(count=figure(draft.total)))
    keys, small = Keys(), []
    keys.row((_("Everybody who gets messages"), Cast(what="all", id=number)))
    for topic in Topic:
        count = wanted.get(topic.value, 0)
        if count < SMALLEST and topic.value not in draft.audience.topics:
            small.append(topic_name(topic))
            continue
        keys.row(
            _choice(draft.audience.topics, topic.value, topic_name(topic), count, "topic", number)
        )
    if small:
        lines.append(
            _("Fewer than {count} people want these, so they cannot be chosen: {topics}.").format(
                count=SMALLEST, topics=", ".join(small)
            )
        )
    places = [
        _choice(draft.audience.towns, town, town, reach.get(town, 0), "town", number)
        for town in towns()
        if reach.get(town, 0) >= SMALLEST or town in draft.audience.towns
    ]
    keys.grid(places)
    keys.row((_("Back"), Cast(what="show", id=number)))
    await message.answer("\n".join(lines), reply_markup=keys.markup())


def _choice(
    chosen: tuple[str, ...], name: str, words: str, count: int, what: str, number: int
) -> tuple[str, Cast]:
    shown = _("{name} ({count})").format(name=words, count=figure(count))
    if name in chosen:
        shown = _("Chosen: {name}").format(name=shown)
    return shown, Cast(what=what, id=number, item=name[:40])


async def choose(query: CallbackQuery, callback_data: Cast, office: Office, here: Chat) -> None:
    """Choose a topic or a town, or take the choice back."""
    if not isinstance(query.message, Message):
        return
    async with office.sessions.begin() as session:
        broadcast = await find_broadcast(session, callback_data.id)
        audience = Audience.of(broadcast)
        topics, places = set(audience.topics), set(audience.towns)
        match callback_data.what:
            case "topic" if callback_data.item in set(Topic):
                topics ^= {callback_data.item}
            case "town" if callback_data.item in towns():
                places ^= {callback_data.item}
            case "all":
                topics, places = set(), set()
        await choose_audience(
            session, callback_data.id, sorted(topics), sorted(places), office.now(), by=here
        )
    await _show_audience(query.message, office, callback_data.id)


def register_writing(router: Router) -> None:
    """Texts and audience."""
    flags = {"action": Action.WRITE_BROADCAST}
    for what, handler in (
        ("texts", see_texts),
        ("text", ask_text),
        ("instead", use_instead),
        ("whom", see_audience),
        ("topic", choose),
        ("town", choose),
        ("all", choose),
    ):
        router.callback_query.register(handler, Cast.filter(F.what == what), flags=flags)
    router.message.register(take_text, StateFilter(WritingBroadcast.words), flags=flags)
