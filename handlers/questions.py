"""Any other text is a question: one clear answer, titles to choose from, or an honest "no"."""

from collections.abc import Sequence

from aiogram import Bot, Router, html
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.answering.emergency import known as known_dangers
from bot.answering.languages import UNKNOWN
from bot.answering.offering import answers_alone
from bot.answering.understanding import Understanding
from bot.channels import Channel
from bot.feedback import count_feedback
from bot.knowledge import Article, Topic
from bot.models import Chat, Resident
from bot.office import Office
from bot.places import only_a_place
from bot.reports.telling import Before
from bot.switches import Module, switched_off
from bot.texts import OFFICE_LANGUAGE, _, language_name, native_name, speaking, speaks
from handlers.buttons import (
    Events,
    Find,
    Go,
    Hear,
    Judged,
    Keys,
    LanguageChosen,
    NoneOfThese,
    PlaceChosen,
    ShowTopic,
    without,
)
from handlers.cards import article_card, contact_card
from handlers.conversations import HasWords
from handlers.dialogue import Room
from handlers.directory import answer_directory
from handlers.events import answer_events, asks_for_events
from handlers.interpreting.door import answers_wish
from handlers.menu import menu_keys, show_menu
from handlers.middleware import Hearing, Toast
from handlers.notices import switched_off_notice, ways_to_reach
from handlers.places import Living
from handlers.reports.door import show_door, take_more
from handlers.smalltalk import small_answer
from handlers.topics import title_of

MOST_CHOICES = 3
ALREADY_TOLD = 6  # words from which a message is more than "I want to report"
WORTH_OFFERING = 0.05  # chance from which another topic stands under a clear answer
_MODULE_OF = {
    "answer": Module.ANSWERS,
    "directory": Module.DIRECTORY,
    "interpreter": Module.INTERPRETERS,
}
_MODULE_OF_TOPIC = {
    "interpreter-pool": Module.INTERPRETERS,
    "racism-help": Module.REPORTS,
    "events": Module.EVENTS,
}


_LEADS_TO_INTERPRETERS = frozenset({"interpreter-pool", "interpreting-at-the-doctor"})


async def ask(
    message: Message,
    office: Office,
    here: Chat,
    channel: Channel,
    hearing: Hearing,
    language: str,
    resident: Resident | None,
    state: FSMContext,
    raw_state: str | None,
    bot: Bot,
) -> None:
    """Answer a message in its own language if we speak it, else in the resident's.

    Whoever asks something instead of naming a town is not asked for the town any longer.
    """
    if raw_state == Living.naming.state:
        await state.clear()
    understanding = await hearing.understanding()
    spoken = understanding.language if speaks(understanding.language) else language
    with speaking(spoken):
        room = Room(office, here, channel, spoken, bot)
        if understanding.kind == "interpreter" and await answers_wish(
            message, room, state, resident, hearing.text
        ):
            return
        if about_events(understanding, hearing.text):
            await answer_events(message, office, here, channel, spoken, resident, hearing.text)
            return
        await answer(
            message, office, here, channel, hearing, understanding, resident, spoken, language
        )


async def offer_report(
    message: Message, office: Office, here: Chat, channel: Channel, hearing: Hearing, language: str
) -> None:
    """Somebody wants to report, or tells already: their words are held in memory until they decide.

    Nothing of them is kept anywhere else.
    """
    if office.door.stands(here, office.now()):
        await take_more(message, office, here, channel, language, hearing.text)
        return
    text = hearing.text if len(hearing.text.split()) >= ALREADY_TOLD else ""
    office.door.hold(here, Before(text, message.message_id, language, office.now()))
    await show_door(message, office, here, channel, language)


def about_events(understanding: Understanding, text: str) -> bool:
    """Whether somebody wants to know what is on, or to get messages about it."""
    if understanding.kind in ("none", "smalltalk"):
        return asks_for_events(text)
    hits = understanding.hits
    by_topic = understanding.kind == "answer" and understanding.sure and bool(hits)
    return understanding.kind == "event" or (by_topic and hits[0].topic_id == "events")


async def answer(
    message: Message,
    office: Office,
    here: Chat,
    channel: Channel,
    hearing: Hearing,
    understanding: Understanding,
    resident: Resident | None,
    spoken: str,
    chosen: str,
) -> None:
    """Say what the office says to this wish."""
    kind = understanding.kind
    if kind == "smalltalk":
        await message.answer(
            small_answer(office, understanding.smalltalk),
            reply_markup=Keys()
            .row((_("All topics"), Go(screen="books")), (_("Menu"), Go(screen="menu")))
            .markup(),
        )
        return
    place = only_a_place(hearing.text)
    if place is not None:
        await offer_place(message, office, place.municipality)
        return
    if kind == "none" and office.door.stands(here, office.now()):
        # At the open door: perhaps the beginning of a report. Nothing of it is counted.
        await offer_report(message, office, here, channel, hearing, understanding.language)
        return
    if kind == "none":
        await say_no(message, office, here, hearing, understanding, spoken)
        return
    if kind == "report":
        await offer_report(message, office, here, channel, hearing, understanding.language)
        return
    home = resident.municipality if resident else None
    topics = [office.knowledge.topics[hit.topic_id] for hit in understanding.hits]
    module = _MODULE_OF[kind]
    async with office.sessions.begin() as session:
        off = await switched_off(session)
    if module in off:
        notice = switched_off_notice(office, off[module], topics[0] if topics else None, home)
        await message.answer(notice, reply_markup=menu_keys())
        return
    if kind == "directory":
        await answer_directory(message, office, understanding.slots, home)
        return
    foreign = not speaks(understanding.language) and understanding.language != chosen
    if topics and foreign:
        await offer(message, topics[:MOST_CHOICES], spoken, chosen, foreign_words(understanding))
        return
    if understanding.sure and topics and answers_alone(spoken):
        others = [
            office.knowledge.topics[hit.topic_id]
            for hit in understanding.hits[1:MOST_CHOICES]
            if hit.score >= WORTH_OFFERING
        ]
        await show_article(message, office, topics[0], spoken, home, chosen=chosen, others=others)
        return
    await offer(message, topics[:MOST_CHOICES], spoken, chosen)


async def show_article(
    message: Message,
    office: Office,
    topic: Topic,
    language: str,
    place: str | None,
    *,
    chosen: str,
    others: Sequence[Topic] = (),
) -> None:
    """An article with its contacts, "was this helpful?", and where to go from here."""
    article = topic.article(language)
    if article is None:
        return
    note = ""
    german = topic.articles.get(OFFICE_LANGUAGE)
    stale = german is not None and article.translated_from != german.content_hash
    with speaking(language):
        if article.language != language:
            note = _("I have this text only in German.")
        elif article is not german and stale:
            note = _("The German text is newer than this translation. Please compare them.")
        elif article.translation == "machine" and language != OFFICE_LANGUAGE:
            note = _("This translation was made by a machine. No person has checked it yet.")
    with speaking(article.language):
        await message.answer(
            article_card(office.knowledge, article, place, note=note),
            reply_markup=article_keys(office, article, chosen, others, place is None),
        )


def article_keys(
    office: Office, article: Article, chosen: str, others: Sequence[Topic], ask_place: bool
) -> InlineKeyboardMarkup:
    """The buttons under an article."""
    language, topic_id = article.language, article.topic_id
    keys = Keys().row(
        (_("This helps"), Judged(topic_id=topic_id, language=language, helpful=True)),
        (_("This does not help"), Judged(topic_id=topic_id, language=language, helpful=False)),
    )
    shown = {topic_id}
    related = [office.knowledge.topics[name] for name in office.knowledge.topics[topic_id].related]
    for topic in [*others, *related][:MOST_CHOICES]:
        title = title_of(topic, language)
        if topic.id not in shown and title:
            keys.row((title, in_language(topic.id, language, chosen)))
            shown.add(topic.id)
    if ask_place and office.knowledge.needs_place(topic_id):
        keys.row((_("My town"), Go(screen="place")))
    if topic_id in _LEADS_TO_INTERPRETERS:
        keys.row((_("Interpreter: card, request, join"), Go(screen="interpreter")))
    if topic_id == "racism-help":
        keys.row((_("Report racism"), Go(screen="report")))
    if topic_id == "doctor-search":
        keys.row((_("Find a doctor"), Find()))
    if topic_id == "events":
        keys.row((_("What is on"), Events()), (_("Get messages"), Hear()))
    if language != OFFICE_LANGUAGE:
        keys.row((_("Show in German"), ShowTopic(topic_id=topic_id, language=OFFICE_LANGUAGE)))
    if language != chosen and speaks(language):
        keys.row(
            (
                _("Go on in {language}").format(language=native_name(language)),
                LanguageChosen(code=language),
            )
        )
    keys.row((_("Menu"), Go(screen="menu")), (_("Language"), Go(screen="language")))
    return keys.markup()


def in_language(topic_id: str, language: str, chosen: str) -> ShowTopic:
    """A button that goes on in the language of the message it stands below."""
    return ShowTopic(topic_id=topic_id, language="" if language == chosen else language)


async def offer(
    message: Message, topics: Sequence[Topic], language: str, chosen: str, first: str = ""
) -> None:
    """Up to three titles to choose from, and "none of these"; first, why there is a choice."""
    keys = Keys()
    for topic in topics:
        keys.row((title_of(topic, language), in_language(topic.id, language, chosen)))
    keys.row((_("None of these"), NoneOfThese()))
    if language != chosen:
        keys.row(
            (
                _("Go on in {language}").format(language=native_name(language)),
                LanguageChosen(code=language),
            )
        )
    question = _("I am not sure what you mean. Is it one of these?")
    await message.answer(
        "\n".join([*([first] if first else []), question]), reply_markup=keys.markup()
    )


def foreign_words(understanding: Understanding) -> str:
    """Which language it seems to be, and what the bot can do with it."""
    if understanding.language == UNKNOWN:
        return _("I do not know this language. I understand single words at best.")
    return _(
        "I think this is {language}. I do not speak it yet and understand only a part of it."
    ).format(language=language_name(understanding.language))


async def offer_place(message: Message, office: Office, name: str) -> None:
    """Show the town hall when only a town was written, and ask whether it is theirs."""
    index = list(office.knowledge.municipalities).index(name)
    town_hall = office.knowledge.contacts[office.knowledge.municipalities[name].town_hall]
    question = _("Do you live in {town}?").format(town=html.bold(html.quote(name)))
    await message.answer(
        f"{contact_card(town_hall)}\n\n{question}",
        reply_markup=Keys()
        .row((_("Yes, this is my town"), PlaceChosen(index=index)))
        .row((_("Menu"), Go(screen="menu")))
        .markup(),
    )


async def say_no(
    message: Message,
    office: Office,
    here: Chat,
    hearing: Hearing,
    understanding: Understanding,
    language: str,
) -> None:
    """An honest "I do not know", with people who do; the gap is counted without names."""
    async with office.sessions.begin() as session:
        await office.gaps.note(session, hearing.text, understanding.language, here, office.today())
    lines = [_("I am sorry, I do not know that.")]
    if not speaks(understanding.language) and understanding.language != language:
        lines.append(foreign_words(understanding))
    lines.append(_("Please ask in other words, or choose from the menu. Or ask the office:"))
    lines.append(ways_to_reach(office))
    await message.answer("\n\n".join(lines), reply_markup=menu_keys())


async def show_topic(
    query: CallbackQuery,
    callback_data: ShowTopic,
    office: Office,
    language: str,
    resident: Resident | None,
) -> None:
    """A title was pressed, or "Show in German"."""
    topic = office.knowledge.topics.get(callback_data.topic_id)
    if topic is None or not isinstance(query.message, Message):
        return
    place = resident.municipality if resident else None
    module = _MODULE_OF_TOPIC.get(topic.id, Module.ANSWERS)
    async with office.sessions.begin() as session:
        off = await switched_off(session)
    if module in off and not about_danger(topic):
        notice = switched_off_notice(office, off[module], topic, place)
        await query.message.answer(notice, reply_markup=menu_keys())
        return
    shown = callback_data.language if speaks(callback_data.language) else language
    await show_article(query.message, office, topic, shown, place, chosen=language)


def about_danger(topic: Topic) -> bool:
    """Whether a topic stands below an emergency card or in a chapter on emergencies."""
    return topic.chapter == "emergency" or any(
        topic.id in kind.topics for kind in known_dangers().kinds.values()
    )


async def judge(
    query: CallbackQuery, callback_data: Judged, office: Office, toast: Toast, language: str
) -> None:
    """Count whether an article helped; "no" leads on to more titles and to people.

    Goes on in the article's language: that is what the person reads.
    """
    topic = office.knowledge.topics.get(callback_data.topic_id)
    if topic is None or not isinstance(query.message, Message):
        return
    article = topic.article(callback_data.language)
    if article is None:
        return
    if query.message.reply_markup is not None:
        # The question disappears with the answer: one person counts once.
        rest = without(query.message.reply_markup, Judged)
        if rest is None:
            return
        await query.message.edit_reply_markup(reply_markup=rest)
    async with office.sessions.begin() as session:
        await count_feedback(
            session, topic.id, article.language, callback_data.helpful, office.today()
        )
    with speaking(article.language):
        if callback_data.helpful:
            toast.text = _("Thank you!")
            return
        keys = Keys()
        for name in topic.related[:MOST_CHOICES]:
            title = title_of(office.knowledge.topics[name], article.language)
            keys.row((title, in_language(name, article.language, language)))
        keys.row((_("None of these"), NoneOfThese()), (_("Menu"), Go(screen="menu")))
        await query.message.answer(
            _("I am sorry. Perhaps one of these? You can also ask in other words."),
            reply_markup=keys.markup(),
        )


async def none_of_these(query: CallbackQuery, office: Office) -> None:
    """None of the titles was right: people help."""
    if isinstance(query.message, Message):
        await query.message.answer(
            "\n\n".join([_("Then please ask the office:"), ways_to_reach(office)]),
            reply_markup=menu_keys(),
        )


async def lost(query: CallbackQuery) -> None:
    """A button that means nothing any more, or was never ours: the menu."""
    if isinstance(query.message, Message):
        await show_menu(query.message)


def build_questions_router() -> Router:
    """The last door: every other text, and every button that leads to an article."""
    router = Router(name="questions")
    router.callback_query.register(show_topic, ShowTopic.filter())
    router.callback_query.register(judge, Judged.filter())
    router.callback_query.register(none_of_these, NoneOfThese.filter())
    router.callback_query.register(lost)
    router.message.register(ask, HasWords())
    router.edited_message.register(ask, HasWords())
    return router
